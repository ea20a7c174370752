#pragma once

#include <cstddef>

namespace engineio::detail {

/// Has the first bytes of an object fetched into the processor's cache while something else is
/// done, a system call at best. Of 10,000 clients each one's objects have left the cache when its
/// turn comes. Any pointer will do, null too: nothing is read. Without it everything works as with
/// it, only slower; so it is with all that is called fetch_ahead or PacketTrail.
inline void prefetch(const void* object, std::size_t bytes = 256) noexcept {
  constexpr std::size_t line = 64;
  for (std::size_t at = 0; at < bytes; at += line) {
    __builtin_prefetch(static_cast<const char*>(object) + at);
  }
}

}  // namespace engineio::detail
