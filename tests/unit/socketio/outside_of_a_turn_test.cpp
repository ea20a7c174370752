#include <functional>
#include <string>

#include <boost/asio/post.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/socketio/world.hpp"

namespace socketio {
namespace {

using ::testing::ElementsAre;
using testing::TestClient;
using testing::Wire;
using testing::World;
namespace asio = boost::asio;

// As a coroutine does that has waited for a timer, or the application's own work: no turn of the
// loop is under way then. Listeners may end things that the calls below them still use.
class FromOutsideOfATurn : public ::testing::Test {
 protected:
  FromOutsideOfATurn() {
    world_.main()
        .on_connection([this](Socket socket) { socket_ = socket; })
        .on_disconnecting([this] { calls_.push_back("leaving"); })
        .on_disconnect(
            [this](DisconnectReason reason) { calls_.push_back(std::string(to_string(reason))); });
  }
  TestClient joined() {
    TestClient client = world_.client();
    client.join();
    client.received();
    return client;
  }
  void outside(const std::function<void()>& function) {
    asio::post(world_.loop().context(), function);
    world_.run();
  }

  World world_;
  Socket socket_;
  Wire calls_;
};

TEST_F(FromOutsideOfATurn, AListenerOfPacketsMayClose) {
  TestClient client = joined();
  socket_.conn().on_packet_create(
      [conn = socket_.conn()](const engineio::Packet&) { conn.close(true); });
  socket_.conn().on_packet_create(
      [this](const engineio::Packet&) { calls_.push_back("next listener"); });
  outside([&] {
    socket_.emit("x");
    world_.main().emit("y");
  });
  EXPECT_THAT(calls_, ElementsAre("leaving", "forced close", "next listener"));
  EXPECT_TRUE(client.closed());
}

TEST_F(FromOutsideOfATurn, ListenersOfTheDisconnectMayCloseTheConnection) {
  for (const bool close : {false, true}) {
    TestClient client = joined();
    const auto end = [](const Socket& socket) { socket.conn().close(true); };
    socket_.on_disconnecting(end).on_disconnect(end);
    outside([&] { socket_.disconnect(close); });
    EXPECT_THAT(calls_, ElementsAre("leaving", "server namespace disconnect"));
    EXPECT_TRUE(client.closed());
    calls_.clear();
  }
}

}  // namespace
}  // namespace socketio
