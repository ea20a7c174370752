#pragma once

#include <cstdint>
#include <string_view>

#include "socketio/decoder.hpp"
#include "socketio/packet.hpp"

namespace socketio::detail {

/// Takes apart a packet of ours, for those who watch what is sent. False: it is none.
bool decode_outgoing(const EncodedPacket& packet, DecodedPacket& decoded);

/// The event `packet` of the namespace, which was encoded with any id, with this one.
EncodedPacket with_ack_id(const EncodedPacket& packet, std::string_view nsp, std::uint64_t id);

}  // namespace socketio::detail
