#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/socketio/world.hpp"

namespace socketio {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::TestClient;
using ::testing::UnorderedElementsAre;
using testing::Wire;
using testing::World;
using namespace std::string_view_literals;
using boost::system::error_code;
using namespace std::chrono_literals;
namespace asio = boost::asio;

/// Three clients; with several loops on different ones. Each joins the rooms that it names.
class Broadcasts : public ::testing::TestWithParam<std::size_t> {
 protected:
  Broadcasts() : world_({}, GetParam()) {
    world_.main().on_connection(
        [this](Socket socket) { sockets_[socket.handshake().url()] = socket; });
    world_.main().on("join", [](Socket socket, std::string room) { socket.join(room); });
  }
  void start() {
    for (const char* name : {"a", "b", "c"}) {
      const std::size_t loop = clients_.size() % GetParam();
      clients_.push_back(world_.client(loop, name));
      clients_.back().join();
      clients_.back().received();
    }
  }
  Socket& socket(const char* name) { return sockets_[name]; }
  /// Who got something, and what.
  std::map<std::string, Wire> received() {
    world_.run();
    std::map<std::string, Wire> out;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (Wire got = clients_[i].received(); !got.empty())
        out[std::string(1, static_cast<char>('a' + i))] = got;
    }
    return out;
  }
  std::string who() {
    std::string names;
    for (const auto& [name, got] : received()) {
      names += name;
      EXPECT_THAT(got, SizeIs(1)) << name;
    }
    return names;
  }
  /// On the loop of client a.
  void here(const std::function<void()>& function) { world_.at(0, function); }

  World world_;
  std::map<std::string, Socket> sockets_;
  std::vector<TestClient> clients_;
};

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

TEST_P(Broadcasts, CollectReplies) {
  start();
  std::optional<error_code> outcome;
  std::vector<int> replies;
  here([&] {
    world_.main().timeout(10s).emit("q", "x", [&](error_code error, std::vector<int> all) {
      outcome = error;
      replies = all;
    });
  });
  const auto got = received();
  EXPECT_THAT(got.at("a"), ElementsAre(R"(420["q","x"])"));
  EXPECT_THAT(got.at("c"), ElementsAre(R"(420["q","x"])"));
  clients_[1].send("30[2,\"more\"]");
  clients_[0].send("30[1]");
  clients_[0].send("30[9]");
  EXPECT_FALSE(outcome);
  clients_[2].send("30[3]");
  world_.run();
  EXPECT_EQ(outcome, error_code{});
  EXPECT_THAT(replies, ElementsAre(2, 1, 3));
}

TEST_P(Broadcasts, CollectWhatCameInTime) {
  start();
  std::optional<error_code> outcome;
  std::vector<int> replies;
  here([&] {
    world_.main().timeout(2ms).emit_with_ack<int>("q")([&](error_code error, std::vector<int> all) {
      outcome = error;
      replies = all;
    });
  });
  clients_[0].send("30[1]");
  world_.run_until([&] { return outcome.has_value(); });
  EXPECT_EQ(outcome, error_code(Errc::timed_out));
  EXPECT_THAT(replies, ElementsAre(1));
  clients_[1].send("30[2]");
  EXPECT_FALSE(clients_[1].closed());
}

TEST_P(Broadcasts, OfNobodyCollectNothingAtOnce) {
  start();
  std::optional<error_code> outcome;
  here([&] {
    world_.main().to("nobody").timeout(10s).emit(
        "q", [&](error_code error, std::vector<boost::json::value> all) {
          EXPECT_THAT(all, IsEmpty());
          outcome = error;
        });
  });
  EXPECT_EQ(outcome, error_code{});
}

TEST_P(Broadcasts, CanBeAwaited) {
  start();
  std::vector<int> replies;
  const auto ask = [&]() -> asio::awaitable<void> {
    replies = co_await world_.main().timeout(10s).emit_with_ack<int>("q");
  };
  asio::co_spawn(world_.loop().context(), ask, asio::detached);
  received();
  for (TestClient& client : clients_) client.send("30[4]");
  world_.run();
  EXPECT_THAT(replies, ElementsAre(4, 4, 4));
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

TEST_P(Broadcasts, CollectRepliesWithoutAValueAsNull) {
  start();
  std::optional<error_code> outcome;
  std::vector<boost::json::value> replies;
  here([&] {
    world_.main().timeout(10s).emit_with_ack("q")(
        [&](error_code error, std::vector<boost::json::value> all) {
          outcome = error;
          replies = all;
        });
  });
  clients_[0].send("30[]");
  clients_[1].send("30[1]");
  clients_[2].send("30[]");
  world_.run();
  EXPECT_EQ(outcome, error_code{});
  EXPECT_THAT(replies, ElementsAre(nullptr, 1, nullptr));
}

TEST_P(Broadcasts, AbortWhenTheServerEnds) {
  start();
  std::optional<error_code> outcome;
  here([&] {
    world_.main().timeout(10s).emit("q",
                                    [&](error_code error, std::vector<int>) { outcome = error; });
  });
  for (std::size_t i = 0; i < GetParam(); ++i) world_.at(i, [&] { world_.core().shut_down(i); });
  EXPECT_EQ(outcome, error_code(asio::error::operation_aborted));
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

TEST(BroadcastReplies, MayEndTheServerWhenTheirTimeIsOver) {
  World world;
  TestClient client = world.client();
  client.join();
  std::optional<error_code> outcome;
  world.at(0, [&] {
    world.main().timeout(1ms).emit("bye?", [&](error_code error, std::vector<int>) {
      outcome = error;
      world.core().shut_down(0);
    });
  });
  world.run_until([&] { return outcome.has_value(); });
  EXPECT_EQ(outcome, error_code(Errc::timed_out));
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
