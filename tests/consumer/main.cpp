// Uses the installed library as a program outside of this tree would: a typed handler, listen,
// close.
#include <cstdlib>
#include <iostream>
#include <string>

#include <socketio/server.hpp>

int main() {
  socketio::Server io{{.threads = 1}};
  io.on("comment", [](socketio::Socket socket, const std::string& text, socketio::Ack<> ack) {
    socket.to("everyone").emit("comment", text);
    ack();
  });
  io.listen("127.0.0.1", 0);
  if (io.port() == 0) return EXIT_FAILURE;
  std::cout << "listening on " << io.port() << '\n';
  io.close();
  io.run();
  return EXIT_SUCCESS;
}
