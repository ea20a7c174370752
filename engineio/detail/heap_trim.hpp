#pragma once

#include <algorithm>
#include <cstddef>

namespace engineio::detail {

/// Gives memory back to the system after many sessions of a loop have ended.
///
/// What sessions leave behind is free memory between what others still use, which the allocator
/// keeps for ever: a server would stay as large as on its busiest day. It is worth the time once a
/// thousand sessions fewer are left than there were, and half of them at most. Where as many come
/// as go nothing ever happens.
class HeapTrim {
 public:
  void session_opened(std::size_t sessions) noexcept { peak_ = std::max(peak_, sessions); }
  /// True when it is worth the time. The sessions may be ending at this moment: wait for a second.
  bool due(std::size_t left) const noexcept {
    return peak_ >= left + worth_it && left <= peak_ / 2;
  }
  void trim(std::size_t left) noexcept;

 private:
  static constexpr std::size_t worth_it = 1'000;
  std::size_t peak_ = 0;  // sessions since the last time
};

}  // namespace engineio::detail
