#include <chrono>
#include <optional>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/socketio/broadcast_fixture.hpp"

namespace socketio {
namespace {

using boost::system::error_code;
using testing::BroadcastTest;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::TestClient;
using testing::World;
using namespace std::chrono_literals;
namespace asio = boost::asio;

class BroadcastReplies : public BroadcastTest {};

TEST_P(BroadcastReplies, AreNotWaitedForWithoutAFunction) {
  start();
  here([&] { world_.main().timeout(10s).emit("q", "x"); });
  EXPECT_THAT(received().at("a"), ElementsAre(R"(42["q","x"])"));
}

TEST_P(BroadcastReplies, CollectReplies) {
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

TEST_P(BroadcastReplies, CollectWhatCameInTime) {
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

TEST_P(BroadcastReplies, OfNobodyCollectNothingAtOnce) {
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

TEST_P(BroadcastReplies, CanBeAwaited) {
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

TEST_P(BroadcastReplies, CollectRepliesWithoutAValueAsNull) {
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

TEST_P(BroadcastReplies, AbortWhenTheServerEnds) {
  start();
  std::optional<error_code> outcome;
  here([&] {
    world_.main().timeout(10s).emit("q",
                                    [&](error_code error, std::vector<int>) { outcome = error; });
  });
  for (std::size_t i = 0; i < GetParam(); ++i) world_.at(i, [&] { world_.core().shut_down(i); });
  EXPECT_EQ(outcome, error_code(asio::error::operation_aborted));
}

INSTANTIATE_TEST_SUITE_P(Loops, BroadcastReplies, ::testing::Values(1U, 3U));

TEST(BroadcastReplyTime, MayEndTheServerWhenTheirTimeIsOver) {
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

}  // namespace
}  // namespace socketio
