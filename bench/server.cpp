// The server under measurement: `echo` comes back, `ack` is acknowledged, `broadcast` goes to
// everybody, `join` and `room` use rooms. The same program stands in reference/ for Node.js and
// Bun.
#include <cstdint>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>
#include <socketio/server.hpp>

using namespace socketio;

int main(int argc, char** argv) {
  std::string host = "127.0.0.1";
  std::uint16_t port = 3000;
  std::size_t threads = 1;
  CLI::App app("A Socket.IO server to be measured");
  app.add_option("--host", host);
  app.add_option("--port", port, "0 picks a free one");
  app.add_option("--threads", threads);
  CLI11_PARSE(app, argc, argv);

  Server io{{.threads = threads}};
  io.on("echo", [](Socket socket, const RawArgs& args) { socket.emit("echo", args); });
  io.on("ack", [](Socket, const RawArgs& args, Ack<RawArgs> ack) { ack(args); });
  io.on("broadcast", [&io](const RawArgs& args) { io.emit("broadcast", args); });
  io.on("join", [](Socket socket, std::string room, Ack<> ack) {
    socket.join(room);
    ack();
  });
  io.on("room", [&io](std::string room, std::string text) { io.to(room).emit("room", text); });
  io.listen(host, port);
  std::cout << "listening on " << io.port() << std::endl;
  io.run();
}
