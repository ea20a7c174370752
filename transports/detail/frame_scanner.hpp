#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace engineio::transports::detail {

/// The header of one WebSocket frame (RFC 6455, 5.2), as declared by its sender.
struct FrameHeader {
  enum Opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10
  };

  std::uint8_t first_byte = 0;      ///< FIN, three reserved bits, opcode
  std::uint8_t size = 0;            ///< bytes of the header itself, 2 to 14
  bool masked = false;              ///< every frame of a client must be
  bool shortest = true;             ///< the length is written in the shortest form, as it must be
  std::array<char, 4> mask = {};    ///< meaningful when masked
  std::uint64_t payload_bytes = 0;  ///< declared, not yet checked against anything

  std::uint8_t opcode() const noexcept { return first_byte & 0x0f; }
  bool final() const noexcept { return (first_byte & 0x80) != 0; }
  /// A text or binary message in one frame that follows all rules.
  bool is_plain_message() const noexcept {
    return (first_byte == (0x80 | text) || first_byte == (0x80 | binary)) && masked && shortest;
  }
};

/// Follows the frame headers of one client's WebSocket stream, before anything is buffered, and
/// counts what the WebSocket implementation behind it does not show: frames of a message, declared
/// sizes, whether a message is incomplete.
///
/// It refuses for sizes and counts only. A message that is one frame and breaks no rule is told as
/// such (FrameHeader::is_plain_message) and needs no other implementation; of all else that one
/// judges opcodes, reserved bits, masks and texts. Payload bytes are skipped without a look. After
/// a fault it is of no more use.
class FrameScanner {
 public:
  enum class Fault : std::uint8_t {
    none,                ///< within the limits
    too_many_fragments,  ///< one frame more than a message may have; empty ones count
    too_big,             ///< the frames of the message declare more bytes than a message may have
    bad_length,          ///< a 64-bit length with its top bit set, which RFC 6455 forbids
  };

  /// What one call of scan() went over.
  struct Step {
    std::size_t bytes = 0;  ///< from the front of what was given; never beyond the end of a frame
    std::size_t payload_bytes = 0;  ///< the last of them, which are payload
    bool header_ended = false;      ///< a header is complete with them
    bool frame_ended = false;       ///< the last of them ends a frame
    Fault fault = Fault::none;      ///< known as soon as the frame's header is complete
  };

  /// A message may have exactly `max_fragments` frames and `max_payload` bytes.
  FrameScanner(std::size_t max_fragments, std::size_t max_payload) noexcept
      : max_fragments_(max_fragments), max_payload_(max_payload) {}

  /// Advances to the end of the current frame, or of `bytes`. Requires: not empty, and no fault
  /// yet.
  Step scan(std::span<const char> bytes) noexcept;

  /// Bytes of the message in progress, by the headers of its frames until now; at most
  /// max_payload().
  std::size_t message_bytes() const noexcept { return static_cast<std::size_t>(message_bytes_); }
  std::size_t max_payload() const noexcept { return static_cast<std::size_t>(max_payload_); }
  /// The frame that scan() met last. Meaningful once its header was complete.
  const FrameHeader& frame() const noexcept { return frame_; }
  /// That frame is a message of its own, see is_plain_message().
  bool frame_is_message() const noexcept { return frame_is_message_; }
  /// The header of that frame as it came. Valid until the next scan(). Requires:
  /// !frame_is_message().
  std::span<const char> header_bytes() const noexcept {
    return std::span(header_).first(frame_.size);
  }
  /// The stream stands between two frames.
  bool at_frame_boundary() const noexcept { return header_size_ == 0 && payload_left_ == 0; }
  /// The stream stands between two messages.
  bool at_message_boundary() const noexcept { return at_frame_boundary() && !message_open_; }
  /// 0 at a message boundary, else the number of the incomplete message (or lone control frame);
  /// each has another number, so that a deadline can be held for each.
  std::uint64_t incomplete_message() const noexcept {
    return at_message_boundary() ? 0 : message_number_;
  }

 private:
  static constexpr std::size_t max_header = 14;  // 2, 8 of length, 4 of mask

  bool take_header(std::span<const char> bytes, std::size_t& used) noexcept;
  void enter_frame(const char* header) noexcept;
  Fault account() noexcept;

  std::uint64_t max_fragments_;
  std::uint64_t max_payload_;
  std::uint64_t payload_left_ = 0;
  std::uint64_t message_bytes_ = 0;
  std::uint64_t fragments_ = 0;
  std::uint64_t message_number_ = 0;
  FrameHeader frame_;
  std::array<char, max_header> header_ = {};
  std::uint8_t header_size_ = 0;  // bytes of an incomplete header
  bool message_open_ = false;     // a frame without FIN came, its continuation is due
  bool frame_is_message_ = false;
};

}  // namespace engineio::transports::detail
