// The events of an Engine.IO socket beside message and close, over real connections.

#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/server_test.hpp"

namespace {

using namespace std::chrono_literals;
using engineio::Packet;
using engineio::Socket;
using support::PollingSession;
using support::WebSocketSession;

using Lines = std::vector<std::string>;

std::string text_of(const Packet& packet) {
  return std::to_string(static_cast<int>(packet.type)) + std::string(packet.data);
}

class SocketEvents : public support::ServerTest {
 protected:
  void hear(std::string line) {
    const std::lock_guard lock(mutex);
    heard.push_back(std::move(line));
  }
  Lines all() {
    const std::lock_guard lock(mutex);
    return heard;
  }

  std::mutex mutex;
  Lines heard;
};
RUN_ON_LOOPS(SocketEvents);

TEST_P(SocketEvents, E92_are_told_to_the_server_s_handlers) {
  check_service = false;  // its sessions would be heard too
  setup = [this](engineio::Server& server) {
    server.on_packet([this](const Socket&, const Packet& packet) { hear("<" + text_of(packet)); });
    server.on_packet_create(
        [this](const Socket&, const Packet& packet) { hear(">" + text_of(packet)); });
    server.on_flush([this](const Socket&, std::span<const Packet> packets) {
      const bool opens = packets.front().type == engineio::PacketType::open;
      hear("flush " + (opens ? "open" : std::to_string(packets.size())));
    });
    server.on_heartbeat([this](const Socket&) { hear("heartbeat"); });
    server.on_upgrading([this](const Socket&) { hear("upgrading"); });
    server.on_upgrade([this](const Socket&) { hear("upgrade"); });
  };
  PollingSession session = polling();
  WebSocketSession web = websocket_of(session);
  web.complete_upgrade();
  web.send("3");
  web.send("4hello");
  EXPECT_EQ(web.text(), "4hello");
  EXPECT_EQ(all(), (Lines{"flush open", "upgrading", "upgrade", "<3", "heartbeat", "<4hello",
                          ">4hello", "flush 1"}));
}

TEST_P(SocketEvents, are_told_to_one_socket_s_listeners) {
  check_service = false;  // the server has stopped by then
  setup = [this](engineio::Server& server) {
    server.on_connection([this](const Socket& socket) {
      if (!socket.request().query.has("listen")) return;
      socket.on_packet([this](const Packet& packet) { hear("<" + text_of(packet)); })
          .on_drain([this] { hear("drain"); })
          .on_close([this](engineio::CloseReason reason, std::string_view) {
            hear(std::string(to_string(reason)));
          });
    });
  };
  support::RawClient wire = connect();
  ASSERT_EQ(
      wire.request(support::upgrade(std::string(support::websocket_target) + "&listen=1")).status,
      101);
  const std::string sid = support::sid_of(wire.frame().payload);
  wire.send(engineio::transports::text_frame("4close"));
  EXPECT_EQ(wire.frame().opcode, 8U);
  server().ending(sid);
  server().wait_for_sessions(0);
  server().stop();
  EXPECT_EQ(all(), (Lines{"drain", "<4close", "forced close"}));
}

}  // namespace
