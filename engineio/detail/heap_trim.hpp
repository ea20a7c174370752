#pragma once

#include <algorithm>
#include <cstddef>

#include "engineio/deadline_queue.hpp"

namespace engineio::detail {

/// Gives memory back to the system after many sessions of a loop have ended, or a few that had
/// much.
///
/// What sessions leave behind is free memory between what others still use, which the allocator
/// keeps for ever: a server would stay as large as on its busiest day. It is worth the time once a
/// thousand sessions fewer are left than there were, and half of them at most; or once 32 MB more
/// are free than after the last time. Where as many come as go nothing ever happens.
class HeapTrim {
 public:
  void session_opened(std::size_t sessions) noexcept { peak_ = std::max(peak_, sessions); }
  /// When to look, after a session has ended at `now` and so many are left: others may be ending at
  /// this moment, and a look at the heap takes up to some milliseconds.
  TimePoint next_look(std::size_t left, TimePoint now) const noexcept;
  /// True when it is worth the time, with so many bytes free.
  bool due(std::size_t left, std::size_t free_bytes) const noexcept {
    return many_have_ended(left) || free_bytes >= free_ + worth_it_bytes;
  }
  /// Looks: the same as due(), and rests then.
  bool look(std::size_t left, std::size_t free_bytes, TimePoint now) noexcept;
  void trim(std::size_t left) noexcept;
  /// Bytes that the allocator keeps; 0 where nobody can tell.
  static std::size_t free_bytes() noexcept;

 private:
  bool many_have_ended(std::size_t left) const noexcept {
    return peak_ >= left + worth_it && left <= peak_ / 2;
  }

  static constexpr std::size_t worth_it = 1'000;
  static constexpr std::size_t worth_it_bytes = 32'000'000;
  std::size_t peak_ = 0;   // sessions since the last time
  std::size_t free_ = 0;   // bytes after the last time, of which the pages are with the system
  TimePoint rests_until_;  // no look before, unless many have ended
};

}  // namespace engineio::detail
