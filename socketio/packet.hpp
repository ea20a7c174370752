#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "engineio/block.hpp"
#include "socketio/codec.hpp"
#include "socketio/detail/argument_codec.hpp"

namespace socketio {

/// The types of Socket.IO packets; on the wire the decimal digit.
enum class PacketType : std::uint8_t {
  connect = 0,        ///< asks for a namespace, and the answer that grants it
  disconnect = 1,     ///< leaves a namespace
  event = 2,          ///< a named event with arguments
  ack = 3,            ///< the answer to an event that asked for one
  connect_error = 4,  ///< refuses a namespace
  binary_event =
      5,  ///< an event with attachments; decoded packets are `event` with attachments instead
  binary_ack = 6,  ///< an ack with attachments; decoded packets are `ack` with attachments instead
};

/// A packet ready to be sent to any number of clients: Engine.IO text, then the binary messages
/// that belong to it. The messages of one packet must reach a client in this order with nothing
/// between them.
struct EncodedPacket {
  engineio::Block text;
  std::vector<engineio::Block> attachments;

  /// The bytes of all messages together.
  std::size_t size() const noexcept;
};

/// The event names with a meaning of their own, which neither side may use for an event: connect,
/// connect_error, disconnect, disconnecting, newListener, removeListener.
bool is_reserved_event(std::string_view name) noexcept;

/// Builds an EVENT or ACK argument by argument; becomes the binary type by itself when there are
/// attachments.
class PacketWriter {
 public:
  /// Begins `42/nsp,id[`. `nsp` is `/` or begins with it; the main namespace is not written.
  /// `argument_bytes`: how much will come, if known, so that the packet need not grow.
  PacketWriter(PacketType type, std::string_view nsp, std::optional<std::uint64_t> id,
               std::size_t argument_bytes = 0);
  PacketWriter(const PacketWriter&) = delete;
  PacketWriter& operator=(const PacketWriter&) = delete;

  /// Adds one argument; Args and RawArgs stand for all of theirs.
  template <class T>
  void add(const T& argument) {
    detail::write_argument(values_, argument);
  }

  /// Ends the packet. To be called once, last. In a packet with attachments, an object of foreign
  /// JSON that looks like the placeholder of an attachment that is not there becomes null: it would
  /// break the connections of all receivers.
  EncodedPacket finish();

 private:
  engineio::BlockBuilder text_;
  std::vector<engineio::Block> attachments_;
  ValueWriter values_{text_, attachments_};
  std::size_t header_size_;  // what is in front of the JSON
  bool is_ack_;
};

/// `42["name",arg,…]`. The id, if given, asks the receiver for an ack. Not checked here:
/// is_reserved_event.
template <class... Arguments>
EncodedPacket encode_event(std::string_view nsp, std::optional<std::uint64_t> id,
                           std::string_view name, const Arguments&... arguments) {
  PacketWriter packet(PacketType::event, nsp, id,
                      name.size() + (detail::expected_bytes(arguments) + ... + 0));
  packet.add(name);
  (packet.add(arguments), ...);
  return packet.finish();
}

/// `43<id>[arg,…]`.
template <class... Arguments>
EncodedPacket encode_ack(std::string_view nsp, std::uint64_t id, const Arguments&... arguments) {
  PacketWriter packet(PacketType::ack, nsp, id, (detail::expected_bytes(arguments) + ... + 0));
  (packet.add(arguments), ...);
  return packet.finish();
}

/// `40{"sid":"…"}`: the answer that grants a namespace.
EncodedPacket encode_connect(std::string_view nsp, std::string_view sid);

/// `44{"message":"…","data":…}`: the answer that refuses a namespace; without `data` when null is
/// given for it.
EncodedPacket encode_connect_error(std::string_view nsp, std::string_view message,
                                   const boost::json::value* data = nullptr);

/// `41`.
EncodedPacket encode_disconnect(std::string_view nsp);

}  // namespace socketio
