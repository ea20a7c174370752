#include "engineio/detail/heap_trim.hpp"

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include "engineio/detail/block_memory.hpp"

namespace engineio::detail {

void HeapTrim::trim(std::size_t left) noexcept {
  peak_ = left;
  release_kept_blocks();
#if defined(__GLIBC__)
  ::malloc_trim(0);
#endif
  free_ = free_bytes();
}

std::size_t HeapTrim::free_bytes() noexcept {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
  return ::mallinfo2().fordblks;
#else
  return 0;
#endif
}

}  // namespace engineio::detail
