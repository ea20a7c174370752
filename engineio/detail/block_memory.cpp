#include "engineio/detail/block_memory.hpp"

#include <array>
#include <cstdlib>
#include <new>
#include <utility>

namespace engineio::detail {
namespace {

// Under a sanitizer every block comes from the heap, or it could not see that one is used too late.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t largest_kept = 0;
#else
constexpr std::size_t largest_kept = 2'048;
#endif
constexpr std::size_t granularity = block_capacity(1);
constexpr std::size_t kept_per_thread = 256 * 1024;

struct FreeBlock {
  FreeBlock* next;
};

// What a thread keeps, by size. Has no destructor: blocks may be freed later than anything that
// has one.
struct KeptBlocks {
  std::array<FreeBlock*, largest_kept / granularity + 1> lists;
  std::size_t bytes;
  bool ended;  // the thread ends: nothing more is kept
};
constinit thread_local KeptBlocks kept{};

// Frees what the thread has kept when it ends.
struct AtThreadExit {
  bool armed = false;
  ~AtThreadExit() {
    kept.ended = true;
    release_kept_blocks();
  }
};
thread_local AtThreadExit at_thread_exit;

}  // namespace

BlockMemory allocate_block(std::size_t bytes) {
  const std::size_t capacity = block_capacity(bytes);
  if (capacity <= largest_kept) {
    FreeBlock*& list = kept.lists[capacity / granularity];
    if (list) {
      kept.bytes -= capacity;
      return {std::exchange(list, list->next), capacity};
    }
  }
  void* const memory = std::malloc(capacity);
  if (!memory) throw std::bad_alloc();
  return {memory, capacity};
}

void free_block(BlockMemory memory) noexcept {
  const bool keep = memory.capacity <= largest_kept && !kept.ended &&
                    kept.bytes + memory.capacity <= kept_per_thread;
  if (!keep) return std::free(memory.bytes);
  if (kept.bytes == 0) at_thread_exit.armed = true;  // makes it exist on this thread
  FreeBlock*& list = kept.lists[memory.capacity / granularity];
  list = new (memory.bytes) FreeBlock{list};
  kept.bytes += memory.capacity;
}

void release_kept_blocks() noexcept {
  for (FreeBlock*& list : kept.lists) {
    while (list) std::free(std::exchange(list, list->next));
  }
  kept.bytes = 0;
}

}  // namespace engineio::detail
