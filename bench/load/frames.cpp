#include "bench/load/frames.hpp"

#include <algorithm>
#include <cstdint>

namespace bench {
namespace {

struct Header {
  std::size_t bytes;    // of the header itself
  std::size_t payload;  // that follow
};

std::size_t header_bytes(std::string_view start) {
  const auto length = static_cast<unsigned char>(start[1]);
  return length == 126 ? 4 : length == 127 ? 10 : 2;
}

/// Of a server's frame, so without a mask. None: more bytes are needed.
std::optional<Header> read_header(std::string_view input) {
  if (input.size() < 2) return std::nullopt;
  const std::size_t bytes = header_bytes(input);
  if (input.size() < bytes) return std::nullopt;
  if (bytes == 2) return Header{bytes, static_cast<unsigned char>(input[1])};
  std::size_t size = 0;
  for (std::size_t i = 2; i < bytes; ++i) size = size << 8 | static_cast<unsigned char>(input[i]);
  return Header{bytes, size};
}

Opcode opcode(std::string_view frame) { return static_cast<Opcode>(frame[0] & 0x0f); }

}  // namespace

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
  const std::size_t size = payload.size();
  out += static_cast<char>(0x80 | static_cast<unsigned char>(opcode));
  if (size < 126) {
    out += static_cast<char>(0x80 | size);
  } else if (size <= 0xffff) {
    out += '\xfe';
    out += static_cast<char>(size >> 8);
    out += static_cast<char>(size);
  } else {
    out += '\xff';
    for (int shift = 56; shift >= 0; shift -= 8)
      out += static_cast<char>(std::uint64_t{size} >> shift);
  }
  out.append(4, '\0');
  out += payload;
}

std::optional<Frame> FrameReader::next(std::string_view& input) {
  if (used_) partial_.clear();
  used_ = false;
  if (partial_.empty()) {
    const auto header = read_header(input);
    if (header && input.size() - header->bytes >= header->payload) {
      const Frame frame{opcode(input), input.substr(header->bytes, header->payload)};
      input.remove_prefix(header->bytes + header->payload);
      return frame;
    }
    if (input.empty()) return std::nullopt;
  }
  return resume(input);
}

// A frame in several pieces.
std::optional<Frame> FrameReader::resume(std::string_view& input) {
  if (!skipping_) {
    if (!fill(input, 2) || !fill(input, header_bytes(partial_))) return std::nullopt;
    const Header header = *read_header(partial_);
    const std::size_t wanted = std::min(header.payload, kept);
    if (!fill(input, header.bytes + wanted)) return std::nullopt;
    skip_ = header.payload - wanted;
    skipping_ = true;
  }
  const std::size_t skipped = std::min(skip_, input.size());
  input.remove_prefix(skipped);
  skip_ -= skipped;
  if (skip_ > 0) return std::nullopt;
  skipping_ = false;
  used_ = true;
  return Frame{opcode(partial_), std::string_view(partial_).substr(header_bytes(partial_))};
}

// Moves bytes until `partial_` has that many.
bool FrameReader::fill(std::string_view& input, std::size_t size) {
  if (partial_.size() < size) {
    const std::size_t moved = std::min(size - partial_.size(), input.size());
    partial_.append(input.substr(0, moved));
    input.remove_prefix(moved);
  }
  return partial_.size() >= size;
}

}  // namespace bench
