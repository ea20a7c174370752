#include "engineio/block.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>
#include <stdexcept>

namespace engineio {
namespace {

constexpr std::size_t max_size = std::numeric_limits<std::uint32_t>::max() - 64;
constexpr std::size_t waste_worth_a_copy = 256;

// RFC 6455 5.2: FIN and opcode, then the length in its shortest form. Returns the header's size.
std::uint8_t write_frame_header(char* end, BlockKind kind, std::uint32_t size) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(value & 0xffU); };
  const char opcode = kind == BlockKind::text ? byte(0x81) : byte(0x82);
  if (size < 126) {
    end[-2] = opcode;
    end[-1] = byte(size);
    return 2;
  }
  if (size <= 0xffff) {
    end[-4] = opcode;
    end[-3] = 126;
    end[-2] = byte(size >> 8);
    end[-1] = byte(size);
    return 4;
  }
  std::memset(end - 8, 0, 4);
  end[-10] = opcode;
  end[-9] = 127;
  for (int i = 1; i <= 4; ++i) end[-i] = byte(size >> (8 * (i - 1)));
  return 10;
}

}  // namespace

Block Block::copy_of(std::string_view bytes, BlockKind kind) {
  BlockBuilder builder(bytes.size());
  builder.append(bytes);
  return builder.finish(kind);
}

void Block::release() noexcept {
  if (!rep_ || rep_->refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  rep_->~Rep();
  std::free(rep_);
}

BlockBuilder::~BlockBuilder() {
  if (!rep_) return;
  rep_->~Rep();
  std::free(rep_);
}

Block BlockBuilder::finish(BlockKind kind) {
  if (!rep_) grow(0);
  if (capacity_ - rep_->size > std::max<std::size_t>(waste_worth_a_copy, rep_->size)) {
    // A block may wait in many queues: give slack back.
    if (void* smaller =
            std::realloc(rep_, sizeof(Block::Rep) + Block::max_frame_header + rep_->size)) {
      rep_ = static_cast<Block::Rep*>(smaller);
    }
  }
  rep_->kind = kind;
  rep_->header_size = write_frame_header(rep_->payload(), kind, rep_->size);
  capacity_ = 0;
  return Block(std::exchange(rep_, nullptr));
}

void BlockBuilder::grow(std::size_t more) {
  const std::size_t used = size();
  if (more > max_size - used) throw std::length_error("engineio::BlockBuilder: block too large");
  const std::size_t doubled = std::min(max_size, std::max(initial_, 2 * capacity_));
  const std::size_t capacity = std::max(doubled, used + more);
  void* memory = std::realloc(rep_, sizeof(Block::Rep) + Block::max_frame_header + capacity);
  if (!memory) throw std::bad_alloc();
  rep_ = rep_ ? static_cast<Block::Rep*>(memory) : new (memory) Block::Rep;
  capacity_ = capacity;
}

}  // namespace engineio
