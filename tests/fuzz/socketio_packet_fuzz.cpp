// Decode, encode, decode is identity: for the arguments as they came, and for their dynamic form.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engineio/detail/utf8.hpp"
#include "socketio/decoder.hpp"
#include "socketio/packet.hpp"

namespace {

using namespace socketio;

void check(bool condition) {
  if (!condition) std::abort();
}

// Feeds the text, and as many attachments as it announces. False: refused.
bool decode(std::string_view text, DecodedPacket& packet) {
  static const DecoderLimits limits;
  Decoder decoder(limits);
  DecodeStatus status = decoder.feed_text(text, packet);
  for (char name = 'a'; status == DecodeStatus::waiting; ++name) {
    status = decoder.feed_binary(Binary(std::string_view(&name, 1)).block(), packet);
  }
  check(decoder.error().empty() == (status == DecodeStatus::packet));
  return status == DecodeStatus::packet;
}

template <class Arguments>
EncodedPacket encode(const DecodedPacket& packet, const Arguments& arguments) {
  if (packet.type() == PacketType::ack)
    return encode_ack(packet.nsp(), packet.id().value_or(0), arguments);
  return encode_event(packet.nsp(), packet.id(), packet.event_name(), arguments);
}

std::string print(const RawArgs& arguments) {
  engineio::BlockBuilder out;
  append_json(out, boost::json::value(arguments.parse().values));
  return std::string(out.view());
}

void check_same(const DecodedPacket& packet, const EncodedPacket& encoded, bool same_text) {
  check(encoded.text.payload().starts_with('4'));
  DecodedPacket again;
  check(decode(encoded.text.payload().substr(1), again));
  check(again.type() == packet.type() && again.nsp() == packet.nsp() &&
        again.event_name() == packet.event_name());
  check(again.id().value_or(0) == packet.id().value_or(0));
  // Without arguments there is nothing that attachments could belong to.
  check(again.attachments().size() == (packet.args().empty() ? 0 : packet.attachments().size()));
  check(again.args().size() == packet.args().size());
  if (same_text) check(again.args().text() == packet.args().text());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  DecodedPacket packet;
  if (!engineio::detail::is_valid_utf8(text) || !decode(text, packet)) return 0;
  check(packet.nsp().starts_with('/'));
  const bool carries_arguments =
      packet.type() == PacketType::event || packet.type() == PacketType::ack;
  if (!carries_arguments || !packet.has_data()) return 0;
  const RawArgs raw = packet.args();
  check_same(packet, encode(packet, raw), true);
  check_same(packet, encode(packet, raw.parse()), false);
  // Behind another attachment every placeholder gets a new number, and nothing else changes.
  const EncodedPacket behind =
      encode_event("/", std::nullopt, "e", Binary(std::string_view("first")), raw);
  DecodedPacket moved;
  if (raw.attachments().size() < DecoderLimits{}.max_attachments) {
    check(decode(behind.text.payload().substr(1), moved));
    check(moved.args().size() == raw.size() + 1);
  }
  check(print(raw) == print(RawArgs(raw)));
  return 0;
}
