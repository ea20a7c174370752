#include "engineio/detail/block_memory.hpp"

#include <array>
#include <cstdlib>
#include <new>
#include <utility>

#include "engineio/detail/sanitizers.hpp"

namespace engineio::detail {
namespace {

// Under a sanitizer every block comes from the heap, or it could not see that one is used too late.
constexpr bool keeps = !any_sanitizer;
constexpr std::size_t granularity = block_capacity(1);
constexpr std::size_t small_kept_per_thread = 256 * 1024;
// The pages of large ones would go back to the system, which clears them before it gives them out
// again: that costs more than a message's bytes. Sizes in between are the heap's, which is good at
// them.
constexpr std::size_t smallest_large = 64 * 1024;
constexpr std::size_t large_kept_per_thread = 4 * 1024 * 1024;

struct FreeBlock {
  FreeBlock* next;
  std::size_t capacity;
};

// What a thread keeps: small blocks by size, large ones as they came. Has no destructor: blocks may
// be freed later than anything that has one.
struct KeptBlocks {
  std::array<FreeBlock*, largest_small_block / granularity + 1> small;
  std::size_t small_bytes;
  FreeBlock* large;
  std::size_t large_bytes;
  bool ended;  // the thread ends: nothing more is kept
};
constinit thread_local KeptBlocks kept{};

void release(FreeBlock*& list) noexcept {
  while (list) std::free(std::exchange(list, list->next));
}

// Frees what the thread has kept when it ends.
struct AtThreadExit {
  bool armed = false;
  ~AtThreadExit() {
    kept.ended = true;
    release_kept_blocks();
  }
};
thread_local AtThreadExit at_thread_exit;

BlockMemory take_small(std::size_t capacity) noexcept {
  FreeBlock*& list = kept.small[capacity / granularity];
  if (!list) return {};
  kept.small_bytes -= capacity;
  return {std::exchange(list, list->next), capacity};
}

bool keep_small(BlockMemory memory) noexcept {
  if (kept.small_bytes + memory.capacity > small_kept_per_thread) return false;
  FreeBlock*& list = kept.small[memory.capacity / granularity];
  list = new (memory.bytes) FreeBlock{list, memory.capacity};
  kept.small_bytes += memory.capacity;
  return true;
}

// One that fits: at most half of it would lie idle.
BlockMemory take_large(std::size_t capacity) noexcept {
  for (FreeBlock** link = &kept.large; *link; link = &(*link)->next) {
    FreeBlock* const block = *link;
    if (block->capacity < capacity || block->capacity / 2 > capacity) continue;
    *link = block->next;
    kept.large_bytes -= block->capacity;
    return {block, block->capacity};
  }
  return {};
}

// What was kept before gives way: it was of no use for a while.
bool keep_large(BlockMemory memory) noexcept {
  if (memory.capacity > large_kept_per_thread) return false;
  if (kept.large_bytes + memory.capacity > large_kept_per_thread) {
    release(kept.large);
    kept.large_bytes = 0;
  }
  kept.large = new (memory.bytes) FreeBlock{kept.large, memory.capacity};
  kept.large_bytes += memory.capacity;
  return true;
}

}  // namespace

BlockMemory allocate_block(std::size_t bytes) {
  const std::size_t capacity = block_capacity(bytes);
  BlockMemory memory;
  if (capacity <= largest_small_block) {
    memory = take_small(capacity);
  } else if (capacity >= smallest_large) {
    memory = take_large(capacity);
  }
  if (!memory.bytes) memory = {std::malloc(capacity), capacity};
  if (!memory.bytes) throw std::bad_alloc();
  return memory;
}

void free_block(BlockMemory memory) noexcept {
  const bool is_kept = keeps && !kept.ended &&
                       (memory.capacity <= largest_small_block ? keep_small(memory)
                        : memory.capacity >= smallest_large    ? keep_large(memory)
                                                               : false);
  if (!is_kept) return std::free(memory.bytes);
  const bool first = kept.small_bytes + kept.large_bytes == memory.capacity;
  if (first) at_thread_exit.armed = true;  // makes it exist on this thread
}

void release_kept_blocks() noexcept {
  for (FreeBlock*& list : kept.small) release(list);
  release(kept.large);
  kept.small_bytes = kept.large_bytes = 0;
}

}  // namespace engineio::detail
