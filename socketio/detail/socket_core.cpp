#include "socketio/detail/socket_core.hpp"

#include <boost/asio/error.hpp>
#include <boost/container/small_vector.hpp>
#include <boost/system/system_error.hpp>

#include "engineio/engine.hpp"
#include "socketio/detail/client.hpp"
#include "socketio/detail/event_attempt.hpp"
#include "socketio/detail/log_error.hpp"
#include "socketio/detail/outgoing.hpp"

namespace socketio::detail {

SocketCore::SocketCore(NamespaceShard& shard, Client& client, Handshake handshake)
    : nsp_(shard.nsp().shared_from_this()),
      shard_(shard),
      client_(&client),
      session_(&client.session()),
      id_(engineio::random_session_id()),
      handshake_(std::move(handshake)) {}

SocketCore::~SocketCore() = default;

Listeners* SocketCore::own_listeners() {
  if (!own_ && state() != State::disconnected) own_ = std::make_unique<Listeners>();
  return own_.get();
}

void SocketCore::send(const EncodedPacket& packet, const Flags& flags) {
  if (state() == State::disconnected) return;
  if (has_outgoing_watchers()) show_outgoing(packet);
  hand_to_session(packet, flags);
}

void SocketCore::hand_to_session(const EncodedPacket& packet, const Flags& flags) {
  if (session_ && (!flags.volatile_ || session_->writable())) put(packet);
}

void SocketCore::put(const EncodedPacket& packet) {
  if (packet.attachments.empty()) return session_->send({&packet.text, 1});
  // In one call: those who listen may send something, or close the session.
  boost::container::small_vector<engineio::Block, 8> messages{packet.text};
  messages.insert(messages.end(), packet.attachments.begin(), packet.attachments.end());
  session_->send(messages);
}

void SocketCore::send_with_ack(const EncodedPacket& packet, std::uint64_t id,
                               std::unique_ptr<PendingAck> pending,
                               std::optional<engineio::Duration> timeout, const Flags& flags) {
  pending->place = {.owner = this, .id = id};
  const bool gone = state() == State::disconnected;
  if (gone || acks_.size() >= nsp_->server().options().limits.outstanding_acks) {
    // Who waits is never told inside of the call that begins it.
    return loop().post(
        [self = shared_from_this(), pending = std::move(pending), timeout, gone]() mutable {
          if (gone) return self->let_wait(std::move(pending), timeout);
          self->guard({}, [&] { pending->failed(Errc::too_many_acks); });
        });
  }
  if (timeout) loop().arm(*pending, *timeout);
  acks_.add(id, std::move(pending));
  send(packet, flags);
}

bool SocketCore::has_outgoing_watchers() const noexcept {
  return !nsp_->listeners().any_outgoing.empty() || (own_ && !own_->any_outgoing.empty());
}

bool SocketCore::is_watched() const noexcept {
  return has_outgoing_watchers() || (session_ && session_->has_listeners());
}

void SocketCore::prefetch() const noexcept {
  if (session_) session_->prefetch();
}

void SocketCore::show_outgoing(const EncodedPacket& packet) {
  const SocketPtr self = shared_from_this();
  DecodedPacket decoded;
  if (!decode_outgoing(packet, decoded) || decoded.type() != PacketType::event) return;
  const RawArgs args = decoded.args();
  Incoming outgoing(self, decoded.event_name(), args, {});
  const auto own = own_ ? own_->any_outgoing : HandlerList<EventHandler>{};
  for (const auto& handler : nsp_->listeners().any_outgoing)
    guard(outgoing.event, [&] { (*handler)(outgoing); });
  run_own(own, outgoing);
}

void SocketCore::join(std::string_view room) {
  if (state() == State::disconnected || closing_) return;
  const std::size_t own = state() == State::joining ? 1 : 0;  // its own room is still to come
  if (room_count() + own >= nsp_->server().options().limits.rooms_per_socket &&
      !shard_.rooms().contains(*this, room)) {
    return report({Errc::too_many_rooms, "too many rooms"});
  }
  shard_.rooms().join(*this, room);
}

void SocketCore::leave(std::string_view room) { shard_.rooms().leave(*this, room); }

std::vector<std::string> SocketCore::rooms() const { return shard_.rooms().rooms_of(*this); }

void SocketCore::connect() {
  state_.store(State::connected, std::memory_order_relaxed);
  shard_.rooms().add(*this);
  shard_.rooms().join(*this, id_);
  if (connected()) put(encode_connect(nsp_->name(), id_));
  if (!connected()) return;  // those who watch rooms or packets may have ended it
  const Socket handle(shared_from_this());
  for (const auto& handler : nsp_->listeners().connection) {
    guard({}, [&] { (*handler)(handle); });
  }
}

void SocketCore::receive(SocketPtr self, const DecodedPacket& packet) {
  switch (packet.type()) {
    case PacketType::event: {
      const RawArgs args = packet.args();
      Incoming incoming(std::move(self), packet.event_name(), args, packet.id());
      return run_event(incoming, packet.has_data());
    }
    case PacketType::ack: return receive_ack(packet);
    default: return close(DisconnectReason::client_namespace_disconnect, {});
  }
}

void SocketCore::run_event(Incoming& incoming, bool named) {
  if (!nsp_->listeners().any.empty() || own_) run_catch_all(incoming);
  if (!named) return;  // `42` alone: only catch-all handlers hear of it
  if (own_ && !own_->event_middlewares.empty()) {
    return std::make_shared<EventAttempt>(incoming, own_->event_middlewares)->proceed();
  }
  run_handlers(incoming);
}

void SocketCore::run_catch_all(Incoming& incoming) {
  const auto own = own_ ? own_->any : HandlerList<EventHandler>{};
  for (const auto& handler : nsp_->listeners().any) {
    guard(incoming.event, [&] { (*handler)(incoming); });
  }
  run_own(own, incoming);
}

// All of them, as in Node, even if one disconnects the socket, which drops its own.
void SocketCore::run_handlers(Incoming& incoming) {
  if (!connected()) return;
  HandlerList<EventHandler> own;
  if (own_) {
    if (const auto found = own_->events.find(incoming.event); found != own_->events.end())
      own = found->second;
  }
  const auto& events = nsp_->listeners().events;
  if (const auto found = events.find(incoming.event); found != events.end()) {
    for (const auto& handler : found->second) {
      guard(incoming.event, [&] { (*handler)(incoming); });
    }
  }
  if (!own.empty()) run_own(own, incoming);
}

// `list` is a copy: a handler may add handlers, and may disconnect the socket, which drops them
// all.
void SocketCore::run_own(const HandlerList<EventHandler>& list, Incoming& incoming) {
  for (const auto& handler : list) {
    guard(incoming.event, [&] { (*handler)(incoming); });
  }
}

void SocketCore::receive_ack(const DecodedPacket& packet) {
  if (!packet.id() || !packet.has_data()) return;
  const std::unique_ptr<PendingAck> pending = acks_.take(*packet.id());
  if (!pending) return;
  pending->cancel();
  guard({}, [&] { pending->answered(packet.args()); });
}

void SocketCore::disconnect(bool close_connection) {
  if (!connected() || closing_) return;
  if (close_connection) return client_->disconnect_all();
  put(encode_disconnect(nsp_->name()));
  close(DisconnectReason::server_namespace_disconnect, {});
}

void SocketCore::close(DisconnectReason reason, const std::string& description) {
  if (!connected() || closing_) return;
  closing_ = true;
  const SocketPtr self = shared_from_this();
  run_disconnect_handlers(true, reason, description);
  shard_.rooms().remove(*this);
  client_->remove(*this);
  state_.store(State::disconnected, std::memory_order_relaxed);
  run_disconnect_handlers(false, reason, description);
  forget_client();
  own_.reset();
  cancel_acks();
}

void SocketCore::run_disconnect_handlers(bool before, DisconnectReason reason,
                                         const std::string& description) {
  const auto list = before ? &Listeners::disconnecting : &Listeners::disconnect;
  const Socket handle(shared_from_this());
  for (const auto& handler : nsp_->listeners().*list) {
    guard({}, [&] { (*handler)(handle, reason, description); });
  }
  if (!own_) return;
  const auto own = own_.get()->*list;
  for (const auto& handler : own) {
    guard({}, [&] { (*handler)(handle, reason, description); });
  }
}

void SocketCore::abandon() {
  if (state() == State::disconnected) return;
  const SocketPtr self = shared_from_this();
  state_.store(State::disconnected, std::memory_order_relaxed);
  shard_.rooms().remove(*this);
  forget_client();
  own_.reset();
  cancel_acks();
}

void SocketCore::forget_client() noexcept {
  client_ = nullptr;
  session_ = nullptr;
}

void SocketCore::cancel_acks() {
  acks_.take_all([this](std::uint64_t, std::unique_ptr<PendingAck> pending) {
    let_wait(std::move(pending), std::nullopt);
  });
}

void SocketCore::let_wait(std::unique_ptr<PendingAck> pending,
                          std::optional<engineio::Duration> timeout) {
  bool waits = false;
  guard({}, [&] { waits = pending->disconnected(); });
  if (!waits || nsp_->closed()) return;  // nobody would let go of it any more
  if (timeout) loop().arm(*pending, *timeout);
  pending->place.socket = shared_from_this();
  const std::uint64_t id = pending->place.id;
  shard_.adopt(id, std::move(pending));
}

void SocketCore::report(Error error) {
  const Socket handle(shared_from_this());
  const auto& common = nsp_->listeners().error;
  const auto own = own_ ? own_->error : HandlerList<ErrorHandler>{};
  if (common.empty() && own.empty()) return log_error(*this, error);
  const auto tell = [&](const auto& handler) {
    try {
      (*handler)(handle, error);
    } catch (const std::exception& failure) {
      log_error(*this, {Errc::handler_failed, failure.what()});
    } catch (...) {
      log_error(*this, {Errc::handler_failed, "on_error itself failed"});
    }
  };
  for (const auto& handler : common) tell(handler);
  for (const auto& handler : own) tell(handler);
}

void SocketCore::report_exception(std::string_view event, const std::exception_ptr& exception) {
  Error error{Errc::handler_failed, "unknown exception", std::string(event)};
  error.exception = exception;
  try {
    std::rethrow_exception(exception);
  } catch (const boost::system::system_error& failure) {
    // What every coroutine that waits for a reply ends with when the client leaves.
    if (failure.code() == boost::asio::error::operation_aborted && state() == State::disconnected)
      return;
    error.message = failure.what();
  } catch (const std::exception& failure) {
    error.message = failure.what();
  } catch (...) {
  }
  report(std::move(error));
}

}  // namespace socketio::detail
