#pragma once

#include <cstddef>
#include <memory>

namespace engineio::detail {

/// Memory of one block.
struct BlockMemory {
  void* bytes = nullptr;
  std::size_t capacity = 0;  ///< what was asked for, rounded up; of a large one up to twice as much
};

/// `bytes` rounded up to what a block of that size has.
constexpr std::size_t block_capacity(std::size_t bytes) noexcept {
  constexpr std::size_t granularity = 64;
  return (bytes + granularity - 1) / granularity * granularity;
}

inline constexpr std::size_t largest_small_block = 2'048;

/// Memory for at least `bytes`. Small sizes, and those from 64 KB on, come from what the calling
/// thread has given back before: every message needs a block for as long as it takes to send it,
/// and a server with many of them on the way would ask the heap for each. Throws std::bad_alloc.
BlockMemory allocate_block(std::size_t bytes);
/// Gives memory back, on whichever thread. A thread keeps some 256 KB of small blocks and 4 MB of
/// large ones at most.
void free_block(BlockMemory memory) noexcept;
/// Gives what the calling thread keeps back to the heap.
void release_kept_blocks() noexcept;

/// The memory of small blocks for a container that lives as long as a turn or two.
template <class T>
struct BlockAllocator {
  using value_type = T;

  BlockAllocator() = default;
  template <class U>
  BlockAllocator(const BlockAllocator<U>&) noexcept {}

  T* allocate(std::size_t count) {
    if (!is_small(count)) return std::allocator<T>().allocate(count);
    return static_cast<T*>(allocate_block(count * sizeof(T)).bytes);
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    if (!is_small(count)) return std::allocator<T>().deallocate(memory, count);
    free_block({memory, block_capacity(count * sizeof(T))});
  }
  static constexpr bool is_small(std::size_t count) noexcept {
    return count <= largest_small_block / sizeof(T);
  }
  bool operator==(const BlockAllocator&) const noexcept = default;
};

}  // namespace engineio::detail
