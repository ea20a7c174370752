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
}

}  // namespace engineio::detail
