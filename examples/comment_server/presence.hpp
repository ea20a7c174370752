#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "examples/comment_server/comment_store.hpp"

namespace comment_server {

/// How many people are in each place, told to them when it changes: at once after a quiet time, and
/// then at most once per `pause`, so that a crowd that comes in together does not get a message per
/// head and head.
///
/// Threads: arrive() and leave() from any; `tell` is called on a thread of its own, not after the
/// destructor.
class Presence {
 public:
  using Tell = std::function<void(const Place& place, std::size_t people)>;

  Presence(std::chrono::milliseconds pause, Tell tell);
  ~Presence();
  Presence(const Presence&) = delete;
  Presence& operator=(const Presence&) = delete;

  void arrive(const Place& place);
  /// Requires: an arrive() for each.
  void leave(const Place& place);
  std::size_t people(const Place& place) const;

 private:
  struct Hash {
    std::size_t operator()(const Place& place) const noexcept;
  };

  void run();

  const std::chrono::milliseconds pause_;
  const Tell tell_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<Place, std::size_t, Hash> people_;  // nobody: no entry
  std::unordered_set<Place, Hash> stale_;                // not told since their number changed
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace comment_server
