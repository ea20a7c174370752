// Uses the installed library as a program outside of this tree would: a typed handler, listen, and
// a signal that closes, beside it on the same io_context.
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <socketio/server.hpp>

int main() {
  ::alarm(20);  // ends it if the signal does not arrive
  boost::asio::io_context context;
  socketio::Server io{context};
  io.on("comment", [](socketio::Socket socket, const std::string& text, socketio::Ack<> ack) {
    socket.to("everyone").emit("comment", text);
    ack();
  });
  io.listen("127.0.0.1", 0);
  if (io.port() == 0) return EXIT_FAILURE;
  std::cout << "listening on " << io.port() << '\n';
  boost::asio::signal_set signals(context, SIGTERM);
  signals.async_wait([&](boost::system::error_code, int) { io.close(); });
  std::raise(SIGTERM);
  context.run();
  return EXIT_SUCCESS;
}
