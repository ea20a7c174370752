#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/socketio/broadcast_fixture.hpp"

namespace socketio {
namespace {

using testing::BroadcastTest;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::TestClient;
using testing::Wire;
using testing::World;
using namespace std::string_view_literals;
using boost::system::error_code;
using namespace std::chrono_literals;
namespace asio = boost::asio;

class Broadcasts : public BroadcastTest {};

TEST_P(Broadcasts, ReachUnionsOfRoomsWithoutTheExceptions) {
  start();
  socket("a").join({"x", "y"});
  socket("b").join("x");
  socket("c").join("z");
  world_.run();
  const Namespace& io = world_.main();
  here([&] { io.emit("e"); });
  EXPECT_EQ(who(), "abc");
  here([&] { io.to("x").to("y").emit("e"); });
  EXPECT_EQ(who(), "ab");
  here([&] { io.in({"x", "z"}).emit("e"); });
  EXPECT_EQ(who(), "abc");
  here([&] { io.to("x").except("y").emit("e"); });
  EXPECT_EQ(who(), "b");
  here([&] { io.except(socket("a").id()).emit("e"); });
  EXPECT_EQ(who(), "bc");
  here([&] { io.to(socket("c").id()).emit("e"); });
  EXPECT_EQ(who(), "c");
  here([&] { io.to("nobody").emit("e"); });
  EXPECT_EQ(who(), "");
  here([&] { io.except("nobody").local().compress(false).emit("e"); });
  EXPECT_EQ(who(), "abc");
}

// A listener of one client's packets closes another client, which was to be reached after it.

TEST_P(Broadcasts, GoOnWhenAListenerClosesSocketsMeanwhile) {
  start();
  here([&] {
    socket("a").conn().on_packet_create([this](const engineio::Packet&) {
      if (Socket left = std::exchange(sockets_["b"], {})) left.disconnect(true);
    });
  });
  here([&] { world_.main().emit("e"); });
  auto got = received();
  EXPECT_THAT(got["a"], Contains(HasSubstr(R"(["e"])")));
  if (GetParam() == 1) {
    EXPECT_THAT(got["b"], Contains(HasSubstr(R"(["e"])")));
  }
  EXPECT_THAT(got["c"], Contains(HasSubstr(R"(["e"])")));
  EXPECT_TRUE(clients_[1].closed());
}

TEST_P(Broadcasts, OfASocketLeaveItOut) {
  start();
  for (const char* name : {"a", "b", "c"}) socket(name).join("x");
  world_.run();
  here([&] { socket("a").broadcast().emit("e"); });
  EXPECT_EQ(who(), "bc");
  here([&] { socket("a").to("x").except(socket("b").id()).emit("e"); });
  EXPECT_EQ(who(), "c");
  here([&] { socket("a").volatile_().in("x").emit("e"); });
  EXPECT_EQ(who(), "bc");
  here([&] { socket("a").volatile_().to({"x", "y"}).except({"y", "z"}).in({"x"}).emit("e"); });
  EXPECT_EQ(who(), "bc");
  here([&] { socket("a").to(socket("a").id()).emit("e"); });
  EXPECT_EQ(who(), "");
}

TEST_P(Broadcasts, OperatorsAreImmutable) {
  start();
  const Broadcast base = world_.main().to(socket("a").id());
  const Broadcast more = base.to(socket("b").id());
  here([&] { base.emit("e"); });
  EXPECT_EQ(who(), "a");
  here([&] { more.emit("e"); });
  EXPECT_EQ(who(), "ab");
}

TEST_P(Broadcasts, CarryBinaryOnceEncoded) {
  start();
  here([&] { world_.main().emit("e", Binary("B"sv), 1); });
  const auto got = received();
  ASSERT_THAT(got, SizeIs(3));
  for (const auto& [name, wire] : got) {
    EXPECT_THAT(wire, ElementsAre(R"(451-["e",{"_placeholder":true,"num":0},1])", "<B>"));
  }
}

TEST_P(Broadcasts, VolatileSkipThoseThatAreBusy) {
  start();
  clients_[1].set_writable(false);
  here([&] { world_.main().volatile_().emit("e"); });
  clients_[1].poll();
  EXPECT_EQ(who(), "ac");
}

TEST_P(Broadcasts, FromAForeignThreadReachEverybody) {
  start();
  world_.main().emit("e", 1);
  EXPECT_EQ(who(), "abc");
}

TEST_P(Broadcasts, KeepTheOrderOfTheCaller) {
  start();
  here([&] {
    world_.main().emit("one");
    socket("b").emit("two");
    world_.main().emit("three");
  });
  EXPECT_THAT(received()["b"], ElementsAre(R"(42["one"])", R"(42["two"])", R"(42["three"])"));
}

TEST_P(Broadcasts, DoNotReachThoseWhoAreStillJoining) {
  asio::steady_timer gate(world_.loop().context(), std::chrono::steady_clock::time_point::max());
  world_.main().use([&](Socket socket) -> asio::awaitable<Admission> {
    socket.join("x");
    co_await gate.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return Admit{};
  });
  TestClient client = world_.client();
  client.send("0");
  here([&] { world_.main().to("x").emit("e"); });
  EXPECT_THAT(client.received(), IsEmpty());
  gate.cancel();
  world_.run();
  client.received();
  here([&] { world_.main().to("x").emit("e"); });
  EXPECT_THAT(client.received(), ElementsAre(R"(42["e"])"));
}

TEST_P(Broadcasts, FindCountAndMoveSockets) {
  start();
  struct Profile {
    std::string name = {};
  };
  world_.at(GetParam() == 1 ? 0 : 1, [&] { socket("b").data<Profile>().name = "Bea"; });
  std::size_t count = 99;
  bool moved = false;
  here([&] {
    world_.main()
        .to({std::string_view(socket("a").id()), socket("b").id()})
        .sockets_join("x", [&](error_code error) { moved = !error; });
  });
  EXPECT_TRUE(moved);
  here([&] { world_.main().in("x").count_sockets([&](error_code, std::size_t n) { count = n; }); });
  EXPECT_EQ(count, 2U);
  std::vector<RemoteSocket> found;
  here([&] {
    world_.main().in("x").fetch_sockets(
        [&](error_code, std::vector<RemoteSocket> all) { found = all; });
  });
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].id(), socket("a").id());
  EXPECT_THAT(found[0].rooms(), ElementsAre(socket("a").id(), "x"));
  EXPECT_EQ(found[1].handshake().url(), "b");
  ASSERT_TRUE(found[1].data<Profile>());
  EXPECT_EQ(found[1].data<Profile>()->name, "Bea");
  EXPECT_FALSE(found[0].data<Profile>());
  here([&] { world_.main().in("x").sockets_leave("x"); });
  here([&] { world_.main().in("x").count_sockets([&](error_code, std::size_t n) { count = n; }); });
  EXPECT_EQ(count, 0U);
  here([&] { world_.main().to(socket("a").id()).sockets_join({"y", "z"}); });
  here([&] { world_.main().in("y").sockets_leave({"x", "y"}); });
  here([&] {
    world_.main().in("z").except("y").count_sockets([&](error_code, std::size_t n) { count = n; });
  });
  EXPECT_EQ(count, 1U);
  here([&] { world_.main().to(socket("c").id()).disconnect_sockets(true); });
  world_.run();
  EXPECT_TRUE(clients_[2].closed());
  EXPECT_FALSE(clients_[0].closed());
}

TEST_P(Broadcasts, ReachFetchedSocketsOneByOne) {
  start();
  std::vector<RemoteSocket> found;
  here([&] {
    world_.main().fetch_sockets([&](error_code, std::vector<RemoteSocket> all) { found = all; });
  });
  ASSERT_THAT(found, SizeIs(3));
  std::map<std::string, RemoteSocket> by_url;
  for (const RemoteSocket& socket : found) by_url.emplace(socket.handshake().url(), socket);
  const RemoteSocket& b = by_url.at("b");
  here([&] { b.emit("hi", 1); });
  EXPECT_EQ(who(), "b");
  here([&] {
    b.join({"x", "y"});
    b.leave({"y", "z"});
  });
  here([&] { world_.main().to("x").except("y").emit("e"); });
  EXPECT_EQ(who(), "b");
  std::optional<std::string> answer;
  here([&] {
    b.timeout(10s).emit_with_ack<std::string>("q")([&](error_code error, std::string text) {
      EXPECT_FALSE(error);
      answer = text;
    });
  });
  EXPECT_EQ(who(), "b");
  clients_[1].send(R"(30["yes"])");
  world_.run();
  EXPECT_EQ(answer, "yes");
  here([&] { b.disconnect(); });
  EXPECT_THAT(received()["b"], ElementsAre("41"));
  std::optional<error_code> gone;
  here([&] {
    b.timeout(10s).emit_with_ack<int>("q")([&](error_code error, int) { gone = error; });
  });
  EXPECT_EQ(gone, error_code(asio::error::operation_aborted));
}

/// Cannot be copied.
struct Fragile {
  Fragile() = default;
  Fragile(const Fragile&) { throw std::runtime_error("no copy"); }
};

TEST_P(Broadcasts, LeaveOutWhoseDataCannotBeFetched) {
  start();
  const std::size_t loop = GetParam() == 1 ? 0 : 1;
  world_.at(loop, [&] { (void)socket("b").data<Fragile>(); });
  std::vector<RemoteSocket> found;
  here([&] {
    world_.main().fetch_sockets([&](error_code, std::vector<RemoteSocket> all) { found = all; });
  });
  EXPECT_THAT(found, SizeIs(2));
  EXPECT_THAT(world_.log(),
              ElementsAre("namespace /: copying the data of a socket failed: no copy"));
}

TEST_P(Broadcasts, AreNeverCompletedInsideTheCallThatBegins) {
  start();
  int completed = 0;
  bool inside = true;
  const auto note = [&](auto&&...) {
    EXPECT_FALSE(inside);
    ++completed;
  };
  here([&] {
    const Broadcast nobody = world_.main().to("nobody");
    nobody.count_sockets([&](error_code, std::size_t) { note(); });
    nobody.fetch_sockets([&](error_code, std::vector<RemoteSocket>) { note(); });
    nobody.sockets_join("x", [&](error_code) { note(); });
    nobody.disconnect_sockets(true, [&](error_code) { note(); });
    nobody.timeout(10s).emit("q", [&](error_code, std::vector<int>) { note(); });
    inside = false;
  });
  EXPECT_EQ(completed, 5);
}

INSTANTIATE_TEST_SUITE_P(Loops, Broadcasts, ::testing::Values(1U, 3U));

TEST(BroadcastOrder, IsThatOfTheRoomsAndThenOfJoining) {
  World world;
  Wire order;
  world.main().on_any_outgoing(
      [&](Socket socket, std::string) { order.push_back(socket.handshake().url()); });
  std::map<std::string, Socket> sockets;
  world.main().on_connection([&](Socket socket) { sockets[socket.handshake().url()] = socket; });
  std::vector<TestClient> clients;
  for (const char* name : {"a", "b", "c"}) {
    clients.push_back(world.client(0, name));
    clients.back().join();
  }
  world.at(0, [&] {
    sockets["c"].join("x");
    sockets["b"].join({"x", "y"});
    sockets["a"].join("y");
    world.main().to({"y", "x"}).emit("e");
  });
  EXPECT_THAT(order, ElementsAre("b", "a", "c"));
  order.clear();
  world.at(0, [&] { world.main().emit("e"); });
  EXPECT_THAT(order, ElementsAre("a", "b", "c"));
}

// However many of its clients are meant: one posted call.

TEST(BroadcastLoops, AreEnteredOnce) {
  World world({}, 2);
  std::vector<TestClient> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(world.client(1));
    clients.back().join();
  }
  world.loop(0).post([&] { world.main().emit("e"); });
  world.loop(0).context().restart();
  world.loop(0).context().poll();
  world.loop(1).context().restart();
  EXPECT_EQ(world.loop(1).context().poll(), 1U);
  for (TestClient& client : clients) EXPECT_THAT(client.received(), Contains(R"(42["e"])"));
}

}  // namespace
}  // namespace socketio
