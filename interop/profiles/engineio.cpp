// Profile `engineio`: an Engine.IO server that sends every message back as it came.

#include <chrono>
#include <utility>

#include "interop/profiles/profile.hpp"
#include "transports/engine_server.hpp"

namespace interop {

void run_engineio(const Setting& setting) {
  using namespace std::chrono_literals;
  engineio::ServerOptions options{.threads = setting.threads};
  options.engine.ping_interval = 300ms;
  options.engine.ping_timeout = 200ms;
  options.engine.max_payload = 1'000'000;
  options.engine.cors = engineio::Cors{.origins = {"*"}};
  engineio::Server server(std::move(options));
  server.on_message(
      [](engineio::Socket socket, engineio::Message message) { socket.send(message); });
  serve(server, setting);
}

}  // namespace interop
