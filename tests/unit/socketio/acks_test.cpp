#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/describe.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/socketio/world.hpp"

namespace socketio {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;
using testing::TestClient;
using testing::Wire;
using testing::World;
using namespace std::string_view_literals;
using boost::system::error_code;
using namespace std::chrono_literals;
namespace asio = boost::asio;

struct Question {
  std::string text = {};
  std::vector<std::string> choices = {};
};
BOOST_DESCRIBE_STRUCT(Question, (), (text, choices))

struct Vote {
  std::string choice = {};
  int weight = 1;
};
BOOST_DESCRIBE_STRUCT(Vote, (), (choice, weight))

class Acks : public testing::OneClient {
 protected:
  explicit Acks(Options options = {}) : OneClient(std::move(options)) {
    world_.main().on_connection([this](Socket socket) { socket_ = socket; });
    world_.main().on_error([this](const Error& error) { errors_.push_back(error.message); });
  }

  Socket socket_;
  Wire errors_;
};

TEST_F(Acks, AnswerTheClient) {
  world_.main()
      .on("typed", [](int n, Ack<int, std::string> ack) { ack(n + 1, "x"); })
      .on("dynamic", [](Args args, Ack<Args> ack) { ack(args); })
      .on("empty", [](Ack<> ack) { ack(); })
      .on("binary", [](Ack<Binary> ack) { ack(Binary("B"sv)); });
  TestClient& client = joined();
  client.send_all(
      {R"(27["typed",1])", R"(28["dynamic",1,[2]])", R"(29["empty"])", R"(210["binary"])"});
  EXPECT_THAT(client.received(), ElementsAre(R"(437[2,"x"])", R"(438[1,[2]])", "439[]",
                                             R"(461-10[{"_placeholder":true,"num":0}])", "<B>"));
}

TEST_F(Acks, AnswerOnceAndOnlyWhoAsked) {
  world_.main().on("e", [&](Ack<int> ack) {
    calls_.push_back(ack ? "asked" : "not asked");
    const Ack<int> copy = ack;
    ack(1);
    copy(2);
  });
  world_.main().on("e", [](Ack<int> ack) { ack(3); });
  TestClient& client = joined();
  client.send_all({R"(2["e"])", R"(20["e"])"});
  EXPECT_THAT(client.received(), ElementsAre("430[1]"));
  EXPECT_THAT(calls_, ElementsAre("not asked", "asked"));
}

TEST_F(Acks, AreSilentAfterTheDisconnect) {
  Ack<int> kept;
  world_.main().on("e", [&](Ack<int> ack) { kept = ack; });
  TestClient& client = joined();
  client.send_all({R"(20["e"])", "1"});
  kept(1);
  EXPECT_THAT(client.received(), IsEmpty());
}

TEST_F(Acks, OfTheClientGoToTheCallback) {
  TestClient& client = joined();
  world_.at(0, [&] {
    socket_.emit("a", 1, [&](int n, std::optional<std::string> text) {
      calls_.push_back(std::to_string(n) + text.value_or("-"));
    });
    socket_.emit("b", [&](const RawArgs& all) { calls_.push_back(std::string(all.text())); });
  });
  EXPECT_THAT(client.received(), ElementsAre(R"(420["a",1])", R"(421["b"])"));
  client.send_all({"31[5,\"x\"]", "30[7]", "30[8]", "399[1]", "3[1]"});
  EXPECT_THAT(calls_, ElementsAre("5,\"x\"", "7-"));
  EXPECT_FALSE(client.closed());
}

TEST_F(Acks, ThatDoNotFitAreReported) {
  TestClient& client = joined();
  world_.at(0, [&] { socket_.emit("a", [&](int) { calls_.push_back("never"); }); });
  client.send("30[\"x\"]");
  EXPECT_THAT(errors_, ElementsAre(::testing::StartsWith("acknowledgement: [0]")));
  EXPECT_THAT(calls_, IsEmpty());
}

TEST_F(Acks, CountPerNamespace) {
  world_.of("/a").on_connection([](Socket socket) { socket.emit("q", [](int) {}); });
  TestClient one = world_.client();
  TestClient two = world_.client();
  one.join("/a");
  two.join("/a");
  EXPECT_THAT(one.received(), ElementsAre(R"(42/a,0["q"])"));
  EXPECT_THAT(two.received(), ElementsAre(R"(42/a,1["q"])"));
}

TEST_F(Acks, CallbackWithATimeoutIsCalledOnceEitherWay) {
  TestClient& client = joined();
  const auto note = [&](error_code error, int n) {
    calls_.push_back(error ? error.message() : std::to_string(n));
  };
  world_.at(0, [&] {
    socket_.timeout(1ms).emit("late", note);
    socket_.timeout(10s).emit("soon", note);
  });
  world_.run_until([&] { return calls_.size() == 1; });
  client.send_all({"30[1]", "31[2]"});
  EXPECT_THAT(calls_, ElementsAre("operation has timed out", "2"));
}

TEST_F(Acks, CallbackWithATimeoutWaitsForItAlsoWhenTheClientLeaves) {
  TestClient& client = joined();
  world_.at(0, [&] {
    socket_.timeout(50ms).emit("q", [&](error_code error) { calls_.push_back(error.message()); });
    socket_.emit("q", [&] { calls_.push_back("never"); });
  });
  client.leave();
  EXPECT_THAT(calls_, IsEmpty());
  socket_ = {};
  world_.run_until([&] { return !calls_.empty(); });
  EXPECT_THAT(calls_, ElementsAre("operation has timed out"));
}

TEST_F(Acks, CanBeAwaited) {
  TestClient& client = joined();
  std::optional<Vote> vote;
  const auto ask = [&]() -> asio::awaitable<void> {
    const Question question{"tea?", {"yes", "no"}};
    vote = co_await socket_.timeout(5s).emit_with_ack<Vote>("poll", question);
  };
  asio::co_spawn(world_.loop().context(), ask, asio::detached);
  EXPECT_THAT(client.received(),
              ElementsAre(R"(420["poll",{"text":"tea?","choices":["yes","no"]}])"));
  client.send(R"(30[{"choice":"yes","weight":3}])");
  ASSERT_TRUE(vote);
  EXPECT_EQ(vote->choice, "yes");
  EXPECT_EQ(vote->weight, 3);
}

TEST_F(Acks, CanBeAwaitedInAHandlerWithMovedArguments) {
  world_.main().on(
      "ask", [](Socket socket, Question question, Ack<std::string> ack) -> asio::awaitable<void> {
        auto [text, number] =
            co_await socket.emit_with_ack<std::string, int>("poll", std::move(question));
        ack(text + std::to_string(number));
      });
  TestClient& client = joined();
  client.send(R"(25["ask",{"text":"t","choices":[]}])");
  EXPECT_THAT(client.received(), ElementsAre(R"(420["poll",{"text":"t","choices":[]}])"));
  client.send(R"(30["a",4])");
  EXPECT_THAT(client.received(), ElementsAre(R"(435["a4"])"));
}

TEST_F(Acks, AwaitedEndByTimeoutDisconnectOrMismatch) {
  TestClient& client = joined();
  std::vector<error_code> errors;
  const auto note = [&](error_code error, int) { errors.push_back(error); };
  world_.at(0, [&] { socket_.timeout(1ms).emit_with_ack<int>("q")(note); });
  world_.run_until([&] { return errors.size() == 1; });
  EXPECT_EQ(errors[0], Errc::timed_out);
  world_.at(0, [&] { socket_.emit_with_ack<int>("q")(note); });
  client.send(R"(31["no number"])");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[1], Errc::arguments_mismatch);
  world_.at(0, [&] { socket_.timeout(10s).emit_with_ack<int>("q")(note); });
  client.leave();
  ASSERT_EQ(errors.size(), 3U);
  EXPECT_EQ(errors[2], asio::error::operation_aborted);
  world_.at(0, [&] { socket_.emit_with_ack<int>("q")(note); });
  ASSERT_EQ(errors.size(), 4U);
  EXPECT_EQ(errors[3], asio::error::operation_aborted);
}

TEST_F(Acks, AbortedCoroutinesOfHandlersEndSilently) {
  world_.main().on("ask", [&](Socket socket) -> asio::awaitable<void> {
    (void)co_await socket.emit_with_ack<int>("q");
    calls_.push_back("never");
  });
  TestClient& client = joined();
  client.send(R"(2["ask"])");
  client.leave();
  EXPECT_THAT(errors_, IsEmpty());
  EXPECT_THAT(calls_, IsEmpty());
}

TEST_F(Acks, AskedFromAnotherThreadGetTheirIdAtHome) {
  TestClient& client = joined();
  std::optional<int> answer;
  socket_.emit_with_ack<int>("q", std::string("["),
                             Binary("B"sv))([&](error_code, int n) { answer = n; });
  socket_.emit("p", [&](int) {});
  EXPECT_THAT(client.received(),
              ElementsAre(R"(451-0["q","[",{"_placeholder":true,"num":0}])", "<B>", R"(421["p"])"));
  client.send("30[7]");
  EXPECT_EQ(answer, 7);
}

TEST_F(Acks, AwaitedTwiceHaveAnIdEach) {
  world_.of("/[1]").on_connection([this](Socket socket) { socket_ = socket; });
  for (const char* name : {"/", "/[1]"}) {
    TestClient client = world_.client();
    client.join(name);
    client.received();
    const auto wait_twice = [&](const auto& wait) {
      wait([&](error_code, int n) { calls_.push_back("first " + std::to_string(n)); });
      wait([&](error_code, int n) { calls_.push_back("second " + std::to_string(n)); });
    };
    world_.at(0, [&] {
      for (int i = 0; i < 10; ++i) socket_.emit("p", [] {});
    });
    client.received();
    world_.at(0, [&] { wait_twice(socket_.emit_with_ack<int>("q", Binary("B"sv))); });
    const Wire asked = client.received();
    ASSERT_THAT(asked, SizeIs(4));
    const std::string head = std::string(name) == "/" ? "" : std::string(name) + ",";
    EXPECT_THAT(asked[0], StartsWith("451-" + head + "11[\"q\""));
    EXPECT_THAT(asked[2], StartsWith("451-" + head + "12[\"q\""));
    client.send("3" + head + "12[2]");
    client.send("3" + head + "11[1]");
    EXPECT_THAT(calls_, ElementsAre("second 2", "first 1"));
    calls_.clear();
  }
}

TEST_F(Acks, AwaitedAreNeverToldInsideTheCallThatBegins) {
  TestClient& client = joined();
  client.leave();
  bool inside = true;
  world_.at(0, [&] {
    socket_.emit_with_ack<int>("q")([&](error_code error, int) {
      EXPECT_FALSE(inside);
      calls_.push_back(error.message());
    });
    inside = false;
  });
  EXPECT_THAT(calls_, ElementsAre("Operation canceled"));
}

TEST_F(Acks, ExceptionsOfThoseWhoAskTooLateStayHere) {
  TestClient& client = joined();
  client.leave();
  socket_.emit_with_ack<int>("q")([](error_code, int) { throw std::runtime_error("oops"); });
  EXPECT_NO_THROW(world_.run());
  EXPECT_THAT(errors_, ElementsAre("oops"));
}

TEST_F(Acks, CallbackWithATimeoutIsCalledWhenTheServerCloses) {
  TestClient& client = joined();
  const auto note = [&](error_code error) {
    calls_.push_back(error.message());
    throw std::runtime_error("oops");
  };
  world_.at(0, [&] { socket_.timeout(10s).emit("of one who left", note); });
  client.leave();
  TestClient second = world_.client();
  second.join();
  world_.at(0, [&] { socket_.timeout(10s).emit("of one who is here", note); });
  EXPECT_THAT(calls_, IsEmpty());
  world_.at(0, [&] { world_.core().shut_down(0); });
  EXPECT_THAT(calls_, ElementsAre("Operation canceled", "Operation canceled"));
  EXPECT_THAT(errors_, ElementsAre("oops", "oops"));
}

TEST_F(Acks, CallbackWithATimeoutIsCalledThoughTheServerHasClosed) {
  const auto note = [&](error_code error) { calls_.push_back(error.message()); };
  world_.main().on_disconnect([&](Socket socket) { socket.timeout(10s).emit("q", note); });
  joined();
  world_.at(0, [&] { world_.core().shut_down(0); });
  world_.at(0, [&] { socket_.timeout(10s).emit("q", note); });
  EXPECT_THAT(calls_, ElementsAre("Operation canceled", "Operation canceled"));
}

TEST(AcksOfJoiningSockets, EndWithTheServer) {
  std::weak_ptr<detail::SocketCore> core;
  asio::io_context context;
  asio::steady_timer gate(context, std::chrono::steady_clock::time_point::max());
  {
    World world(context);
    world.main().use([&](Socket socket) -> asio::awaitable<Admission> {
      core = socket.core();
      socket.timeout(10s).emit("q", [socket](error_code) {});
      socket = {};
      co_await gate.async_wait(asio::as_tuple(asio::use_awaitable));
      co_return Admit{};
    });
    TestClient client = world.client();
    client.send("0");
    EXPECT_FALSE(core.expired());
  }
  gate.cancel();
  context.restart();
  context.run();
  EXPECT_TRUE(core.expired());
}

struct FewAcks : Acks {
  FewAcks() : Acks({.limits = {.outstanding_acks = 2}}) {}
};

TEST_F(FewAcks, AreCappedPerSocket) {
  TestClient& client = joined();
  std::optional<error_code> outcome;
  world_.at(0, [&] {
    socket_.emit("a", [] {});
    socket_.emit("b", [] {});
    socket_.emit("c", [] {});
    socket_.emit_with_ack<int>("d")([&](error_code error, int) { outcome = error; });
    EXPECT_FALSE(outcome);
  });
  EXPECT_THAT(client.received(), ElementsAre(R"(420["a"])", R"(421["b"])"));
  EXPECT_THAT(errors_, ElementsAre("too many outstanding acknowledgements"));
  EXPECT_EQ(outcome, error_code(Errc::too_many_acks));
  client.send("30[]");
  world_.at(0, [&] { socket_.emit("e", [] {}); });
  EXPECT_THAT(client.received(), ElementsAre(R"(424["e"])"));
}

}  // namespace
}  // namespace socketio
