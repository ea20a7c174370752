// Asks every client that connects a question, and waits for the answer without a callback.
#include <chrono>
#include <iostream>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <socketio/server.hpp>

using namespace socketio;
using namespace std::chrono_literals;

int main() {
  Server io{{.threads = 2}};
  io.on_connection([](Socket socket) -> boost::asio::awaitable<void> {
    const std::string question =
        "tea or coffee?";  // a named value: g++ 12 destroys temporaries in co_await twice
    try {
      const auto answer = co_await socket.timeout(5s).emit_with_ack<std::string>("poll", question);
      std::cout << socket.id() << " wants " << answer << std::endl;
    } catch (const boost::system::system_error& error) {
      std::cout << socket.id() << " did not say: " << error.code().message() << std::endl;
    }
  });
  io.listen(3000);
  io.run();
}
