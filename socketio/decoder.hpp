#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engineio/block.hpp"
#include "socketio/args.hpp"
#include "socketio/binary.hpp"
#include "socketio/json.hpp"
#include "socketio/packet.hpp"

namespace socketio {
namespace detail {
class ElementRecorder;
}

/// What a client may send in one packet. More than that is a decode error, which ends the
/// connection.
struct DecoderLimits {
  /// Attachments of one packet.
  std::size_t max_attachments = 10;
  /// Bytes of a packet with attachments, its text and all attachments together: what one client can
  /// make the server keep. The server sets it to its maxPayload.
  std::size_t max_pending_bytes = 1'000'000;
  /// Bytes of an event's name, in UTF-8 and without escapes.
  std::size_t max_event_name_bytes = 1024;
  /// Bytes of a namespace's name.
  std::size_t max_namespace_bytes = 256;
  /// Bytes of the JSON of a CONNECT packet.
  std::size_t max_connect_bytes = 16'384;
  JsonLimits json = {};
};

/// A packet as it came in, checked completely but not parsed: views of its parts.
///
/// One object may be used for any number of packets and clients, one after the other; it keeps its
/// memory. The views are valid as long as the message that was fed (a plain packet) or until this
/// object is used again (a packet that waited for attachments), whichever comes first.
class DecodedPacket {
 public:
  DecodedPacket() = default;
  DecodedPacket(DecodedPacket&&) = default;
  DecodedPacket& operator=(DecodedPacket&&) = default;
  ~DecodedPacket() = default;

  /// Never binary_event or binary_ack: those are `event` and `ack`.
  PacketType type() const noexcept { return type_; }
  /// `/` or `/name`; a query in it is part of the name.
  std::string_view nsp() const noexcept { return nsp_; }
  /// What an event's sender waits for, or what an ack answers: digits only, at most 2^53 - 1;
  /// leading zeros don't count, so that an ack to `007` answers 7, as in the reference.
  std::optional<std::uint64_t> id() const noexcept { return id_; }
  /// The JSON text; empty when the packet has none.
  std::string_view data() const noexcept { return data_; }
  bool has_data() const noexcept { return !data_.empty(); }
  /// The name of an event, without escapes; that of a number is its decimal text as JavaScript
  /// prints it. An event without data has no name (and no handler: only catch-all listeners get
  /// it).
  std::string_view event_name() const noexcept {
    return name_is_copied_ ? std::string_view(name_copy_) : name_;
  }
  /// The arguments of an event or ack, borrowed: see RawArgs.
  RawArgs args() const noexcept { return RawArgs(args_); }
  std::span<const Binary> attachments() const noexcept { return attachments_; }

  /// Lets go of attachments and copied text, so that nothing is kept until the next packet. Ends
  /// all views.
  void clear() noexcept;

 private:
  friend class Decoder;

  PacketType type_ = PacketType::event;
  bool name_is_copied_ = false;
  std::optional<std::uint64_t> id_;
  std::string_view nsp_;
  std::string_view data_;
  std::string_view name_;
  RawArgs::Borrowed args_;
  std::vector<std::string_view> elements_;  // of the outermost array, an event's name included
  std::vector<Binary> attachments_;
  std::string name_copy_;
  engineio::Block text_;  // what the views point into, if that is not the message that was fed
};

/// What became of a message.
enum class DecodeStatus : std::uint8_t {
  packet,   ///< a packet is complete
  waiting,  ///< the packet's attachments are still to come
  error,    ///< the client broke the protocol; nothing more can be decoded, the connection is to be
            ///< closed
};

/// Puts the messages of one client together to Socket.IO packets of protocol revision 5.
///
/// A packet whose type announces attachments waits for as many binary messages; until then any text
/// is an error, and the decoder keeps what has come (see DecoderLimits::max_pending_bytes). At
/// other times it keeps nothing and is two pointers and a byte big. How long to wait is up to the
/// owner.
///
/// Owned by the client's connection and used on its loop only.
class Decoder {
 public:
  /// Requires: `limits` outlives the decoder.
  explicit Decoder(const DecoderLimits& limits) noexcept;
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;
  ~Decoder();

  /// Takes a text message without Engine.IO's type digit. Requires: valid UTF-8. With
  /// DecodeStatus::packet, `packet` is the packet; otherwise its content is unspecified.
  DecodeStatus feed_text(std::string_view message, DecodedPacket& packet);
  /// Takes a binary message, and shares it when it was announced and fits. Requires: a block of
  /// kind binary.
  DecodeStatus feed_binary(const engineio::Block& message, DecodedPacket& packet);

  bool waiting_for_attachments() const noexcept { return pending_ != nullptr; }
  /// What is kept for an unfinished packet.
  std::size_t pending_bytes() const noexcept;
  /// What was wrong, after DecodeStatus::error: the reference server's text where it has one, such
  /// as `invalid payload`.
  std::string_view error() const noexcept;
  /// Forgets an unfinished packet and an error.
  void reset() noexcept;

 private:
  struct Pending;
  struct Header;
  enum class Fault : std::uint8_t;

  // Takes the message apart into `packet`. With numbers that are no finite doubles, the message is
  // rewritten first.
  Fault parse(std::string_view message, DecodedPacket& packet, Header& header) const;
  Fault parse_header(std::string_view message, DecodedPacket& packet, Header& header) const;
  Fault parse_attachment_count(std::string_view& rest, Header& header) const;
  Fault parse_data(DecodedPacket& packet, bool& overflow) const;
  Fault take_event_name(DecodedPacket& packet, const detail::ElementRecorder& json) const;
  DecodeStatus wait(std::string_view message, DecodedPacket& packet, std::size_t count);
  DecodeStatus complete(DecodedPacket& packet);
  void note_elements(DecodedPacket& packet) const;
  DecodeStatus fail(Fault fault) noexcept;

  const DecoderLimits* limits_;
  std::unique_ptr<Pending> pending_;
  Fault fault_{};
};

}  // namespace socketio
