#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/socketio/world.hpp"

namespace socketio {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::StartsWith;
using testing::TestClient;
using testing::Wire;
using testing::World;
using namespace std::chrono_literals;
namespace asio = boost::asio;

TEST(Connect, IsAnsweredWithAnIdOfItsOwnForEachNamespace) {
  World world;
  world.of("/a");
  TestClient client = world.client();
  const std::string first = client.join();
  const std::string second = client.join("/a");
  EXPECT_THAT(first, MatchesRegex("[-_A-Za-z0-9]{20}"));
  EXPECT_THAT(second, MatchesRegex("[-_A-Za-z0-9]{20}"));
  EXPECT_NE(first, second);
  EXPECT_NE(first, client.session()->id());
}

TEST(Connect, ComesBeforeWhatTheConnectionHandlerEmits) {
  World world;
  world.main().on_connection([](Socket socket) {
    EXPECT_TRUE(socket.connected());
    EXPECT_THAT(socket.rooms(), ElementsAre(socket.id()));
    socket.emit("auth", socket.handshake().auth());
  });
  TestClient client = world.client();
  client.send(R"(0{"token":"x"})");
  EXPECT_THAT(client.received(),
              ElementsAre(StartsWith("40{\"sid\":\""), R"(42["auth",{"token":"x"}])"));
}

// Only time would show it otherwise.
TEST(Connect, LeadsTheTrailOfPacketsToTheFirstSocket) {
  World world;
  world.of("/a");
  std::vector<Socket> sockets;
  const auto keep = [&](Socket socket) { sockets.push_back(std::move(socket)); };
  world.main().on_connection(keep);
  world.of("/a").on_connection(keep);
  TestClient client = world.client();
  EXPECT_EQ(client.trail().session, client.session().get());
  EXPECT_EQ(client.trail().receiver, nullptr);
  client.join();
  client.join("/a");
  EXPECT_EQ(client.trail().receiver, sockets.at(0).core().get());
  client.send("1");
  EXPECT_EQ(client.trail().receiver, sockets.at(1).core().get());
  client.send("1/a,");
  EXPECT_EQ(client.trail().receiver, nullptr);
}

TEST(Connect, WithoutAuthGivesAnEmptyObject) {
  World world;
  world.main().on_connection([](Socket socket) { socket.emit("auth", socket.handshake().auth()); });
  TestClient client = world.client();
  client.join();
  EXPECT_THAT(client.received(), ElementsAre(R"(42["auth",{}])"));
}

TEST(Connect, ToAnUnknownNamespaceIsRefusedAndTheConnectionStays) {
  World world;
  TestClient client = world.client();
  client.send("0/zz,");
  EXPECT_THAT(client.received(), ElementsAre(R"(44/zz,{"message":"Invalid namespace"})"));
  client.send("0/?x=1,");
  EXPECT_THAT(client.received(), ElementsAre(R"(44/?x=1,{"message":"Invalid namespace"})"));
  EXPECT_FALSE(client.closed());
  EXPECT_NE(client.join(), "");
}

TEST(Connect, IsRefusedByMiddlewareWithMessageAndData) {
  World world;
  world.of("/mw").use([](const Handshake&) -> Admission {
    return Reject{"denied", {{"code", 7}}};
  });
  world.of("/mw2").use([] { return Reject{"no data"}; });
  bool connected = false;
  world.of("/mw").on_connection([&] { connected = true; });
  TestClient client = world.client();
  client.send_all({"0/mw,", "0/mw2,"});
  EXPECT_THAT(client.received(), ElementsAre(R"(44/mw,{"message":"denied","data":{"code":7}})",
                                             R"(44/mw2,{"message":"no data"})"));
  EXPECT_FALSE(connected);
  EXPECT_FALSE(client.closed());
}

TEST(Connect, RunsMiddlewaresInOrderUntilOneRefuses) {
  World world;
  Wire calls;
  world.main()
      .use([&](const Handshake& hello) -> Admission {
        calls.push_back("first " + std::string(hello.auth_field("name")));
        return Admit{};
      })
      .use([&](Socket socket) -> Admission {
        calls.push_back("second");
        EXPECT_FALSE(socket.connected());
        return Reject{"stop"};
      })
      .use([&](Socket, const Handshake&) -> Admission {
        calls.push_back("third");
        return Admit{};
      });
  TestClient client = world.client();
  client.send(R"(0{"name":"Ann"})");
  EXPECT_THAT(client.received(), ElementsAre(R"(44{"message":"stop"})"));
  EXPECT_THAT(calls, ElementsAre("first Ann", "second"));
}

TEST(Connect, WaitsForAMiddlewareThatIsACoroutine) {
  World world;
  asio::steady_timer gate(world.loop().context(), std::chrono::steady_clock::time_point::max());
  world.main().use([&](const Handshake&) -> asio::awaitable<Admission> {
    co_await gate.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return Admit{};
  });
  TestClient client = world.client();
  client.send("0");
  EXPECT_THAT(client.received(), IsEmpty());
  gate.cancel();
  EXPECT_THAT(client.received(), ElementsAre(StartsWith("40{\"sid\":\"")));
}

TEST(Connect, KeepsTheHandleThatACoroutineTookByReference) {
  World world;
  asio::steady_timer gate(world.loop().context(), std::chrono::steady_clock::time_point::max());
  world.main()
      .use([&](const Socket& socket, const Handshake& hello) -> asio::awaitable<Admission> {
        co_await gate.async_wait(asio::as_tuple(asio::use_awaitable));
        socket.emit("admitted", hello.auth());
        co_return Admit{};
      })
      .on_connection([&](const Socket& socket) -> asio::awaitable<void> {
        co_await gate.async_wait(asio::as_tuple(asio::use_awaitable));
        socket.emit("late");
      });
  TestClient client = world.client();
  client.send("0");
  world.run();
  gate.cancel();
  EXPECT_THAT(client.received(), ElementsAre(R"(42["admitted",{}])", StartsWith("40{")));
  gate.cancel();
  EXPECT_THAT(client.received(), ElementsAre(R"(42["late"])"));
}

// Its own: the client has not left.
TEST(Connect, ReportsAMiddlewareThatWasAborted) {
  World world;
  asio::steady_timer gate(world.loop().context(), std::chrono::steady_clock::time_point::max());
  Error seen;
  world.main().on_error([&](const Error& error) { seen = error; });
  world.main().use([&](const Handshake&) -> asio::awaitable<Admission> {
    co_await gate.async_wait(asio::use_awaitable);
    co_return Admit{};
  });
  TestClient client = world.client();
  client.send("0");
  world.run();
  gate.cancel();
  EXPECT_THAT(client.received(), ElementsAre(StartsWith("44{")));
  EXPECT_EQ(seen.code, Errc::handler_failed);
}

TEST(Connect, IsForgottenWhenTheClientLeavesDuringMiddleware) {
  World world;
  asio::steady_timer gate(world.loop().context(), std::chrono::steady_clock::time_point::max());
  int connected = 0;
  Socket kept;
  world.main().use([&](Socket socket) -> asio::awaitable<Admission> {
    kept = socket;
    socket.join("early");
    co_await gate.async_wait(asio::as_tuple(asio::use_awaitable));
    co_return Admit{};
  });
  world.main().on_connection([&] { ++connected; }).on_disconnect([&] { ++connected; });
  TestClient client = world.client();
  client.send("0");
  client.leave();
  gate.cancel();
  world.run();
  EXPECT_EQ(connected, 0);
  EXPECT_FALSE(kept.connected());
  EXPECT_EQ(world.core().of("/").shard(0).rooms().rooms(), 0U);
}

TEST(Connect, SendsWhatAMiddlewareEmitsAheadOfTheAnswer) {
  World world;
  world.main().use([](Socket socket) -> Admission {
    socket.emit("early", 1);
    return Admit{};
  });
  TestClient client = world.client();
  client.send("0");
  EXPECT_THAT(client.received(), ElementsAre(R"(42["early",1])", StartsWith("40{")));
}

TEST(Connect, LeavesTheRoomsOfARefusedSocket) {
  World world;
  world.main().use([](Socket socket) -> Admission {
    socket.join("a");
    return Reject{"no"};
  });
  TestClient client = world.client();
  client.send("0");
  client.received();
  EXPECT_EQ(world.core().of("/").shard(0).rooms().rooms(), 0U);
}

TEST(Connect, RefusesWhenAMiddlewareThrows) {
  World world;
  Error seen;
  world.main().use(
      [](const Handshake&) -> Admission { throw std::runtime_error("database down"); });
  world.main().on_error([&](const Error& error) { seen = error; });
  TestClient client = world.client();
  client.send("0");
  EXPECT_THAT(client.received(), ElementsAre(R"(44{"message":"internal error"})"));
  EXPECT_EQ(seen.code, Errc::handler_failed);
  EXPECT_EQ(seen.message, "database down");
}

TEST(Connect, TwiceClosesTheConnection) {
  World world;
  DisconnectReason reason{};
  world.main().on_disconnect([&](DisconnectReason why) { reason = why; });
  TestClient client = world.client();
  client.join();
  client.send("0");
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(reason, DisconnectReason::forced_close);
}

TEST(Connect, InOneBreathWithAnEventClosesTheConnection) {
  World world;
  bool handled = false;
  world.main().on("hi", [&] { handled = true; });
  TestClient client = world.client();
  client.send_all({"0", R"(2["hi"])"});
  EXPECT_TRUE(client.closed());
  EXPECT_FALSE(handled);
}

TEST(Connect, DeadlineClosesAConnectionThatJoinsNothing) {
  World world({.connect_timeout = 1ms});
  TestClient client = world.client();
  client.send("0/zz,");
  world.run_until([&] { return client.closed(); });
  EXPECT_THAT(client.received(), ElementsAre(R"(44/zz,{"message":"Invalid namespace"})"));
}

TEST(Connect, DeadlineEndsWithTheFirstJoin) {
  World world({.connect_timeout = 1ms});
  TestClient client = world.client();
  client.join();
  asio::steady_timer later(world.loop().context(), 5ms);
  bool over = false;
  later.async_wait([&](auto) { over = true; });
  world.run_until([&] { return over; });
  EXPECT_FALSE(client.closed());
}

TEST(Connect, CapsNamespacesPerClientAndTheLengthOfNames) {
  World world({.limits = {.namespaces_per_client = 2}});
  world.of("/a");
  world.of("/b");
  TestClient client = world.client();
  EXPECT_NE(client.join(), "");
  EXPECT_NE(client.join("/a"), "");
  client.send("0/b,");
  EXPECT_THAT(client.received(), ElementsAre(R"(44/b,{"message":"too many namespaces"})"));
  EXPECT_FALSE(client.closed());
  client.send("0/" + std::string(300, 'x') + ",");
  EXPECT_TRUE(client.closed());
}

TEST(Connect, RefusesAnOversizedAuth) {
  World world;
  TestClient client = world.client();
  client.send("0{\"t\":\"" + std::string(20'000, 'x') + "\"}");
  EXPECT_TRUE(client.closed());
}

TEST(Connect, HandsAPacketWithAttachmentsOverAsOne) {
  World world;
  world.main().on_connection([](Socket socket) {
    bool inside = false;
    socket.conn().on_packet_create([socket, inside](const engineio::Packet&) mutable {
      if (std::exchange(inside, true)) return;
      socket.emit("between");
      inside = false;
    });
    socket.emit("picture", Binary("B"));
  });
  TestClient client = world.client();
  client.join();
  const Wire sent = client.received();
  const auto text = std::find_if(sent.begin(), sent.end(), [](const std::string& packet) {
    return packet.starts_with("451-");
  });
  ASSERT_NE(text, sent.end());
  EXPECT_EQ(*(text + 1), "<B>");
}

TEST(Connect, SurvivesAListenerThatClosesInTheMiddleOfAPacket) {
  World world;
  world.main().on_connection([](Socket socket) {
    socket.conn().on_packet_create([socket](const engineio::Packet&) {
      if (engineio::Socket conn = socket.conn()) conn.close(true);
    });
    socket.emit("picture", Binary("B"));
    EXPECT_FALSE(socket.connected());
  });
  TestClient client = world.client();
  client.join();
  EXPECT_THAT(client.received(), ::testing::Not(::testing::Contains("<B>")));
}

TEST(Namespaces, AreMadeOnDemandAndFixedAfterwards) {
  World world;
  EXPECT_EQ(&world.of("chat"), &world.of("/chat"));
  EXPECT_EQ(&world.of(""), &world.of("/"));
  EXPECT_EQ(world.of("chat").name(), "/chat");
  world.core().freeze();
  EXPECT_EQ(world.of("/chat").name(), "/chat");
  EXPECT_THROW(world.of("/new"), std::logic_error);
  EXPECT_THROW(world.of("/chat").on("late", [] {}), std::logic_error);
  EXPECT_THROW(world.of("/chat").use([] { return Admit{}; }), std::logic_error);
}

TEST(Namespaces, RefuseHandlersForEventsThatNobodySends) {
  World world;
  for (const char* name :
       {"connect", "connection", "disconnect", "disconnecting", "connect_error", "newListener"}) {
    EXPECT_THROW(world.main().on(name, [] {}), std::invalid_argument) << name;
  }
}

TEST(Connect, S58_ConnIsTheEngineSocketBelow) {
  World world;
  Wire heard;
  world.main().on_connection([&](Socket socket) {
    const engineio::Socket conn = socket.conn();
    EXPECT_EQ(conn.id(), socket.connection_id());
    EXPECT_EQ(conn.transport(), engineio::TransportKind::websocket);
    EXPECT_EQ(conn.request().target, socket.handshake().url());
    conn.on_packet([&](const engineio::Packet& packet) { heard.emplace_back(packet.data); })
        .on_packet_create([&](const engineio::Packet& packet) { heard.emplace_back(packet.data); })
        .on_close([&, socket](engineio::CloseReason, std::string_view description) {
          heard.push_back(socket.id().empty() ? "" : "closed: " + std::string(description));
        });
    socket.emit("hello");
  });
  TestClient client = world.client();
  client.join();
  client.send(R"(2["event"])");
  client.fail("broken");
  EXPECT_THAT(heard, ElementsAre(R"(2["hello"])", R"(2["event"])", "closed: broken"));
}

}  // namespace
}  // namespace socketio
