#include <transports/engine_server.hpp>

int main() {
  engineio::Server server;
  server.on_message(
      [](engineio::Socket socket, engineio::Message message) { socket.send(message); });
  server.listen(3000);
  server.run();
}
