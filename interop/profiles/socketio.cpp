// Profile `socketio`: the server of the Socket.IO protocol's compliance suite.

#include <chrono>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "interop/profiles/profile.hpp"
#include "socketio/args.hpp"
#include "socketio/server.hpp"

namespace interop {

using socketio::Ack;
using socketio::Args;
using socketio::Socket;

namespace {

using namespace std::chrono_literals;

// On a WebSocket not in the turn of the connection: the suite waits for one message at a time, and
// never hears of one that comes in the same segment as the one before it. Node.js writes each on
// its own.
boost::asio::awaitable<void> show_auth(Socket socket) {
  if (socket.transport() == "websocket") {
    boost::asio::steady_timer pause(co_await boost::asio::this_coro::executor, 5ms);
    co_await pause.async_wait(boost::asio::use_awaitable);
  }
  socket.emit("auth", socket.handshake().auth());
}

}  // namespace

void run_socketio(const Setting& setting) {
  socketio::Options options{.threads = setting.threads, .connect_timeout = 1s};
  options.engine.ping_interval = 300ms;
  options.engine.ping_timeout = 200ms;
  options.engine.max_payload = 1'000'000;
  options.engine.cors = engineio::Cors{.origins = {"*"}};
  socketio::Server io(std::move(options));

  io.on_connection(show_auth);
  io.on("message",
        [](const Socket& socket, const Args& args) { socket.emit("message-back", args); });
  io.on("message-with-ack", [](const Args& args, const Ack<Args>& ack) { ack(args); });
  io.of("/custom").on_connection(show_auth);
  serve(io, setting);
}

}  // namespace interop
