#include "engineio/deadline_queue.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>

namespace engineio {
namespace {

// Options are fewer; time-outs of users can be as many as there are replies under way.
constexpr std::size_t exact_lanes = 32;
// So that a time may be added.
constexpr Duration longest = std::chrono::hours(24 * 365 * 100);

// Up to an eighth more: eight durations are left between each power of two and the next.
Duration rounded_up(Duration duration) noexcept {
  const auto count = static_cast<std::uint64_t>(duration.count());
  const std::uint64_t step = std::max<std::uint64_t>(std::bit_floor(count) / 8, 1);
  return Duration(static_cast<Duration::rep>((count + step - 1) / step * step));
}

}  // namespace

void DeadlineQueue::arm(Deadline& deadline, Duration after, TimePoint now) {
  deadline.unlink();
  // Not at once, or one that always arms itself again for now would keep expire() for ever.
  Lane& its = lane(std::clamp(after, Duration(1), longest));
  deadline.due_ = now + its.duration;
  its.deadlines.push_back(deadline);
}

std::optional<TimePoint> DeadlineQueue::next() const noexcept {
  std::optional<TimePoint> earliest;
  for (const Lane& lane : lanes_) {
    if (lane.deadlines.empty()) continue;
    const TimePoint due = lane.deadlines.front().due();
    if (!earliest || due < *earliest) earliest = due;
  }
  return earliest;
}

void DeadlineQueue::expire(TimePoint now) {
  for (Lane* lane = earliest(); lane && lane->deadlines.front().due_ <= now; lane = earliest()) {
    Deadline& deadline = lane->deadlines.front();
    deadline.unlink();
    deadline.expired();
  }
}

DeadlineQueue::Lane& DeadlineQueue::lane(Duration duration) {
  if (lanes_.size() > exact_lanes)
    lanes_.remove_if([](const Lane& lane) { return lane.deadlines.empty(); });
  Lane* unused = nullptr;
  for (Lane& lane : lanes_) {
    if (lane.duration == duration) return lane;
    if (lane.deadlines.empty()) unused = &lane;
  }
  if (!unused && lanes_.size() >= exact_lanes) {
    if (const Duration shared = rounded_up(duration); shared != duration) return lane(shared);
  }
  if (!unused) unused = &lanes_.emplace_back();
  unused->duration = duration;
  return *unused;
}

DeadlineQueue::Lane* DeadlineQueue::earliest() noexcept {
  Lane* first = nullptr;
  for (Lane& lane : lanes_) {
    if (lane.deadlines.empty()) continue;
    if (!first || lane.deadlines.front().due_ < first->deadlines.front().due_) first = &lane;
  }
  return first;
}

}  // namespace engineio
