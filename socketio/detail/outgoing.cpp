#include "socketio/detail/outgoing.hpp"

#include <limits>

namespace socketio::detail {
namespace {

const DecoderLimits& no_limits() {
  static const DecoderLimits limits = [] {
    constexpr std::size_t any = std::numeric_limits<std::size_t>::max() / 2;
    DecoderLimits out;
    out.max_attachments = any;
    out.max_pending_bytes = any;
    out.max_event_name_bytes = any;
    out.max_namespace_bytes = any;
    out.max_connect_bytes = any;
    out.json.max_depth = max_json_depth;
    out.json.max_number_digits = any;
    return out;
  }();
  return limits;
}

}  // namespace

bool decode_outgoing(const EncodedPacket& packet, DecodedPacket& decoded) {
  Decoder decoder(no_limits());
  DecodeStatus status = decoder.feed_text(packet.text.payload().substr(1), decoded);
  for (const engineio::Block& attachment : packet.attachments) {
    if (status != DecodeStatus::waiting) return false;
    status = decoder.feed_binary(attachment, decoded);
  }
  return status == DecodeStatus::packet;
}

EncodedPacket with_ack_id(const EncodedPacket& packet, std::string_view nsp, std::uint64_t id) {
  const std::string_view text = packet.text.payload();
  // `42/nsp,7[…` or `452-/nsp,7[…`; a namespace's name may hold any other character, but no comma.
  std::size_t begin = packet.attachments.empty() ? 2 : text.find('-') + 1;
  if (nsp != "/") begin = text.find(',', begin) + 1;
  const std::size_t end = text.find('[', begin);
  engineio::BlockBuilder out(text.size() + 20);
  out.append(text.substr(0, begin));
  append_json_number(out, id);
  out.append(text.substr(end));
  return {out.finish(), packet.attachments};
}

}  // namespace socketio::detail
