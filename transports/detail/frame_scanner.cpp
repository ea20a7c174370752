#include "transports/detail/frame_scanner.hpp"

#include <algorithm>
#include <cstring>

namespace engineio::transports::detail {
namespace {

std::size_t length_field_size(char second_byte) noexcept {
  switch (second_byte & 0x7f) {
    case 126: return 2;
    case 127: return 8;
    default: return 0;
  }
}

/// How long a header with these first two bytes is.
std::size_t header_size(char second_byte) noexcept {
  return 2 + length_field_size(second_byte) + ((second_byte & 0x80) != 0 ? 4 : 0);
}

/// Requires: all header_size() bytes are there.
FrameHeader parse(const char* bytes) noexcept {
  FrameHeader header;
  header.first_byte = static_cast<std::uint8_t>(bytes[0]);
  header.masked = (bytes[1] & 0x80) != 0;
  header.size = static_cast<std::uint8_t>(header_size(bytes[1]));
  const std::size_t field = length_field_size(bytes[1]);
  header.payload_bytes = static_cast<std::uint8_t>(bytes[1] & 0x7f);
  if (field > 0) {
    header.payload_bytes = 0;
    for (std::size_t i = 0; i < field; ++i) {
      header.payload_bytes = header.payload_bytes << 8 | static_cast<std::uint8_t>(bytes[2 + i]);
    }
    header.shortest = header.payload_bytes >= (field == 2 ? 126U : 65536U);
  }
  if (header.masked) std::memcpy(header.mask.data(), bytes + 2 + field, header.mask.size());
  return header;
}

}  // namespace

FrameScanner::Step FrameScanner::scan(std::span<const char> bytes) noexcept {
  if (at_message_boundary()) ++message_number_;
  Step step;
  if (payload_left_ == 0) {
    step.header_ended = take_header(bytes, step.bytes);
    if (!step.header_ended) return step;
    step.fault = account();
    if (step.fault != Fault::none) return step;
    payload_left_ = frame_.payload_bytes;
  }
  step.payload_bytes =
      static_cast<std::size_t>(std::min<std::uint64_t>(payload_left_, bytes.size() - step.bytes));
  step.bytes += step.payload_bytes;
  payload_left_ -= step.payload_bytes;
  step.frame_ended = payload_left_ == 0;
  return step;
}

/// Sets frame_ once the header is complete; `used` counts the bytes that belong to it.
bool FrameScanner::take_header(std::span<const char> bytes, std::size_t& used) noexcept {
  if (header_size_ == 0 && bytes.size() >= 2 && bytes.size() >= header_size(bytes[1])) {
    enter_frame(bytes.data());
    used = frame_.size;
    return true;
  }
  while (used < bytes.size()) {
    header_[header_size_++] = bytes[used++];
    if (header_size_ >= 2 && header_size_ == header_size(header_[1])) {
      header_size_ = 0;
      enter_frame(header_.data());
      return true;
    }
  }
  return false;
}

void FrameScanner::enter_frame(const char* header) noexcept {
  frame_ = parse(header);
  frame_is_message_ = !message_open_ && frame_.is_plain_message();
  if (!frame_is_message_) std::memmove(header_.data(), header, frame_.size);
}

FrameScanner::Fault FrameScanner::account() noexcept {
  if (frame_.payload_bytes >> 63 != 0) return Fault::bad_length;
  if (frame_.opcode() > FrameHeader::binary)
    return Fault::none;  // control frames, and what the codec refuses
  if (frame_.opcode() != FrameHeader::continuation) message_bytes_ = fragments_ = 0;
  if (++fragments_ > max_fragments_) return Fault::too_many_fragments;
  if (frame_.payload_bytes > max_payload_ || message_bytes_ > max_payload_ - frame_.payload_bytes) {
    return Fault::too_big;
  }
  message_bytes_ += frame_.payload_bytes;
  message_open_ = !frame_.final();
  return Fault::none;
}

}  // namespace engineio::transports::detail
