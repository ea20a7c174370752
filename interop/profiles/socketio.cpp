// Profile `socketio`: the server of the Socket.IO protocol's compliance suite.

#include <chrono>
#include <utility>

#include "interop/profiles/profile.hpp"
#include "socketio/args.hpp"
#include "socketio/server.hpp"

namespace interop {

using socketio::Ack;
using socketio::Args;
using socketio::Socket;

void run_socketio(const Setting& setting) {
  using namespace std::chrono_literals;
  socketio::Options options{.threads = setting.threads, .connect_timeout = 1s};
  options.engine.ping_interval = 300ms;
  options.engine.ping_timeout = 200ms;
  options.engine.max_payload = 1'000'000;
  options.engine.cors = engineio::Cors{.origins = {"*"}};
  socketio::Server io(std::move(options));

  const auto show_auth = [](const Socket& socket) {
    socket.emit("auth", socket.handshake().auth());
  };
  io.on_connection(show_auth);
  io.on("message",
        [](const Socket& socket, const Args& args) { socket.emit("message-back", args); });
  io.on("message-with-ack", [](const Args& args, const Ack<Args>& ack) { ack(args); });
  io.of("/custom").on_connection(show_auth);
  serve(io, setting);
}

}  // namespace interop
