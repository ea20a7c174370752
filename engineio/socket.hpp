#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "engineio/close_reason.hpp"
#include "engineio/packet.hpp"
#include "engineio/session.hpp"

namespace engineio {

/// What travels: text, or bytes. The view is valid during the call that hands it over.
struct Message {
  std::string_view data;
  bool binary = false;
};

/// Handle to one client of the engine. Copyable; safe after the close, when what is sent is
/// dropped, for as long as the Server lives; after that only id, request and comparisons are. It
/// keeps memory alive, never the connection. `send` and `close` from any thread, in
/// order per thread; the rest on the client's loop. A default-constructed one refers to nobody:
/// only assign to it, compare it and ask `if (socket)`.
class Socket {
 public:
  Socket() = default;
  explicit Socket(std::shared_ptr<Session> session) noexcept : session_(std::move(session)) {}

  explicit operator bool() const noexcept { return session_ != nullptr; }

  const std::string& id() const noexcept { return session_->id(); }
  const Request& request() const noexcept { return session_->request(); }
  /// The transport in use. On the client's loop.
  TransportKind transport() const noexcept { return session_->transport_kind(); }
  /// The request that brought the message which is being handled: the POST over polling, the
  /// opening one over WebSocket. On the client's loop, inside of on_message.
  const Request& data_request() const noexcept;
  void send(Message message) const;
  void send(std::string_view text) const { send(Message{text}); }
  /// The same; `sent` is called on the client's loop once the message has been handed to the
  /// network, never if the client is gone first.
  void send(Message message, std::function<void()> sent) const;
  /// Closes after what was sent has left; `now` drops it instead.
  void close(bool now = false) const;

  /// Listeners of this client only, beside the server's: the events of a JavaScript server's
  /// socket. They are called on the client's loop, after the server's own handlers, and dropped at
  /// the close, so that they may hold handles. They may send and close; packets are valid during
  /// the call. After the close nothing is added.
  const Socket& on_packet(std::function<void(const Packet&)> listener) const;
  const Socket& on_packet_create(std::function<void(const Packet&)> listener) const;
  const Socket& on_flush(std::function<void(std::span<const Packet>)> listener) const;
  const Socket& on_drain(std::function<void()> listener) const;
  const Socket& on_heartbeat(std::function<void()> listener) const;
  const Socket& on_upgrading(std::function<void()> listener) const;
  const Socket& on_upgrade(std::function<void()> listener) const;
  const Socket& on_close(
      std::function<void(CloseReason, std::string_view description)> listener) const;

  friend bool operator==(const Socket& a, const Socket& b) noexcept {
    return a.session_ == b.session_;
  }

 private:
  std::shared_ptr<Session> session_;
};

}  // namespace engineio
