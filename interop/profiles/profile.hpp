#pragma once

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <string>

#include "interop/profiles/stop_on_signal.hpp"

namespace interop {

/// Where a profile listens, and on how many loops it runs.
struct Setting {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::size_t threads = 1;
};

/// The profiles: each makes its server and serves until SIGTERM or SIGINT. Throw if the server
/// cannot listen.
void run_engineio(const Setting& setting);
void run_socketio(const Setting& setting);
void run_client(const Setting& setting);
void run_engine_client(const Setting& setting);
void run_interop(const Setting& setting);

/// Listens, says so, and serves until a signal closes the server.
template <class Server>
void serve(Server& server, const Setting& setting) {
  server.listen(setting.host, setting.port);
  const StopOnSignal stop([&server] { server.close(); });
  std::cout << "listening on " << server.port() << std::endl;
  server.run();
}

}  // namespace interop
