#pragma once

#include <algorithm>
#include <cstddef>

namespace engineio::detail {

/// Gives memory back to the system after many sessions of a loop have ended.
///
/// What sessions leave behind is free memory between what others still use, which the allocator
/// keeps for ever: a server would stay as large as on its busiest day. It is worth the time once a
/// thousand sessions fewer are left than there were, and half of them at most; or once 32 MB more
/// are free than after the last time, as when few sessions had much to send or to receive. Where as
/// many come as go nothing ever happens.
class HeapTrim {
 public:
  void session_opened(std::size_t sessions) noexcept { peak_ = std::max(peak_, sessions); }
  /// True when it is worth the time. `free_bytes`: see there. The sessions may be ending at this
  /// moment: wait for a second.
  bool due(std::size_t left, std::size_t free_bytes) const noexcept {
    return (peak_ >= left + worth_it && left <= peak_ / 2) || free_bytes >= free_ + worth_it_bytes;
  }
  void trim(std::size_t left) noexcept;
  /// Bytes that the allocator keeps. Takes up to some milliseconds. 0 where nobody can tell.
  static std::size_t free_bytes() noexcept;

 private:
  static constexpr std::size_t worth_it = 1'000;
  static constexpr std::size_t worth_it_bytes = 32'000'000;
  std::size_t peak_ = 0;  // sessions since the last time
  std::size_t free_ = 0;  // bytes after the last time, of which the pages are with the system
};

}  // namespace engineio::detail
