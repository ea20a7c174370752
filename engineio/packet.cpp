#include "engineio/packet.hpp"

#include "engineio/detail/base64.hpp"

namespace engineio {
namespace {

std::optional<Packet> decode_binary(std::string_view base64, std::string& scratch) {
  detail::decode_base64(base64, scratch);
  // The decoder forgives anything, so that "b!!!!" would be an empty message: that is no packet.
  if (scratch.empty() && !base64.empty()) return std::nullopt;
  return Packet{PacketType::message, true, scratch};
}

}  // namespace

std::optional<Packet> decode_packet(std::string_view text, std::string& scratch) {
  if (text.empty()) return std::nullopt;
  const char first = text.front();
  text.remove_prefix(1);
  if (first == 'b') return decode_binary(text, scratch);
  if (first < '0' || first > '6') return std::nullopt;
  return Packet{static_cast<PacketType>(first - '0'), false, text};
}

void append_base64_message(std::string& out, std::string_view bytes) {
  const std::size_t before = out.size();
  out.resize(before + 1 + detail::base64_size(bytes.size()));
  out[before] = 'b';
  detail::encode_base64(bytes, out.data() + before + 1);
}

}  // namespace engineio
