#include "engineio/block.hpp"

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>

#include "engineio/detail/block_memory.hpp"

namespace engineio {
namespace {

constexpr std::size_t max_size = std::numeric_limits<std::uint32_t>::max() - 128;
constexpr std::size_t waste_worth_a_copy = 256;
// What grew for its bulk usually gets a bracket or two behind it.
constexpr std::size_t room_for_the_end = 16;

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

void Block::destroy(Rep* rep) noexcept {
  const detail::BlockMemory memory{rep, rep->capacity};
  rep->~Rep();
  detail::free_block(memory);
}

BlockBuilder::~BlockBuilder() { clear(); }

void BlockBuilder::clear() noexcept {
  if (rep_) Block::destroy(std::exchange(rep_, nullptr));
  capacity_ = 0;
}

Block BlockBuilder::finish(BlockKind kind) {
  if (!rep_) grow(0);
  // A block may wait in many queues: give slack back.
  if (capacity_ - rep_->size > std::max<std::size_t>(waste_worth_a_copy, rep_->size))
    move_to(rep_->size);
  rep_->kind = kind;
  rep_->header_size = write_frame_header(rep_->payload(), kind, rep_->size);
  capacity_ = 0;
  return Block(std::exchange(rep_, nullptr));
}

void BlockBuilder::grow(std::size_t more) {
  const std::size_t used = size();
  if (more > max_size - used) throw std::length_error("engineio::BlockBuilder: block too large");
  const std::size_t doubled = std::min(max_size, std::max(initial_, 2 * capacity_));
  move_to(std::max(doubled, used + more + room_for_the_end));
}

void BlockBuilder::move_to(std::size_t capacity) {
  constexpr std::size_t before = sizeof(Block::Rep) + Block::max_frame_header;
  const detail::BlockMemory memory = detail::allocate_block(before + capacity);
  auto* const rep = new (memory.bytes) Block::Rep;
  rep->capacity = static_cast<std::uint32_t>(memory.capacity);
  if (rep_) {
    rep->size = rep_->size;
    std::memcpy(rep->payload(), rep_->payload(), rep_->size);
    Block::destroy(rep_);
  }
  rep_ = rep;
  capacity_ = memory.capacity - before;
}

}  // namespace engineio
