#include "examples/comment_server/presence.hpp"

#include <utility>

namespace comment_server {

Presence::Presence(std::chrono::milliseconds pause, Tell tell)
    : pause_(pause), tell_(std::move(tell)) {
  thread_ = std::thread([this] { run(); });
}

Presence::~Presence() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Presence::arrive(const Place& place) {
  const std::lock_guard lock(mutex_);
  ++people_[place];
  stale_.insert(place);
  changed_.notify_one();
}

void Presence::leave(const Place& place) {
  const std::lock_guard lock(mutex_);
  const auto found = people_.find(place);
  if (found == people_.end()) return;
  if (--found->second == 0) {
    people_.erase(found);
    stale_.erase(place);  // there is nobody to tell
    return;
  }
  stale_.insert(place);
  changed_.notify_one();
}

std::size_t Presence::people(const Place& place) const {
  const std::lock_guard lock(mutex_);
  const auto found = people_.find(place);
  return found == people_.end() ? 0 : found->second;
}

void Presence::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !stale_.empty(); });
    if (ending_) return;
    const auto places = std::exchange(stale_, {});
    std::unordered_map<Place, std::size_t, Hash> numbers;
    for (const Place& place : places) numbers[place] = people_.contains(place) ? people_[place] : 0;
    lock.unlock();
    for (const auto& [place, people] : numbers) tell_(place, people);
    lock.lock();
    changed_.wait_for(lock, pause_, [this] { return ending_; });
  }
}

std::size_t Presence::Hash::operator()(const Place& place) const noexcept {
  const std::hash<std::string> hash;
  return hash(place.room) * 31 + hash(place.name_space);
}

}  // namespace comment_server
