#pragma once

#include <cstddef>

namespace engineio::detail {

/// Memory of one block.
struct BlockMemory {
  void* bytes = nullptr;
  std::size_t capacity = 0;  ///< what was asked for, rounded up
};

/// Memory for at least `bytes`. Small sizes come from what the calling thread has given back
/// before: every message needs a block for as long as it takes to send it, and a server with many
/// of them on the way would ask the heap for each. Throws std::bad_alloc.
BlockMemory allocate_block(std::size_t bytes);
/// Gives memory back, on whichever thread. A thread keeps some 256 KB at most.
void free_block(BlockMemory memory) noexcept;

}  // namespace engineio::detail
