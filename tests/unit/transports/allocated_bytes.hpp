#pragma once

#include <malloc.h>

#include <cstddef>

#include "engineio/detail/block_memory.hpp"
#include "engineio/detail/sanitizers.hpp"

extern "C" std::size_t __sanitizer_get_current_allocated_bytes();  // where there is one

namespace engineio::transports {

/// What the program has from the heap, but for what this thread keeps for later.
inline std::size_t allocated_bytes() {
  engineio::detail::release_kept_blocks();
  if constexpr (engineio::detail::any_sanitizer) return __sanitizer_get_current_allocated_bytes();
  return mallinfo2().uordblks + mallinfo2().hblkhd;
}

}  // namespace engineio::transports
