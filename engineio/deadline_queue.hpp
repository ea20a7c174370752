#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>

#include <boost/intrusive/list.hpp>

namespace engineio {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Duration = Clock::duration;

/// Something that must happen at a time unless it is cancelled first: the base of heartbeats,
/// handshake limits and reply timers. It lives inside its owner; destroying it cancels it. Used on
/// one loop's thread only.
class Deadline : public boost::intrusive::list_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Deadline() = default;
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  virtual ~Deadline() = default;

  bool armed() const noexcept { return is_linked(); }
  void cancel() noexcept { unlink(); }
  /// When it is due. Meaningful while armed.
  TimePoint due() const noexcept { return due_; }

 protected:
  /// Called once by DeadlineQueue::expire, after the deadline was disarmed; it may be armed again,
  /// or destroyed, inside.
  virtual void expired() = 0;

 private:
  friend class DeadlineQueue;
  TimePoint due_{};
};

/// A Deadline that calls a member function of its owner.
template <class Owner, void (Owner::*function)()>
class MemberDeadline final : public Deadline {
 public:
  explicit MemberDeadline(Owner& owner) noexcept : owner_(owner) {}

 private:
  void expired() override { (owner_.*function)(); }
  Owner& owner_;
};

/// All deadlines of one loop. Deadlines of one duration are due in the order in which they were
/// armed, so each duration is a first-in-first-out list: arming and cancelling cost O(1) whatever
/// the number of clients, and no client has a timer. Finding the next one costs O(distinct
/// durations), which are options and few; once they are more, further ones are rounded up by an
/// eighth at most.
///
/// Has no clock of its own: the time is an argument everywhere, so tests need no waiting.
class DeadlineQueue {
 public:
  /// Arms `deadline` for `now + after`, but not for `now` itself, and for a hundred years at most;
  /// an armed one is moved. `now` never goes backwards between calls.
  void arm(Deadline& deadline, Duration after, TimePoint now);

  /// When the earliest deadline is due; empty when none is armed.
  std::optional<TimePoint> next() const noexcept;

  /// Fires what is due at `now`, earliest first. What is armed meanwhile waits for the next time.
  void expire(TimePoint now);

  /// How many durations it tells apart now.
  std::size_t lanes() const noexcept { return lanes_.size(); }

 private:
  using List = boost::intrusive::list<Deadline, boost::intrusive::constant_time_size<false>>;
  struct Lane {
    Duration duration;
    List deadlines;
  };
  Lane& lane(Duration duration);
  Lane* earliest() noexcept;

  std::list<Lane> lanes_;  // nodes stay in place while they hold deadlines
};

}  // namespace engineio
