#pragma once

#include <malloc.h>

#include <cstddef>

#include "engineio/detail/block_memory.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace engineio::transports {

/// What the program has from the heap, but for what this thread keeps for later.
inline std::size_t allocated_bytes() {
  engineio::detail::release_kept_blocks();
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return __sanitizer_get_current_allocated_bytes();
#else
  return mallinfo2().uordblks + mallinfo2().hblkhd;
#endif
}

}  // namespace engineio::transports
