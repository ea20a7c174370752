// Any sequence of messages: what is kept stays within the limit, waiting is told truly, nothing
// follows an error. Input: a sequence of <kind and length><bytes>; the top bit of the first byte
// makes the message binary.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "socketio/decoder.hpp"

namespace {

using namespace socketio;

void check(bool condition) {
  if (!condition) std::abort();
}

class Checked {
 public:
  DecodeStatus feed(bool binary, std::string_view message) {
    const std::string bytes(message);  // gone before the next comes, as on the network
    const bool failed = !decoder_.error().empty();
    const bool waited = decoder_.waiting_for_attachments();
    const DecodeStatus status = binary ? decoder_.feed_binary(Binary(bytes).block(), packet_)
                                       : decoder_.feed_text(bytes, packet_);
    check(!failed || status == DecodeStatus::error);
    check((status == DecodeStatus::error) == !decoder_.error().empty());
    check((status == DecodeStatus::waiting) == decoder_.waiting_for_attachments());
    check(decoder_.pending_bytes() <= limits_.max_pending_bytes);
    check(decoder_.waiting_for_attachments() || decoder_.pending_bytes() == 0);
    check(!waited || !(status == DecodeStatus::packet) || binary);
    if (status == DecodeStatus::packet) look_at_packet();
    return status;
  }

 private:
  // Touches all that the views refer to.
  void look_at_packet() {
    check(packet_.attachments().size() <= limits_.max_attachments);
    check(packet_.event_name().size() <= limits_.max_event_name_bytes);
    check(packet_.nsp().size() <= limits_.max_namespace_bytes);
    const RawArgs copy = packet_.args();
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < copy.size(); ++i) bytes += copy[i].size();
    check(bytes <= copy.text().size() && copy.text().size() <= packet_.data().size());
    check(copy.parse().size() == copy.size());
  }

  DecoderLimits limits_{.max_attachments = 3,
                        .max_pending_bytes = 200,
                        .max_event_name_bytes = 20,
                        .max_namespace_bytes = 20};
  Decoder decoder_{limits_};
  DecodedPacket packet_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  Checked decoder;
  while (!rest.empty()) {
    const auto head = static_cast<unsigned char>(rest.front());
    rest.remove_prefix(1);
    const std::size_t length = std::min<std::size_t>(head & 0x7fU, rest.size());
    if (decoder.feed((head & 0x80U) != 0, rest.substr(0, length)) == DecodeStatus::error) break;
    rest.remove_prefix(length);
  }
  decoder.feed(false, rest);
  return 0;
}
