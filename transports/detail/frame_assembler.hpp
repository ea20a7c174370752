#pragma once

#include <cstddef>
#include <span>

#include "engineio/block.hpp"
#include "transports/detail/frame_scanner.hpp"
#include "transports/detail/masking.hpp"

namespace engineio::transports::detail {

/// A client that announces a large message gets memory for all of it once an eighth has come; until
/// then for what has.
constexpr bool is_trusted(std::size_t announced, std::size_t come) noexcept {
  return come >= announced / 8;
}

/// Puts a message together that is one frame and comes in pieces: unmasks them straight into the
/// block that is handed on. Between messages it owns nothing.
class FrameAssembler {
 public:
  /// Begins a message. Requires: `header.is_plain_message()`, and none is begun.
  void begin(const FrameHeader& header) noexcept;
  /// The next bytes of its payload. False when they are no UTF-8 though the message is a text:
  /// known as soon as nothing that follows could mend it. Requires: no more than announced.
  bool append(std::span<const char> payload);
  /// The message, which is complete.
  Block finish();
  /// Drops what has come of a message, if there is one.
  void reset() noexcept { message_.clear(); }

 private:
  void make_room(std::size_t bytes);
  bool may_be_utf8() noexcept;

  BlockBuilder message_{0};
  std::size_t announced_ = 0;
  std::size_t checked_ = 0;  // bytes of a text that are known to be UTF-8
  Mask mask_ = {};
  BlockKind kind_ = BlockKind::text;
};

}  // namespace engineio::transports::detail
