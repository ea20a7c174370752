// The server under measurement: `echo` comes back, `ack` is acknowledged, `broadcast` goes to
// everybody of the namespace, `join`, `leave`, `room` and `except` use rooms, `kick` disconnects
// everybody else. The same program stands in reference/ for Node.js and Bun.
#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <socketio/server.hpp>

using namespace socketio;

namespace {

struct Setting {
  std::string host = "127.0.0.1";
  std::uint16_t port = 3000;
  std::string certificate;
  std::string key;
  long ping_interval_ms = 25'000;
  Options options;
};

void add_flags(CLI::App& app, Setting& setting) {
  app.add_option("--host", setting.host);
  app.add_option("--port", setting.port, "0 picks a free one");
  app.add_option("--threads", setting.options.threads);
  auto* certificate = app.add_option("--tls-cert", setting.certificate, "PEM file; with it: TLS");
  certificate->needs(app.add_option("--tls-key", setting.key, "PEM file"));
  app.add_option("--max-payload", setting.options.engine.max_payload, "bytes of a message");
  app.add_option("--ping-interval", setting.ping_interval_ms, "milliseconds");
}

void serve(Namespace& nsp) {
  nsp.on("echo", [](Socket socket, const RawArgs& args) { socket.emit("echo", args); });
  nsp.on("ack", [](Socket, const RawArgs& args, Ack<RawArgs> ack) { ack(args); });
  nsp.on("broadcast", [&nsp](const RawArgs& args) { nsp.emit("broadcast", args); });
  nsp.on("join", [](Socket socket, std::string room, Ack<> ack) {
    socket.join(room);
    ack();
  });
  nsp.on("leave", [](Socket socket, std::string room, Ack<> ack) {
    socket.leave(room);
    ack();
  });
  nsp.on("room",
         [&nsp](std::string room, const RawArgs& args) { nsp.to(room).emit("room", args); });
  nsp.on("except",
         [&nsp](std::string room, const RawArgs& args) { nsp.except(room).emit("except", args); });
  nsp.on("kick", [](Socket socket) { socket.broadcast().disconnect_sockets(true); });
}

}  // namespace

int main(int argc, char** argv) {
  Setting setting;
  CLI::App app("A Socket.IO server to be measured");
  add_flags(app, setting);
  CLI11_PARSE(app, argc, argv);
  setting.options.engine.ping_interval = std::chrono::milliseconds(setting.ping_interval_ms);
  if (!setting.certificate.empty()) setting.options.tls = Tls{setting.certificate, setting.key};

  Server io{setting.options};
  serve(io.of("/"));
  for (int i = 0; i < 10; ++i) serve(io.of("/n" + std::to_string(i)));
  io.listen(setting.host, setting.port);
  std::cout << "listening on " << io.port() << std::endl;
  io.run();
}
