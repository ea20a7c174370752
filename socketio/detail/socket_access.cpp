#include "socketio/detail/socket_access.hpp"

#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>

#include "socketio/detail/collect.hpp"
#include "socketio/detail/log_error.hpp"
#include "socketio/detail/namespace_core.hpp"
#include "socketio/detail/outgoing.hpp"
#include "socketio/detail/server_core.hpp"
#include "socketio/detail/socket_core.hpp"

namespace socketio::detail {

void PendingAck::expired() {
  const SocketPtr socket = place.owner->shared_from_this();
  const std::uint64_t id = place.id;
  std::unique_ptr<PendingAck> self = socket->release(id);
  if (!self) self = socket->shard().release(id);
  socket->guard({}, [this] { timed_out(); });
}

void require_event_name(std::string_view event) {
  if (is_reserved_event(event))
    throw std::invalid_argument('"' + std::string(event) + "\" is a reserved event name");
}

void require_handled_event(std::string_view event, bool of_socket) {
  if (event == "disconnect" || event == "disconnecting") {
    throw std::invalid_argument('"' + std::string(event) +
                                "\" is no event that clients send: use on_" + std::string(event));
  }
  if (event == "connect" || (event == "connection" && !of_socket)) {
    throw std::invalid_argument('"' + std::string(event) +
                                "\" is no event that clients send: use on_connection");
  }
  require_event_name(event);
}

std::string_view namespace_of(const SocketCore& socket) noexcept { return socket.nsp().name(); }

bool has_loop(const SocketCore& socket) noexcept { return socket.has_loop(); }

Executor executor_of(const SocketCore& socket) noexcept {
  return socket.loop().context().get_executor();
}

void send_from_any_thread(SocketCore& socket, EncodedPacket packet, const Flags& flags) {
  socket.at_home([&socket, packet = std::move(packet), flags] { socket.send(packet, flags); });
}

std::optional<std::uint64_t> next_ack_id(SocketCore& socket) {
  if (!socket.has_loop() || !socket.loop().running_here()) return std::nullopt;
  return socket.shard().next_ack_id();
}

void send_with_ack_from_any_thread(SocketCore& socket, EncodedPacket packet,
                                   std::optional<std::uint64_t> id,
                                   std::unique_ptr<PendingAck> pending,
                                   std::optional<engineio::Duration> timeout, const Flags& flags) {
  if (!socket.has_loop()) {
    if (pending->disconnected()) pending->failed(boost::asio::error::operation_aborted);
    return;
  }
  auto run = [self = socket.shared_from_this(), packet = std::move(packet), id,
              pending = std::move(pending), timeout, flags]() mutable {
    const std::uint64_t own_id = id ? *id : self->shard().next_ack_id();
    if (!id) packet = with_ack_id(packet, self->nsp().name(), own_id);
    self->send_with_ack(packet, own_id, std::move(pending), timeout, flags);
  };
  if (!socket.loop().running_here()) return socket.loop().post(std::move(run));
  const engineio::Loop::Call call(socket.loop());
  run();
}

void report(SocketCore& socket, Error error) { socket.report(std::move(error)); }

void report_mismatch(const Incoming& incoming, const std::string& what) {
  Error error{Errc::arguments_mismatch, what, std::string(incoming.event)};
  error.path = what.substr(0, what.find(": "));
  incoming.socket->report(std::move(error));
}

Listeners* listeners_of(SocketCore& socket) { return socket.own_listeners(); }

void append_once(SocketCore& socket, std::string_view event, EventHandler handler) {
  Listeners* const own = socket.own_listeners();
  if (!own) return;
  auto entry = std::make_shared<EventHandler>();
  *entry = [handler = std::move(handler), entry = entry.get(),
            called = false](Incoming& incoming) mutable {
    if (std::exchange(called, true)) return;
    // The list that is being worked through is a copy.
    if (Listeners* const listeners = incoming.socket->own_if_any()) {
      const auto found = listeners->events.find(incoming.event);
      if (found != listeners->events.end()) {
        std::erase_if(found->second, [entry](const auto& other) { return other.get() == entry; });
        if (found->second.empty()) listeners->events.erase(found);
      }
    }
    handler(incoming);
  };
  own->events[std::string(event)].push_back(std::move(entry));
}

void spawn(const SocketPtr& socket, std::string_view event, boost::asio::awaitable<void> coroutine,
           std::shared_ptr<const void> kept) {
  boost::asio::co_spawn(executor_of(*socket), std::move(coroutine),
                        [socket, event = std::string(event),
                         kept = std::move(kept)](const std::exception_ptr& exception) {
                          if (!exception || !socket->has_loop()) return;
                          const engineio::Loop::Turn turn(socket->loop());
                          socket->report_exception(event, exception);
                        });
}

const std::string& name_of(const NamespaceCore& nsp) noexcept { return nsp.name(); }

Executor executor_of(NamespaceCore& nsp) noexcept {
  return nsp.shard_of_caller().loop().context().get_executor();
}

void broadcast(NamespaceCore& nsp, const Audience& audience, const EncodedPacket& packet) {
  if (!nsp.closed()) nsp.adapter().broadcast(packet, audience);
}

void broadcast_with_ack(NamespaceCore& nsp, const Audience& audience, EncodedPacket packet,
                        std::shared_ptr<AckCollector> collector, engineio::Duration timeout) {
  NamespaceShard& home = nsp.shard_of_caller();
  home.loop().dispatch([&nsp, &home, audience, packet = std::move(packet),
                        collector = std::move(collector), timeout] {
    home.start(collector, timeout);
    nsp.adapter().broadcast_with_ack(packet, audience, timeout, collector);
  });
}

Adapter& adapter_of(NamespaceCore& nsp) noexcept { return nsp.adapter(); }

Beginning::Beginning(NamespaceCore& nsp) noexcept
    : nsp_(!nsp.closed() && nsp.server().enter() ? &nsp : nullptr) {}

Beginning::~Beginning() {
  if (nsp_) nsp_->server().leave();
}

void update(NamespaceCore& nsp, const Audience& audience, Update update,
            std::shared_ptr<Receiver<>> done) {
  switch (update.kind) {
    case Update::Kind::join:
      return nsp.adapter().join(audience, std::move(update.rooms), std::move(done));
    case Update::Kind::leave:
      return nsp.adapter().leave(audience, std::move(update.rooms), std::move(done));
    case Update::Kind::disconnect:
      return nsp.adapter().disconnect(audience, update.close, std::move(done));
  }
}

void AckCollector::expect(std::size_t clients) {
  counted_ = true;
  missing_ += clients;
  finish_if_all_came();
}

void AckCollector::reply(const RawArgs& args) {
  if (done_) return;
  add(args);
  --missing_;
  finish_if_all_came();
}

void AckCollector::finish_if_all_came() {
  if (counted_ && missing_ == 0) finish({});
}

void AckCollector::finish(error_code error) {
  if (std::exchange(done_, true)) return;
  const auto self = shared_from_this();  // the callback may end the server, which drops it
  cancel();
  shard_->nsp().guard("a broadcast's callback", [&] { complete(error); });
  shard_->drop(*this);
}

}  // namespace socketio::detail
