#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "engineio/block.hpp"
#include "engineio/packet.hpp"

namespace engineio {

struct Request;

/// How packets travel.
enum class TransportKind : std::uint8_t {
  polling,    ///< HTTP long-polling: a pending GET for what the server sends, a POST for what the
              ///< client sends
  websocket,  ///< one WebSocket connection
};

/// The protocol's name: "polling", "websocket".
constexpr std::string_view to_string(TransportKind kind) noexcept {
  return kind == TransportKind::polling ? "polling" : "websocket";
}

/// The objects that a packet from the client touches behind its transport, in their order: only
/// their addresses, for the memory to be fetched ahead. Nothing is read through them.
struct PacketTrail {
  const void* session = nullptr;
  const void* handler = nullptr;
  const void* receiver = nullptr;  ///< what the handler mostly goes on to: Session::set_receiver
};

/// Moves Engine.IO packets between one client and its Session.
///
/// All calls come on the session's loop. What the transport has to tell goes to Session::sink(),
/// with itself as the first argument. After `close`, and after it reported its own end, it reports
/// nothing more, but for the `on_close_sent` that `close` may promise, or an `on_failed` when that
/// can't come.
class Transport {
 public:
  virtual ~Transport() = default;

  virtual TransportKind kind() const noexcept = 0;
  /// True when a packet given now would leave at once: a poll is pending, or the socket takes more.
  virtual bool writable() const noexcept = 0;
  /// True when more may be given though it would not leave at once or alone: what one turn sends
  /// is then gathered here rather than by the session. A transport that sends all of a batch in one
  /// piece never does.
  virtual bool gathers() const noexcept { return false; }
  /// Takes the whole batch. Requires: writable() or gathers().
  virtual void send(std::span<const Block> batch) = 0;
  /// Asks for an `on_drained` once everything that was sent has left: at the end of the turn, if
  /// nothing waits. Where it is one poll that takes what was sent, its answer is always told.
  virtual void tell_drained() {}
  /// Has the memory fetched that `send` will touch: see detail::prefetch.
  virtual void prefetch() const noexcept {}
  /// Tells which memory the client's packets will touch, at the start and whenever it changes: a
  /// transport that knows whose turn comes next can have it fetched while another's packet is at
  /// work.
  virtual void set_trail(const PacketTrail&) {}
  /// Bytes that `send` took and the network has not.
  virtual std::size_t unsent_bytes() const noexcept = 0;
  /// Says goodbye. Returns true when that is on its way (the session is over), false when it must
  /// wait for the client's next poll: then `on_close_sent` tells when it left.
  virtual bool close() = 0;
  /// Answers a pending poll with a noop packet, so that the client can pause polling. Nothing to do
  /// for others.
  virtual void release_poll() {}
  /// The request that carries the packet which is being handed over; null when no request of its
  /// own does.
  virtual const Request* current_request() const noexcept { return nullptr; }
};

/// What a Transport tells its session. Calls come on the session's loop, never from inside of
/// `send` or `close`.
class TransportSink {
 public:
  /// A packet came. `packet.data` is valid during the call only.
  virtual void on_packet(Transport& from, const Packet& packet) = 0;
  /// Something came that is not a packet.
  virtual void on_malformed_packet(Transport& from) = 0;
  /// The transport became writable, which it had been asked to tell, or a poll arrived.
  virtual void on_drained(Transport& from) = 0;
  /// The goodbye that had to wait has left.
  virtual void on_close_sent(Transport& from) = 0;
  /// The transport ended by a fault: of the network, or of the client against the rules. The text
  /// says which.
  virtual void on_failed(Transport& from, std::string_view description) = 0;
  /// The client ended the transport in order.
  virtual void on_closed(Transport& from) = 0;

 protected:
  ~TransportSink() = default;
};

}  // namespace engineio
