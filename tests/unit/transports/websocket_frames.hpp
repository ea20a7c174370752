#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace engineio::transports {

/// What a WebSocket client puts on the wire, rule breaking included.
struct ClientFrame {
  unsigned char opcode = 1;
  std::string_view payload = {};
  bool fin = true;
  bool masked = true;
  unsigned char reserved = 0;  ///< RSV1 is 4, RSV2 is 2, RSV3 is 1
  std::array<char, 4> mask = {'m', '\x80', '\0', '\x7f'};
  std::uint64_t declared = ~std::uint64_t{0};  ///< another length than the payload's
  int length_field = -1;                       ///< 0, 2 or 8 bytes in place of the shortest form
};

inline std::string to_bytes(const ClientFrame& frame) {
  const std::uint64_t length =
      frame.declared == ~std::uint64_t{0} ? frame.payload.size() : frame.declared;
  const int shortest = length < 126 ? 0 : length < 65536 ? 2 : 8;
  const int field = frame.length_field < 0 ? shortest : frame.length_field;
  std::string bytes;
  bytes += static_cast<char>((frame.fin ? 0x80 : 0) | frame.reserved << 4 | frame.opcode);
  const auto short_length = field == 0 ? length : field == 2 ? 126U : 127U;
  bytes += static_cast<char>((frame.masked ? 0x80U : 0U) | short_length);
  for (int i = field - 1; i >= 0; --i) bytes += static_cast<char>(length >> (8 * i));
  if (frame.masked) bytes.append(frame.mask.data(), 4);
  for (std::size_t i = 0; i < frame.payload.size(); ++i) {
    bytes += static_cast<char>(frame.payload[i] ^ (frame.masked ? frame.mask[i % 4] : 0));
  }
  return bytes;
}

inline std::string text_frame(std::string_view text) {
  return to_bytes({.opcode = 1, .payload = text});
}
inline std::string binary_frame(std::string_view bytes) {
  return to_bytes({.opcode = 2, .payload = bytes});
}
inline std::string ping_frame(std::string_view payload = {}) {
  return to_bytes({.opcode = 9, .payload = payload});
}
/// A first or a middle fragment.
inline std::string fragment(unsigned char opcode, std::string_view payload) {
  return to_bytes({.opcode = opcode, .payload = payload, .fin = false});
}
inline std::string last_fragment(std::string_view payload) {
  return to_bytes({.opcode = 0, .payload = payload});
}
inline std::string close_payload(unsigned code, std::string_view reason = {}) {
  return std::string{static_cast<char>(code >> 8), static_cast<char>(code)}.append(reason);
}
inline std::string client_close(unsigned code, std::string_view reason = {}) {
  return to_bytes({.opcode = 8, .payload = close_payload(code, reason)});
}
/// A close frame of the server, or its answer.
inline std::string server_close(unsigned code) { return "\x88\x02" + close_payload(code); }
inline std::string server_pong(std::string_view payload) {
  return std::string{'\x8a', static_cast<char>(payload.size())}.append(payload);
}

}  // namespace engineio::transports
