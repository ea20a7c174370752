#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "engineio/block.hpp"
#include "engineio/detail/block_memory.hpp"

namespace engineio::transports {

/// Bytes that wait for the network, as references to shared blocks: nothing is copied on the way to
/// `writev`.
class Outbox {
 public:
  enum class Progress {
    emptied,  ///< everything is with the kernel
    blocked,  ///< the kernel takes no more for now
    failed,   ///< the connection is broken
  };

  /// Appends `bytes`, which `owner` keeps alive.
  void push(Block owner, std::string_view bytes);

  bool empty() const noexcept { return bytes_ == 0; }
  /// Bytes that wait.
  std::size_t bytes() const noexcept { return bytes_; }
  /// The next bytes to leave. Requires: not empty.
  std::string_view front() const noexcept { return front_.bytes; }
  /// Removes bytes that left.
  void consume(std::size_t count);
  void clear();

  /// Writes as much as the socket takes.
  Progress write_to(int socket);

 private:
  struct Piece {
    Block owner;
    std::string_view bytes;
  };

  void advance();

  Piece front_;  // mostly the only one
  // An idle connection keeps no memory here: it goes back once everything has left.
  std::vector<Piece, detail::BlockAllocator<Piece>> behind_;
  std::size_t next_ = 0;  // of behind_; what is before it has left
  std::size_t bytes_ = 0;
};

}  // namespace engineio::transports
