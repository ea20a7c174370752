#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/socketio/world.hpp"

namespace socketio {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::TestClient;
using testing::Wire;
using testing::World;
using namespace std::chrono_literals;
using boost::system::error_code;
namespace asio = boost::asio;

class Disconnect : public ::testing::Test {
 protected:
  explicit Disconnect(Options options = {}) : world_(std::move(options)) {
    for (const char* name : {"/", "/a"}) {
      world_.of(name)
          .on_connection([this](Socket socket) { socket_ = socket; })
          .on_disconnecting([this](Socket socket, DisconnectReason, const std::string&) {
            calls_.push_back(socket.nsp() + " leaving " + std::to_string(socket.rooms().size()) +
                             (socket.connected() ? " connected" : " gone"));
          })
          .on_disconnect([this](Socket socket, DisconnectReason reason, std::string description) {
            calls_.push_back(socket.nsp() + ' ' + std::string(to_string(reason)) +
                             (description.empty() ? "" : ": " + description));
            EXPECT_FALSE(socket.connected());
            EXPECT_THAT(socket.rooms(), IsEmpty());
          })
          .on_error([this](const Error& error) { calls_.push_back("error: " + error.message); });
    }
  }

  World world_;
  Socket socket_;
  Wire calls_;
};

TEST_F(Disconnect, ByTheClientLeavesTheOtherNamespaces) {
  TestClient client = world_.client();
  client.join();
  client.join("/a");
  client.send("1/a,");
  EXPECT_THAT(calls_, ElementsAre("/a leaving 1 connected", "/a client namespace disconnect"));
  EXPECT_FALSE(client.closed());
  client.send(R"(2["still here"])");
  EXPECT_FALSE(client.closed());
  EXPECT_NE(client.join("/a"), "");
}

TEST_F(Disconnect, ByTheServerTellsTheClient) {
  TestClient client = world_.client();
  client.join("/a");
  socket_.disconnect();
  EXPECT_THAT(client.received(), ElementsAre("41/a,"));
  EXPECT_THAT(calls_, ElementsAre("/a leaving 1 connected", "/a server namespace disconnect"));
  EXPECT_FALSE(client.closed());
  socket_.emit("lost");
  socket_.join("lost");
  socket_.disconnect();
  EXPECT_THAT(client.received(), IsEmpty());
  EXPECT_THAT(calls_, ::testing::SizeIs(2));
}

TEST_F(Disconnect, WithCloseEndsEveryNamespaceAndTheConnection) {
  TestClient client = world_.client();
  client.join();
  client.join("/a");
  socket_.disconnect(true);
  EXPECT_THAT(client.received(), ElementsAre("41", "41/a,"));
  EXPECT_THAT(calls_, ElementsAre("/ leaving 1 connected", "/ server namespace disconnect",
                                  "/a leaving 1 connected", "/a server namespace disconnect"));
  EXPECT_TRUE(client.closed());
}

TEST_F(Disconnect, ByTheNetworkGivesItsReasonToAllSockets) {
  TestClient client = world_.client();
  client.join();
  client.join("/a");
  client.fail("invalid content");
  EXPECT_THAT(calls_, ElementsAre("/ leaving 1 connected", "/ transport error: invalid content",
                                  "/a leaving 1 connected", "/a transport error: invalid content"));
  calls_.clear();
  TestClient second = world_.client();
  second.join();
  second.leave();
  EXPECT_THAT(calls_, ElementsAre("/ leaving 1 connected", "/ transport close"));
}

TEST_F(Disconnect, ByAMalformedPacketIsAnErrorOfEverySocketAndAForcedClose) {
  for (const char* packet : {"9", "2{}", "2[]", "2[null]", "", "2[\"a\"", R"(2["connect"])",
                             "012[]", "51", "50-[\"e\"]"}) {
    TestClient client = world_.client();
    client.join();
    calls_.clear();
    client.send(packet);
    EXPECT_TRUE(client.closed()) << packet;
    ASSERT_EQ(calls_.size(), 3U) << packet;
    EXPECT_THAT(calls_[0], ::testing::StartsWith("error: ")) << packet;
    EXPECT_EQ(calls_[2], "/ forced close") << packet;
  }
}

TEST_F(Disconnect, ByAViolationIsNoError) {
  for (const char* packet : {"0", R"(2/b,["e"])", "1/b,", R"(4{"message":"x"})", "3/b,0[]"}) {
    TestClient client = world_.client();
    client.join();
    calls_.clear();
    client.send(packet);
    EXPECT_TRUE(client.closed()) << packet;
    EXPECT_THAT(calls_, ElementsAre("/ leaving 1 connected", "/ forced close")) << packet;
  }
}

TEST_F(Disconnect, ByAViolationOverPollingDoesNotWaitForThePoll) {
  TestClient client = world_.polling_client();
  client.join();  // answered: no poll is pending now
  calls_.clear();
  client.send(R"(2/b,["e"])");
  EXPECT_THAT(calls_, ElementsAre("/ leaving 1 connected", "/ forced server close"));
  client.leave();
  EXPECT_THAT(calls_, ::testing::SizeIs(2));
}

TEST_F(Disconnect, ByAViolationOverPollingWithAPendingPollIsForced) {
  TestClient client = world_.polling_client();
  client.join();
  client.poll();
  calls_.clear();
  client.send(R"(2/b,["e"])");
  EXPECT_THAT(calls_, ElementsAre("/ leaving 1 connected", "/ forced close"));
}

TEST_F(Disconnect, ByAMalformedPacketOverPollingWaitsForThePoll) {
  TestClient client = world_.polling_client();
  client.join();
  calls_.clear();
  client.send("9");
  EXPECT_THAT(calls_, ElementsAre("error: unknown packet type 9"));
  world_.at(0, [&] { client.session()->sink().on_close_sent(*client.session()->transport()); });
  EXPECT_THAT(calls_, ElementsAre("error: unknown packet type 9", "/ leaving 1 connected",
                                  "/ forced close"));
}

TEST_F(Disconnect, ByTheServersEndSendsNothing) {
  TestClient client = world_.client();
  client.join();
  client.join("/a");
  world_.at(0, [&] { world_.core().shut_down(0); });
  EXPECT_THAT(client.received(), IsEmpty());
  EXPECT_THAT(calls_,
              ::testing::UnorderedElementsAre("/ leaving 1 connected", "/ server shutting down",
                                              "/a leaving 1 connected", "/a server shutting down"));
  world_.at(0, [&] { world_.engine().close(); });
  EXPECT_THAT(calls_, ::testing::SizeIs(4));
}

TEST_F(Disconnect, DropsTheHandlersOfTheSocket) {
  auto token = std::make_shared<int>(1);
  world_.main().on_connection([&](Socket socket) { socket.on("e", [socket, token] {}); });
  TestClient client = world_.client();
  client.join();
  EXPECT_EQ(token.use_count(), 2);  // here and in the socket's handler
  client.leave();
  EXPECT_EQ(token.use_count(), 1);
}

TEST_F(Disconnect, KeepsWhatACoroutineHandlerUses) {
  asio::steady_timer gate(world_.loop().context(), std::chrono::steady_clock::time_point::max());
  const auto token = std::make_shared<std::string>("token");
  world_.main().on_connection([&](Socket socket) {
    socket.on_disconnect([this, &gate, token](const Socket& left, DisconnectReason,
                                              const std::string& why) -> asio::awaitable<void> {
      co_await gate.async_wait(asio::as_tuple(asio::use_awaitable));
      calls_.push_back(left.nsp() + ' ' + *token + ' ' + why);
    });
  });
  TestClient client = world_.client();
  client.join();
  client.fail("a description that is not stored in place");
  gate.cancel();
  world_.run();
  EXPECT_EQ(calls_.back(), "/ token a description that is not stored in place");
  EXPECT_EQ(token.use_count(), 1);
}

TEST_F(Disconnect, DropsHandlersThatComeAfterIt) {
  TestClient client = world_.client();
  client.join();
  client.leave();
  const std::weak_ptr<detail::SocketCore> core = socket_.core();
  socket_.on("e", [kept = socket_] {})
      .on_any([kept = socket_](std::string) {})
      .on_disconnect([kept = socket_] {})
      .use([kept = socket_](Event&) -> Admission { return Admit{}; });
  socket_.off("e").off_any().off_any_outgoing();
  socket_ = {};
  world_.run();
  EXPECT_TRUE(core.expired());
}

// As in Node: an event that has been given to one handler is given to all of its name.
TEST_F(Disconnect, InsideOfAHandlerDoesNotStopTheOthers) {
  world_.main().on("e", [](Socket socket) { socket.disconnect(true); });
  world_.main().on("e", [this] { calls_.push_back("namespace"); });
  world_.main().on_connection(
      [this](Socket socket) { socket.on("e", [this] { calls_.push_back("socket"); }); });
  TestClient client = world_.client();
  client.join();
  client.send_all({R"(2["e"])", R"(2["e"])"});
  EXPECT_THAT(calls_, ElementsAre("/ leaving 1 connected", "/ server namespace disconnect",
                                  "namespace", "socket"));
  EXPECT_THAT(client.received(), ElementsAre("41"));
}

TEST_F(Disconnect, InsideOfACatchAllHandlerStopsThoseOfTheName) {
  world_.main().on_any([](Socket socket, std::string_view) { socket.disconnect(); });
  world_.main().on_connection([this](Socket socket) {
    socket.on_any([this](std::string_view) { calls_.push_back("any"); });
    socket.on("e", [this] { calls_.push_back("never"); });
  });
  world_.main().on("e", [this] { calls_.push_back("never"); });
  TestClient client = world_.client();
  client.join();
  client.send(R"(2["e"])");
  EXPECT_THAT(calls_, ElementsAre("/ leaving 1 connected", "/ server namespace disconnect", "any"));
}

TEST_F(Disconnect, LeavesNothingBehind) {
  TestClient client = world_.client();
  client.join();
  client.send("2[\"e\"]");
  const std::weak_ptr<detail::SocketCore> core = socket_.core();
  client.leave();
  EXPECT_EQ(world_.core().of("/").shard(0).rooms().rooms(), 0U);
  EXPECT_TRUE(world_.core().of("/").shard(0).rooms().all().empty());
  socket_ = {};
  world_.run();
  EXPECT_TRUE(core.expired());
}

TEST_F(Disconnect, HandlesOutliveTheServer) {
  Socket kept;
  {
    World world;
    world.main().on_connection([&](Socket socket) { kept = socket; });
    TestClient client = world.client();
    client.join();
  }
  EXPECT_FALSE(kept.connected());
  EXPECT_EQ(kept.nsp(), "/");
  kept.emit("x");
  kept.join("x");
  kept.disconnect(true);
  EXPECT_EQ(kept.transport(), "");
  EXPECT_FALSE(kept.conn());
  kept.on("x", [kept] {});
  kept.to("x").emit("x");
  Wire outcomes;
  kept.emit("x", [&] { outcomes.push_back("never"); });
  kept.timeout(1s).emit("x", [&](error_code error) { outcomes.push_back(error.message()); });
  kept.emit_with_ack<int>("x")([&](error_code error, int) { outcomes.push_back(error.message()); });
  kept.timeout(1s).emit_with_ack<>("x")(
      [&](error_code error) { outcomes.push_back(error.message()); });
  EXPECT_THAT(outcomes,
              ElementsAre("Operation canceled", "Operation canceled", "Operation canceled"));
}

// A context of the user's own runs on after the server.
TEST_F(Disconnect, CoroutinesOutliveTheServer) {
  asio::io_context context;
  asio::steady_timer gate(context, std::chrono::steady_clock::time_point::max());
  const auto wait = gate.async_wait(asio::as_tuple(asio::deferred));
  Socket kept;
  {
    World world(context);
    world.main()
        .on_connection([&](Socket socket) {
          kept = socket;
          socket.use([&](Event& event) -> asio::awaitable<Admission> {
            if (event.name == "waits") co_await wait(asio::use_awaitable);
            co_return Admit{};
          });
        })
        .on("fails", [&]() -> asio::awaitable<void> {
          co_await wait(asio::use_awaitable);
          throw std::runtime_error("nobody is left to be told");
        });
    TestClient client = world.client();
    client.join();
    client.send_all({R"(2["fails"])", R"(2["waits"])"});
  }
  gate.cancel();
  context.restart();
  context.run();
  EXPECT_FALSE(kept.connected());
}

TEST_F(Disconnect, BinaryBeforeConnectIsNotCollected) {
  TestClient client = world_.client();
  client.send(R"(51-["e",{"_placeholder":true,"num":0}])");
  EXPECT_TRUE(client.closed());
}

struct DisconnectWithLimits : Disconnect {
  DisconnectWithLimits()
      : Disconnect({.limits = {.attachment_timeout = 1ms, .events_per_second = 3}}) {}
};

TEST_F(DisconnectWithLimits, ByAnAttachmentThatDoesNotCome) {
  TestClient client = world_.client();
  client.join();
  client.send(R"(51-["e",{"_placeholder":true,"num":0}])");
  EXPECT_FALSE(client.closed());
  world_.run_until([&] { return client.closed(); });
  EXPECT_EQ(calls_.back(), "/ forced close");
}

// What is sent at once comes in one turn, in which no time passes. Any packet counts.
TEST_F(DisconnectWithLimits, ByTooManyEvents) {
  for (const Wire& packets : {Wire{"0", "0/a,"}, Wire{"0", "0/a,", "0/b,"}}) {
    TestClient client = world_.client();
    client.send_all(packets);
    EXPECT_FALSE(client.closed()) << packets.size();
  }
  TestClient client = world_.client();
  client.join();
  client.send_all({R"(2["e"])", R"(2["e"])", R"(2["e"])", R"(2["e"])"});
  EXPECT_EQ(calls_.back(), "/ transport error: event rate limit");
  TestClient exactly_one_more = world_.client();
  exactly_one_more.send_all({"0", "0/a,", "0/b,", "0/b,"});
  EXPECT_TRUE(exactly_one_more.closed());
}

// A hundred of a loop go at once, the others in later turns: nobody else waits for all of them.
TEST(DisconnectSockets, ServesOthersBetweenHundreds) {
  for (const std::size_t count : {99U, 100U, 101U, 250U}) {
    SCOPED_TRACE(count);
    World world;
    std::size_t left = 0;
    std::size_t done_after = 0;
    world.main().on_disconnect([&] { ++left; });
    std::vector<TestClient> clients;
    for (std::size_t i = 0; i < count; ++i) {
      clients.push_back(world.client());
      clients.back().join();
    }
    world.loop().post([&] {
      world.main().disconnect_sockets(true, [&](boost::system::error_code) { done_after = left; });
      EXPECT_EQ(left, std::min<std::size_t>(count, 100));
    });
    world.run();
    EXPECT_EQ(left, count);
    EXPECT_EQ(done_after, count);
  }
}

}  // namespace
}  // namespace socketio
