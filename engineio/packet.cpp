#include "engineio/packet.hpp"

#include "engineio/detail/base64.hpp"

namespace engineio {
namespace {

std::optional<Packet> decode_binary(std::string_view base64) {
  const std::size_t most = detail::max_decoded_base64_size(base64.size());
  BlockBuilder bytes(most);
  char* const begin = bytes.extend(most);
  bytes.shrink(static_cast<std::size_t>(detail::decode_base64(base64, begin) - begin));
  // The decoder forgives anything, so that "b!!!!" would be an empty message: that is no packet.
  if (bytes.size() == 0 && !base64.empty()) return std::nullopt;
  return packet_of(bytes.finish(BlockKind::binary));
}

}  // namespace

Packet packet_of(const Block& block) noexcept {
  const std::string_view bytes = block.payload();
  if (block.kind() == BlockKind::binary) return {PacketType::message, bytes, block};
  if (bytes.empty()) return {};
  return {static_cast<PacketType>(bytes.front() - '0'), bytes.substr(1)};
}

std::optional<Packet> decode_packet(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const char first = text.front();
  text.remove_prefix(1);
  if (first == 'b') return decode_binary(text);
  if (first < '0' || first > '6') return std::nullopt;
  return Packet{static_cast<PacketType>(first - '0'), text};
}

void append_base64_message(std::string& out, std::string_view bytes) {
  const std::size_t before = out.size();
  out.resize(before + 1 + detail::base64_size(bytes.size()));
  out[before] = 'b';
  detail::encode_base64(bytes, out.data() + before + 1);
}

}  // namespace engineio
