#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/engine_client.hpp"
#include "tests/support/notes.hpp"

namespace support {

/// A client in the main namespace, over a WebSocket. What it sends and receives is shown without
/// Engine.IO's type.
class SocketioClient {
 public:
  /// Joins.
  explicit SocketioClient(std::uint16_t port) : SocketioClient(port, "0") {
    EXPECT_TRUE(receive().starts_with(R"(0{"sid":")"));
  }
  /// Sends `connect` and does not wait for an answer.
  SocketioClient(std::uint16_t port, std::string_view connect) : web_(port) { send(connect); }

  void send(std::string_view packet) { web_.send('4' + std::string(packet)); }
  std::string receive() { return web_.text().substr(1); }
  /// Receives this event, which asks for a reply, and returns what to begin the reply with.
  std::string asked(std::string_view event) {
    const std::string packet = receive();
    const std::size_t data = packet.find('[');
    EXPECT_EQ(packet.substr(0, 1) + packet.substr(std::min(data, packet.size())),
              '2' + std::string(event));
    return '3' + packet.substr(1, data - 1);
  }
  /// The server ends the connection in order.
  void expect_end() {
    EXPECT_EQ(web_.close_code(), 1005U);
    web_.finish_close();
  }

 private:
  WebSocketSession web_;
};

}  // namespace support
