#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "engineio/session_handler.hpp"
#include "engineio/socket.hpp"

namespace engineio::transports::detail {

/// What the user of engineio::Server has registered.
struct Callbacks {
  std::function<void(Socket)> on_connection;
  std::function<void(Socket, Message)> on_message;
  std::function<void(Socket, const Packet&)> on_packet;
  std::function<void(Socket, const Packet&)> on_packet_create;
  std::function<void(Socket, std::span<const Packet>)> on_flush;
  std::function<void(Socket)> on_heartbeat;
  std::function<void(Socket)> on_upgrading;
  std::function<void(Socket)> on_upgrade;
  std::function<void(Socket)> on_drain;
  std::function<void(Socket, CloseReason, std::string_view)> on_close;
};

/// Turns what a session delivers into calls of the user's functions. What they throw goes to the
/// log.
class CallbackHandler final : public SessionHandler {
 public:
  /// `callbacks` outlives the handler.
  CallbackHandler(Session& session, const Callbacks& callbacks) noexcept
      : session_(session), callbacks_(callbacks) {}

  void on_open() override {
    listen(callbacks_.on_packet, &SessionEvents::packet);
    listen(callbacks_.on_packet_create, &SessionEvents::packet_create);
    listen(callbacks_.on_flush, &SessionEvents::flush);
    listen(callbacks_.on_heartbeat, &SessionEvents::heartbeat);
    listen(callbacks_.on_upgrading, &SessionEvents::upgrading);
    call(callbacks_.on_connection);
  }
  void on_text(std::string_view text) override {
    call(callbacks_.on_message, Message{text, false});
  }
  void on_binary(const Block& message) override {
    call(callbacks_.on_message, Message{message.payload(), true});
  }
  void on_upgrade() override { call(callbacks_.on_upgrade); }
  void on_drain() override { call(callbacks_.on_drain); }
  bool wants_drain() const noexcept override { return callbacks_.on_drain != nullptr; }
  void on_close(CloseReason reason, std::string_view description) override {
    call(callbacks_.on_close, reason, description);
  }

 private:
  template <class... A>
  void call(const std::function<void(Socket, A...)>& callback, A... arguments) {
    if (!callback) return;
    call_guarded(session_.options().log,
                 [&] { callback(Socket(session_.shared_from_this()), arguments...); });
  }
  // The listener lives no longer than the session: it needs no handle of its own.
  template <class... A>
  void listen(const std::function<void(Socket, A...)>& callback,
              SessionEvent<A...> SessionEvents::*event) {
    if (!callback) return;
    (session_.events()->*event).add([&session = session_, &callback](A... arguments) {
      callback(Socket(session.shared_from_this()), arguments...);
    });
  }

  Session& session_;
  const Callbacks& callbacks_;
};

}  // namespace engineio::transports::detail
