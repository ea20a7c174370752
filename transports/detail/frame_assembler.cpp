#include "transports/detail/frame_assembler.hpp"

#include "engineio/detail/utf8.hpp"

namespace engineio::transports::detail {
void FrameAssembler::begin(const FrameHeader& header) noexcept {
  kind_ = header.opcode() == FrameHeader::text ? BlockKind::text : BlockKind::binary;
  mask_ = header.mask;
  announced_ = static_cast<std::size_t>(header.payload_bytes);
  checked_ = 0;
}

bool FrameAssembler::append(std::span<const char> payload) {
  make_room(payload.size());
  unmask(payload, mask_, message_.extend(payload.size()));
  mask_ = rotated(mask_, payload.size());
  return kind_ == BlockKind::binary || may_be_utf8();
}

void FrameAssembler::make_room(std::size_t bytes) {
  const std::size_t size = message_.size();
  message_.reserve(is_trusted(announced_, size + bytes) ? announced_ - size : bytes);
}

bool FrameAssembler::may_be_utf8() noexcept {
  const std::string_view text = message_.view();
  checked_ += engineio::detail::well_formed_prefix(text.substr(checked_));
  if (checked_ == text.size()) return true;
  return text.size() < announced_ && engineio::detail::utf8_unit(text, checked_).unfinished;
}

Block FrameAssembler::finish() { return message_.finish(kind_); }

}  // namespace engineio::transports::detail
