#include "engineio/deadline_queue.hpp"

#include <algorithm>

namespace engineio {

void DeadlineQueue::arm(Deadline& deadline, Duration after, TimePoint now) {
  deadline.unlink();
  // Not at once, or one that always arms itself again for now would keep expire() for ever.
  deadline.due_ = now + std::max(after, Duration(1));
  lane(after).deadlines.push_back(deadline);
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
  Lane* unused = nullptr;
  for (Lane& lane : lanes_) {
    if (lane.duration == duration) return lane;
    if (lane.deadlines.empty()) unused = &lane;
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
