#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/system/error_code.hpp>

#include "engineio/engine.hpp"
#include "engineio/socket.hpp"
#include "transports/http_response.hpp"

namespace boost::asio {
class io_context;
}

namespace engineio {

using transports::HttpResponse;

/// Answers an HTTP request outside the protocol: the page, a health check. Called on the
/// connection's loop; must not block.
using HttpHandler = std::function<HttpResponse(const Request& request)>;

/// Where the server's certificate is. PEM files.
struct Tls {
  std::string certificate_file;  ///< the chain, the server's own certificate first
  std::string private_key_file;
};

/// Settings of a server: its loops, its sockets, and the protocol's own Options.
struct ServerOptions {
  std::size_t threads = 1;  ///< loops, one thread each; 0: one per processor
  Options engine = {};
  std::optional<Tls> tls = {};  ///< none: plain HTTP
  int backlog = 4096;           ///< connections that the kernel holds until they are accepted
  milliseconds shutdown_timeout{
      2'000};  ///< for the clients' part of the closes that `close` begins; then cut
};

/// An Engine.IO server: long-polling and WebSocket on one port, without the Socket.IO layer above.
///
// clang-format off
///     engineio::Server server{{.engine = {.ping_interval = 10s}}};
///     server.on_message([](engineio::Socket socket, engineio::Message message) { socket.send(message); });
///     server.listen(3000);
///     server.run();
// clang-format on
///
/// Life: set handlers and routes, `listen`, `run`. Handlers are called on the loop of the client
/// they concern; with one loop no two ever overlap. After `listen` handlers and routes are fixed:
/// setting them throws std::logic_error. `close` and `clients_count` may be called from any thread;
/// everything else from the thread that made the server.
class Server {
 public:
  /// Owns its loops. Throws std::invalid_argument for settings that can't work: see validate().
  explicit Server(ServerOptions options = {});
  /// Lives on the caller's io_context, which one thread runs: then `run` is not called, and threads
  /// must be 1.
  explicit Server(boost::asio::io_context& context, ServerOptions options = {});
  /// For a protocol above this one, which handles the sessions itself.
  Server(ServerOptions options, SessionHandlerFactory factory);
  Server(boost::asio::io_context& context, ServerOptions options, SessionHandlerFactory factory);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Cuts what is still open. Requires: `run` has returned; with a borrowed io_context, it runs no
  /// more.
  ~Server();

  /// Handlers: one of each kind; a later call replaces the handler. Before the first listen.
  void on_connection(std::function<void(Socket)> handler);
  void on_message(std::function<void(Socket, Message)> handler);
  /// A packet of any type came.
  void on_packet(std::function<void(Socket, const Packet&)> handler);
  /// A packet of any type is about to be queued for the client; from on_connection on.
  void on_packet_create(std::function<void(Socket, const Packet&)> handler);
  /// What is queued is about to be given to the client's transport.
  void on_flush(std::function<void(Socket, std::span<const Packet>)> handler);
  /// The client answered a ping.
  void on_heartbeat(std::function<void(Socket)> handler);
  /// The client probed a WebSocket, and was answered.
  void on_upgrading(std::function<void(Socket)> handler);
  /// The client went on to WebSocket.
  void on_upgrade(std::function<void(Socket)> handler);
  /// Everything that was sent to the client has been handed to the network.
  void on_drain(std::function<void(Socket)> handler);
  void on_close(std::function<void(Socket, CloseReason, std::string_view description)> handler);

  /// Answers requests for exactly this path (without query), of any method, ahead of the engine.
  void route(std::string path, HttpHandler handler);
  /// Answers what neither the engine nor a route takes; without one that is an empty 404.
  void fallback(HttpHandler handler);

  /// Accepts connections on every address: `::` dual-stack, or 0.0.0.0 where there is no IPv6. Port
  /// 0 picks a free one. May be called again for further ports. Throws boost::system::system_error
  /// when it can't be had: then nothing listens that did not before. The first call reads
  /// ServerOptions::tls, and throws std::system_error for a file that can't be read,
  /// std::invalid_argument for one that holds something else.
  void listen(std::uint16_t port);
  /// The same on one address, given as text; "localhost" listens on 127.0.0.1 and, where it exists,
  /// ::1. With an `error` it says there what the address was refused for; certificates still throw.
  void listen(const std::string& host, std::uint16_t port);
  void listen(const std::string& host, std::uint16_t port, boost::system::error_code& error);
  /// The port of the first listen.
  std::uint16_t port() const noexcept;

  /// Serves until `close` is through. The calling thread is the first loop's. What the
  /// application's own work on a loop throws stops all loops, and comes out here. Throws
  /// std::logic_error on a borrowed io_context: run that.
  void run();
  /// Stops accepting, closes every session at once (clients see the transport close and may
  /// reconnect elsewhere), gives the goodbyes ServerOptions::shutdown_timeout to leave, then lets
  /// `run` return. Any thread; not a signal handler.
  void close();

  /// Number of loops; `loop(i)` and `engine(i)` belong together.
  std::size_t loops() const noexcept;
  Loop& loop(std::size_t index) noexcept;
  Engine& engine(std::size_t index) noexcept;
  /// Sessions that are open now, of all loops. Any thread.
  std::size_t clients_count() const noexcept;

 private:
  struct Core;
  std::unique_ptr<Core> core_;
};

}  // namespace engineio
