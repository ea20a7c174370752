#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engineio/block.hpp"

namespace engineio {

/// The types of Engine.IO packets; on the wire the decimal digit.
enum class PacketType : std::uint8_t {
  open = 0,     ///< server to client, once: session id and settings
  close = 1,    ///< the transport is to be closed
  ping = 2,     ///< heartbeat of the server; in an upgrade the client's `2probe`
  pong = 3,     ///< answer to a ping
  message = 4,  ///< a message of the layer above
  upgrade = 5,  ///< client to server: continue on the new transport
  noop = 6,     ///< releases a pending poll
};

/// A decoded packet. `data` points into the text that was decoded, or is the bytes of `binary`.
struct Packet {
  PacketType type = PacketType::noop;
  std::string_view data = {};
  /// A binary message itself, to be shared rather than copied; empty when the packet is text.
  Block binary = {};
};

/// What a block carries, as a packet whose data is the block's: valid as long as any Block shares
/// it.
Packet packet_of(const Block& block) noexcept;

/// Decodes one packet of revision 4 in its text form: `<digit><data>`, or `b<base64>` for a binary
/// message (allowed on every transport). Base64 is decoded as JavaScript servers do: both
/// alphabets, foreign characters skipped. Empty text, an unknown first character, or base64 of
/// which nothing can be decoded: no packet.
std::optional<Packet> decode_packet(std::string_view text);

/// Appends `b<base64>`: a binary message where only text can go.
void append_base64_message(std::string& out, std::string_view bytes);

}  // namespace engineio
