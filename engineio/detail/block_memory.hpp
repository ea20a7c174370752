#pragma once

#include <cstddef>

namespace engineio::detail {

/// Memory of one block.
struct BlockMemory {
  void* bytes = nullptr;
  std::size_t capacity = 0;  ///< what was asked for, rounded up
};

/// `bytes` rounded up to what a block of that size has.
constexpr std::size_t block_capacity(std::size_t bytes) noexcept {
  constexpr std::size_t granularity = 64;
  return (bytes + granularity - 1) / granularity * granularity;
}

/// Memory for at least `bytes`. Small sizes come from what the calling thread has given back
/// before: every message needs a block for as long as it takes to send it, and a server with many
/// of them on the way would ask the heap for each. Throws std::bad_alloc.
BlockMemory allocate_block(std::size_t bytes);
/// Gives memory back, on whichever thread. A thread keeps some 256 KB at most.
void free_block(BlockMemory memory) noexcept;
/// Gives what the calling thread keeps back to the heap.
void release_kept_blocks() noexcept;

/// The same memory for a container that lives as long as a turn or two.
template <class T>
struct BlockAllocator {
  using value_type = T;

  BlockAllocator() = default;
  template <class U>
  BlockAllocator(const BlockAllocator<U>&) noexcept {}

  T* allocate(std::size_t count) {
    return static_cast<T*>(allocate_block(count * sizeof(T)).bytes);
  }
  void deallocate(T* memory, std::size_t count) noexcept {
    free_block({memory, block_capacity(count * sizeof(T))});
  }
  bool operator==(const BlockAllocator&) const noexcept = default;
};

}  // namespace engineio::detail
