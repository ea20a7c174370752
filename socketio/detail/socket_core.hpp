#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engineio/session.hpp"
#include "socketio/decoder.hpp"
#include "socketio/detail/ack_table.hpp"
#include "socketio/detail/data_slot.hpp"
#include "socketio/detail/namespace_core.hpp"
#include "socketio/detail/room_index.hpp"
#include "socketio/handshake.hpp"
#include "socketio/socket.hpp"

namespace socketio::detail {

class Client;

/// One client in one namespace: what Socket handles point to.
///
///   joining ──admitted──► connected ──one disconnect──► disconnected
///      └──refused, or connection lost────────────────────────▲
///
/// Owned by its Client until the disconnect; handles keep the memory. Everything happens on the
/// home loop, except for the members that say otherwise.
class SocketCore final : public RoomMember, public std::enable_shared_from_this<SocketCore> {
 public:
  enum class State : std::uint8_t {
    joining,       ///< middlewares decide; packets can be sent, none comes in
    connected,     ///< in the namespace
    disconnected,  ///< over: nothing is sent any more
  };

  SocketCore(NamespaceShard& shard, Client& client, Handshake handshake);
  ~SocketCore();

  // Any thread:
  const std::string& id() const noexcept { return id_; }
  const Handshake& handshake() const noexcept { return handshake_; }
  NamespaceCore& nsp() const noexcept { return *nsp_; }
  /// Requires: has_loop().
  engineio::Loop& loop() const noexcept { return shard_.loop(); }
  /// False after the server's end.
  bool has_loop() const noexcept { return state() != State::disconnected || !nsp_->closed(); }
  State state() const noexcept { return state_.load(std::memory_order_relaxed); }
  bool connected() const noexcept { return state() == State::connected; }
  /// Runs `function` now on the home loop, later elsewhere; not at all once the socket is
  /// disconnected.
  template <class Function>
  void at_home(Function function) {
    if (state() == State::disconnected) return;
    if (loop().running_here()) {
      const engineio::Loop::Call call(loop());
      return function();
    }
    loop().post([self = shared_from_this(), run = std::move(function)]() mutable {
      if (self->state() != State::disconnected) run();
    });
  }

  // On the home loop:
  NamespaceShard& shard() const noexcept { return shard_; }
  /// The connection below; null once the disconnect handlers have run.
  engineio::Session* session() const noexcept { return session_; }
  DataSlot& data() noexcept { return data_; }
  /// Its own handlers, made at the first call; null after the disconnect.
  Listeners* own_listeners();
  /// The same, but null as well when there are none.
  Listeners* own_if_any() const noexcept { return own_.get(); }

  /// Sends at once; an event is shown to those who watch outgoing ones.
  void send(const EncodedPacket& packet, const Flags& flags);
  /// Gives the packet to the session: a volatile one only if it would leave at once. Shows it to
  /// nobody. Runs no code of the user's unless is_watched().
  void hand_to_session(const EncodedPacket& packet, const Flags& flags);
  void send_with_ack(const EncodedPacket& packet, std::uint64_t id,
                     std::unique_ptr<PendingAck> pending, std::optional<engineio::Duration> timeout,
                     const Flags& flags);
  bool has_outgoing_watchers() const noexcept;
  /// Sending runs user code, which may do anything.
  bool is_watched() const noexcept;
  /// Has the memory fetched that `send` will touch: see engineio::detail::prefetch.
  void prefetch() const noexcept;
  std::unique_ptr<PendingAck> release(std::uint64_t id) { return acks_.take(id); }

  void join(std::string_view room);
  void leave(std::string_view room);
  std::vector<std::string> rooms() const;

  /// The middlewares have admitted it.
  void connect();
  /// Hands an event to its own handlers.
  void run_handlers(Incoming& incoming);
  /// A packet of this namespace: event, ack or disconnect. `self` keeps the socket meanwhile.
  void receive(SocketPtr self, const DecodedPacket& packet);
  /// Disconnects from this side.
  void disconnect(bool close);
  /// The one end of a connected socket: handlers, rooms, owed replies.
  void close(DisconnectReason reason, const std::string& description);
  /// The end of a socket that was never connected, or whose handlers must not run any more.
  void abandon();

  void report(Error error);
  /// Calls `function` and reports what it throws.
  template <class Function>
  void guard(std::string_view event, Function&& function) {
    try {
      function();
    } catch (...) {
      report_exception(event, std::current_exception());
    }
  }
  void report_exception(std::string_view event, const std::exception_ptr& exception);

 private:
  void put(const EncodedPacket& packet);
  void forget_client() noexcept;
  void receive_ack(const DecodedPacket& packet);
  void run_event(Incoming& incoming, bool named);
  void run_catch_all(Incoming& incoming);
  void run_own(const HandlerList<EventHandler>& list, Incoming& incoming);
  void run_disconnect_handlers(bool before, DisconnectReason reason,
                               const std::string& description);
  void show_outgoing(const EncodedPacket& packet);
  void cancel_acks();
  void let_wait(std::unique_ptr<PendingAck> pending, std::optional<engineio::Duration> timeout);

  std::atomic<State> state_{State::joining};
  bool closing_ = false;
  const std::shared_ptr<NamespaceCore> nsp_;  // a handle may outlive the server
  NamespaceShard& shard_;
  Client* client_;                  // null once the disconnect handlers have run
  engineio::Session* session_;      // the client's, which a broadcast needs not look at
  std::unique_ptr<Listeners> own_;  // a broadcast looks here, too: keep it near
  const std::string id_;
  const Handshake handshake_;
  AckTable acks_;
  DataSlot data_;
};

}  // namespace socketio::detail
