#include "engineio/detail/heap_trim.hpp"

#include <chrono>

#if __has_include(<malloc.h>)
#include <malloc.h>
#endif

#include "engineio/detail/block_memory.hpp"

namespace engineio::detail {
namespace {

constexpr Duration until_others_have_ended = std::chrono::seconds(1);
constexpr Duration between_looks = std::chrono::seconds(10);

}  // namespace

TimePoint HeapTrim::next_look(std::size_t left, TimePoint now) const noexcept {
  const TimePoint soon = now + until_others_have_ended;
  return many_have_ended(left) ? soon : std::max(soon, rests_until_);
}

bool HeapTrim::look(std::size_t left, std::size_t free_bytes, TimePoint now) noexcept {
  rests_until_ = now + between_looks;
  return due(left, free_bytes);
}

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
