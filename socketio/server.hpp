#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <boost/system/error_code.hpp>

#include "socketio/http.hpp"
#include "socketio/namespace.hpp"
#include "socketio/options.hpp"

namespace boost::asio {
class io_context;
}

namespace socketio {

/// A Socket.IO server: long-polling and WebSocket on one port, for the official clients.
///
///     socketio::Server io{{.threads = 1}};
///     io.on_connection([](Socket socket) { socket.join("everyone"); });
///     io.on("comment", [](Socket socket, std::string text, Ack<> ack) {
///       socket.to("everyone").emit("comment", text);
///       ack();
///     });
///     io.listen(3000);
///     io.run();
///
/// Being a Broadcast, it means everybody in the main namespace, of("/"): `io.emit(…)`,
/// `io.to("news").emit(…)`.
///
/// Life: register handlers, middlewares and routes; listen; run. close() ends it. The object
/// outlives everything that it handed out, but for Socket handles, which may live on and do
/// nothing.
///
/// Threads: with `threads = 1`, or on the caller's io_context, no two handlers ever run at the same
/// time.
///
/// - Constructor, registration, listen and run: the thread that owns the server.
/// - of() for a namespace that exists, emits, operators, close(): any thread.
/// - Handlers of one client: its loop, in packet order, never two at once.
/// - Handlers of different clients: at the same time, if and only if there are several loops.
class Server : public Broadcast {
 public:
  /// Owns `options.threads` event loops. Throws std::system_error when the system has no descriptor
  /// for them, std::invalid_argument for settings that can't work: see engineio::validate().
  explicit Server(Options options = {});
  /// Lives on the caller's io_context, which one thread runs; `run` is not called then.
  explicit Server(boost::asio::io_context& context, Options options = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Requires: run() has returned, or the caller's io_context is not running. Cuts what is still
  /// open; sockets get no disconnect event any more.
  ~Server();

  /// The namespace of that name, with a leading slash added if it is missing; made at the first
  /// call. After listen() only for one that exists: else it throws std::logic_error. A name with a
  /// comma, which no client can send, is std::invalid_argument. The same object every time.
  Namespace& of(std::string_view name);

  /// As the members of the same name of of("/").
  template <class F>
  Server& on(std::string_view event, F handler);
  template <class F>
  Server& on_connection(F handler);
  template <class F>
  Server& on_disconnecting(F handler);
  template <class F>
  Server& on_disconnect(F handler);
  template <class F>
  Server& on_error(F handler);
  template <class F>
  Server& on_any(F handler);
  template <class F>
  Server& prepend_any(F handler);
  template <class F>
  Server& on_any_outgoing(F handler);
  template <class F>
  Server& use(F middleware);
  Server& on_rooms(RoomEvents events);

  /// The Broadcast that this is, as a value.
  Broadcast everyone() const { return *this; }

  /// Answers requests for exactly this path (without its query), of any method, ahead of Socket.IO.
  /// Before listen().
  Server& route(std::string path, HttpHandler handler);
  /// Answers requests that are neither Socket.IO's nor a route's; without one they get an empty
  /// 404. Before listen().
  Server& fallback(HttpHandler handler);

  /// Accepts clients on every address, `::` dual-stack or 0.0.0.0 where there is no IPv6. Port 0
  /// picks a free one. May be called again for further ports. From the first call on namespaces and
  /// their handlers are fixed, and the first call reads the files. Throws
  /// boost::system::system_error when the address can't be had (in use, say; then nothing listens
  /// that did not before) or the client bundle can't be read; std::system_error or
  /// std::invalid_argument for a certificate that can't be read or used.
  void listen(std::uint16_t port);
  /// The same on one address; "localhost" is 127.0.0.1 and, where it exists, ::1. With an `error`
  /// it says there what the address was refused for; files still throw.
  void listen(const std::string& host, std::uint16_t port);
  void listen(const std::string& host, std::uint16_t port, boost::system::error_code& error);
  /// The port of the first listen().
  std::uint16_t port() const noexcept;

  /// Serves until close() is through. The calling thread is the first loop's. Coroutines that still
  /// wait then are destroyed with the server (on a borrowed io_context: with that). What the
  /// application's own work on a loop throws (handlers' failures go to on_error) stops all loops,
  /// and comes out here. Throws std::logic_error on a borrowed io_context: run that.
  void run();
  /// Stops accepting and disconnects everybody: sockets report `server shutting down`, clients see
  /// their connection close and try to reconnect. Then run() returns. Any thread, also from a
  /// handler; not from a signal handler.
  void close();

  /// Connections that are open now. Any thread.
  std::size_t clients_count() const noexcept;

 private:
  struct Core;

  Server(std::unique_ptr<Core> core, std::string_view main_namespace);

  std::unique_ptr<Core> core_;
  Namespace* main_;
};

template <class F>
Server& Server::on(std::string_view event, F handler) {
  main_->on(event, std::move(handler));
  return *this;
}

template <class F>
Server& Server::on_connection(F handler) {
  main_->on_connection(std::move(handler));
  return *this;
}

template <class F>
Server& Server::on_disconnecting(F handler) {
  main_->on_disconnecting(std::move(handler));
  return *this;
}

template <class F>
Server& Server::on_disconnect(F handler) {
  main_->on_disconnect(std::move(handler));
  return *this;
}

template <class F>
Server& Server::on_error(F handler) {
  main_->on_error(std::move(handler));
  return *this;
}

template <class F>
Server& Server::on_any(F handler) {
  main_->on_any(std::move(handler));
  return *this;
}

template <class F>
Server& Server::prepend_any(F handler) {
  main_->prepend_any(std::move(handler));
  return *this;
}

template <class F>
Server& Server::on_any_outgoing(F handler) {
  main_->on_any_outgoing(std::move(handler));
  return *this;
}

template <class F>
Server& Server::use(F middleware) {
  main_->use(std::move(middleware));
  return *this;
}

}  // namespace socketio
