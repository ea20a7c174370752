#include <iostream>
#include <string>

#include <boost/describe.hpp>
#include <socketio/server.hpp>

using namespace socketio;

struct Line {
  std::string author, text;
};
BOOST_DESCRIBE_STRUCT(Line, (), (author, text))

int main() {
  Server io;
  io.on("join", [](Socket socket, std::string room, Ack<> ack) {
    socket.join(room);
    ack();
  });
  io.on("line", [](Socket socket, std::string room, Line line) {
    socket.to(room).emit("line", line);  // everyone in the room but the sender
  });
  io.on_disconnect([](Socket socket, DisconnectReason reason) {
    std::cout << socket.id() << " left: " << to_string(reason) << '\n';
  });
  io.listen(3000);  // long-polling and WebSocket on one port
  io.run();
}
