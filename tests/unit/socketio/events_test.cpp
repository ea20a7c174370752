#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/describe.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/socketio/world.hpp"

namespace socketio {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::TestClient;
using testing::Wire;
using testing::World;
using namespace std::string_view_literals;
namespace asio = boost::asio;

struct Draft {
  std::string author = {};
  std::string text = {};
  std::optional<Binary> picture = {};
};
BOOST_DESCRIBE_STRUCT(Draft, (), (author, text, picture))

class Events : public testing::OneClient {};

TEST_F(Events, GiveTypedArgumentsToTheHandler) {
  world_.main().on("comment",
                   [&](Socket socket, Draft draft, int count, std::optional<std::string> more) {
                     calls_.push_back(draft.author + ":" + draft.text + ":" +
                                      std::to_string(count) + (more ? "+" : "-"));
                     EXPECT_EQ(draft.picture->view(), "\x01\x02");
                     EXPECT_TRUE(socket.connected());
                   });
  joined().send_all(
      {R"(51-["comment",{"author":"Ann","text":"hi","unknown":1,"picture":{"_placeholder":true,"num":0}},3])",
       "<\x01\x02>"});
  EXPECT_THAT(calls_, ElementsAre("Ann:hi:3-"));
}

TEST_F(Events, RunAllHandlersOfANameInOrder) {
  world_.main()
      .on("e", [&] { calls_.push_back("one"); })
      .on("e", [&](int n) { calls_.push_back("two " + std::to_string(n)); })
      .on("other", [&] { calls_.push_back("never"); });
  joined().send(R"(2["e",5,"ignored"])");
  EXPECT_THAT(calls_, ElementsAre("one", "two 5"));
}

TEST_F(Events, ThatDoNotFitAreReportedAndTheConnectionStays) {
  std::optional<Error> seen;
  world_.main().on("comment", [&](Draft) { calls_.push_back("never"); });
  world_.main().on_error([&](Socket, const Error& error) { seen = error; });
  TestClient& client = joined();
  client.send(R"(2["comment",{"author":7,"text":"x"}])");
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->code, Errc::arguments_mismatch);
  EXPECT_EQ(seen->event, "comment");
  EXPECT_EQ(seen->path, "[0].author");
  EXPECT_THAT(seen->message, HasSubstr("string expected"));
  seen.reset();
  client.send(R"(2["comment"])");
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->path, "[0]");
  EXPECT_THAT(calls_, IsEmpty());
  EXPECT_FALSE(client.closed());
}

TEST_F(Events, ErrorsWithoutAHandlerGoToTheLog) {
  world_.main().on("n", [](int) {});
  joined().send(R"(2["n","x\n"])");
  ASSERT_EQ(world_.log().size(), 1U);
  EXPECT_THAT(world_.log()[0], HasSubstr("event \"n\": arguments do not fit the signature"));
}

TEST_F(Events, ErrorsThatAClientProvokesAreLoggedOnceASecond) {
  world_.main().on("n", [](int) {});
  world_.main().on("fail", [] { throw std::runtime_error("no"); });
  Wire messages(1000, R"(2["n","x"])");
  messages.insert(messages.end(), 1000, R"(2["fail"])");
  joined().send_all(messages);  // one turn, so at one time
  ASSERT_THAT(world_.log(), SizeIs(2));
  EXPECT_THAT(world_.log()[0], HasSubstr("event \"n\": arguments do not fit the signature"));
  EXPECT_THAT(world_.log()[1], HasSubstr("event \"fail\": handler failed: no"));
}

TEST_F(Events, ExceptionsGoToOnErrorAndTheNextHandlerRuns) {
  std::optional<Error> seen;
  world_.main()
      .on("e", [] { throw std::runtime_error("oops"); })
      .on("e", [&] { calls_.push_back("next"); })
      .on_error([&](Error error) { seen = error; });
  TestClient& client = joined();
  client.send(R"(2["e"])");
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->code, Errc::handler_failed);
  EXPECT_EQ(seen->event, "e");
  EXPECT_EQ(seen->message, "oops");
  EXPECT_THROW(std::rethrow_exception(seen->exception), std::runtime_error);
  EXPECT_THAT(calls_, ElementsAre("next"));
  EXPECT_FALSE(client.closed());
}

TEST_F(Events, FromARelayGoOnAsTheyCame) {
  world_.main().on(
      "relay", [](Socket socket, const RawArgs& args) { socket.emit("relayed", args, "tail"); });
  TestClient& client = joined();
  client.send(R"(2["relay",1.0,{"a":"\ud83d"},1e400])");
  EXPECT_THAT(client.received(), ElementsAre(R"(42["relayed",1.0,{"a":"\ud83d"},null,"tail"])"));
  client.send_all({R"(52-["relay",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}])",
                   "<A>", "<B>"});
  EXPECT_THAT(client.received(), ElementsAre(HasSubstr(R"(["relayed",{"_placeholder":true,"num":)"),
                                             ::testing::_, ::testing::_));
}

TEST_F(Events, AreShownToCatchAllHandlersFirst) {
  world_.main()
      .on("e", [&] { calls_.push_back("handler"); })
      .on_any([&](Socket, std::string name, Args args) {
        calls_.push_back("any " + name + std::to_string(args.size()));
      })
      .prepend_any([&](std::string_view name) { calls_.push_back("first " + std::string(name)); });
  TestClient& client = joined();
  client.send(R"(2["e",1,2])");
  EXPECT_THAT(calls_, ElementsAre("first e", "any e2", "handler"));
  calls_.clear();
  client.send("2");
  EXPECT_THAT(calls_, ElementsAre("first ", "any 0"));
  EXPECT_FALSE(client.closed());
}

TEST_F(Events, WithNamesLikeInternalsAreOrdinary) {
  world_.main()
      .on("error", [&] { calls_.push_back("error"); })
      .on("__proto__", [&] { calls_.push_back("proto"); })
      .on("5", [&] { calls_.push_back("five"); })
      .on_error([&] { calls_.push_back("internal"); });
  joined().send_all({R"(2["error"])", R"(2["__proto__"])", "2[5]"});
  EXPECT_THAT(calls_, ElementsAre("error", "proto", "five"));
}

TEST_F(Events, OfOneSocketHaveTheirOwnHandlersToo) {
  world_.main().on_connection([&](Socket socket) {
    socket.on("mine", [&, socket](int n) { socket.emit("got", n); }).on_any([&](std::string name) {
      calls_.push_back(name);
    });
  });
  TestClient& client = joined();
  client.send(R"(2["mine",4])");
  EXPECT_THAT(client.received(), ElementsAre(R"(42["got",4])"));
  EXPECT_THAT(calls_, ElementsAre("mine"));
}

TEST_F(Events, HandlersOfASocketCanBeDropped) {
  world_.main().on("e", [&] { calls_.push_back("namespace"); });
  world_.main().on_connection([&](Socket socket) {
    socket.on("e", [&, socket] {
      calls_.push_back("socket");
      socket.off("e").off_any().off_any_outgoing();
    });
    socket.on_any([&](std::string_view) { calls_.push_back("any"); });
    socket.on_any_outgoing([&](std::string_view) { calls_.push_back("outgoing"); });
  });
  TestClient& client = joined();
  client.send(R"(2["e"])");
  EXPECT_THAT(calls_, ElementsAre("any", "namespace", "socket"));
  calls_.clear();
  client.send(R"(2["e"])");
  EXPECT_THAT(calls_, ElementsAre("namespace"));
}

TEST_F(Events, AreHandledOnceIfThatIsAskedFor) {
  world_.main().on_connection([&](Socket socket) {
    socket.once("e", [&, socket](int n) {
      calls_.push_back("once " + std::to_string(n));
      if (n == 1) socket.once("e", [&](int m) { calls_.push_back("again " + std::to_string(m)); });
    });
    socket.on("e", [&](int n) { calls_.push_back("on " + std::to_string(n)); });
    socket.once("bye", [&, socket] { socket.disconnect(); });
  });
  TestClient& client = joined();
  client.send_all({R"(2["e",1])", R"(2["e",2])", R"(2["e",3])", R"(2["bye"])"});
  EXPECT_THAT(calls_, ElementsAre("once 1", "on 1", "on 2", "again 2", "on 3"));
  EXPECT_THAT(client.received(), ElementsAre("41"));
}

TEST_F(Events, HandlersMayHoldWhatCannotBeCopied) {
  const auto note = [this](std::unique_ptr<std::string> text) {
    return [this, text = std::move(text)] { calls_.push_back(*text); };
  };
  const auto text = [](const char* it) { return std::make_unique<std::string>(it); };
  world_.main().on("e", note(text("event"))).on_connection(note(text("connection")));
  world_.main().on_any([this, own = text("any")](std::string_view) { calls_.push_back(*own); });
  world_.main().on_disconnect(note(text("disconnect"))).on_error(note(text("error")));
  world_.main().use([this, own = text("middleware")]() -> Admission {
    calls_.push_back(*own);
    return Admit{};
  });
  TestClient& client = joined();
  client.send_all({R"(2["e",1])", R"(2["e"])", "1"});
  EXPECT_THAT(calls_, ElementsAre("middleware", "connection", "any", "event", "any", "event",
                                  "disconnect"));
}

TEST_F(Events, HandlersOfASocketMayDisconnectItWhileTheyRun) {
  world_.main().on_connection([&](Socket socket) {
    std::string text(100, 'x');  // in the closure, to be missed if that were gone
    socket.on("bye", [&, socket, text] {
      socket.disconnect();
      calls_.push_back(text.substr(0, 1));
    });
    socket.on("bye", [&] { calls_.push_back("second"); });
  });
  TestClient& client = joined();
  client.send(R"(2["bye"])");
  EXPECT_THAT(client.received(), ElementsAre("41"));
  EXPECT_EQ(calls_.front(), "x");
}

TEST_F(Events, PassSocketMiddlewaresThatMayChangeOrRefuseThem) {
  std::optional<Error> seen;
  world_.main().on("e", [&](int n) { calls_.push_back("e" + std::to_string(n)); });
  world_.main().on("renamed", [&](std::string text, Ack<std::string> ack) { ack(text); });
  world_.main().on_error([&](const Error& error) { seen = error; });
  world_.main().on_connection([](Socket socket) {
    socket.use([](Event& event) -> Admission {
      if (event.name == "bad") return Reject{"refused", {{"code", 1}}};
      if (event.name == "old") event = {"renamed", {.values = {"new"}, .attachments = {}}};
      return Admit{};
    });
    socket.use([](Event& event) -> asio::awaitable<Admission> {
      if (event.name == "slow") co_return Reject{"too slow"};
      co_return Admit{};
    });
  });
  TestClient& client = joined();
  client.send_all({R"(2["e",5])", R"(2["bad"])"});
  EXPECT_THAT(calls_, ElementsAre("e5"));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->code, Errc::rejected_by_middleware);
  EXPECT_EQ(seen->message, "refused");
  EXPECT_EQ(seen->event, "bad");
  client.send(R"(23["old"])");
  EXPECT_THAT(client.received(), ElementsAre(R"(433["new"])"));
  client.send(R"(2["slow"])");
  EXPECT_EQ(seen->message, "too slow");
  EXPECT_FALSE(client.closed());
}

TEST_F(Events, OfACoroutineHandlerInterleaveAtItsSuspension) {
  asio::steady_timer gate(world_.loop().context(), std::chrono::steady_clock::time_point::max());
  world_.main()
      .on("slow",
          [&](Socket socket, std::string text) -> asio::awaitable<void> {
            calls_.push_back("begin " + text);
            co_await gate.async_wait(asio::as_tuple(asio::use_awaitable));
            calls_.push_back("end " + text);
            socket.emit("done", text);
          })
      .on("fast", [&] { calls_.push_back("fast"); });
  TestClient& client = joined();
  client.send_all({R"(2["slow","a long text that is not stored in place"])", R"(2["fast"])"});
  EXPECT_THAT(calls_, ElementsAre("begin a long text that is not stored in place", "fast"));
  gate.cancel();
  EXPECT_THAT(client.received(),
              ElementsAre(R"(42["done","a long text that is not stored in place"])"));
}

TEST_F(Events, ExceptionsOfCoroutinesGoToOnError) {
  std::optional<Error> seen;
  world_.main().on_error([&](const Error& error) { seen = error; });
  world_.main().on("e", []() -> asio::awaitable<void> {
    throw std::runtime_error("late");
    co_return;
  });
  joined().send(R"(2["e"])");
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->event, "e");
  EXPECT_EQ(seen->message, "late");
}

TEST_F(Events, ThatAreSentAreShownToOutgoingWatchers) {
  world_.main().on_any_outgoing([&](Socket, std::string name, Args args) {
    calls_.push_back(name + std::to_string(args.size()));
  });
  world_.main().on("ask", [](Ack<int> ack) { ack(1); });
  TestClient& client = joined();
  world_.at(0, [&] { world_.main().emit("all", 1, 2); });
  client.send(R"(21["ask"])");
  EXPECT_THAT(calls_, ElementsAre("all2"));  // not for acks
  EXPECT_THAT(client.received(), ElementsAre(R"(42["all",1,2])", "431[1]"));
}

TEST_F(Events, KeepDataPerSocket) {
  struct Profile {
    int visits = 0;
  };
  world_.main().on("visit",
                   [](Socket socket) { socket.emit("visits", ++socket.data<Profile>().visits); });
  world_.main().on("wrong", [](Socket socket) { socket.data<int>(); });
  TestClient& client = joined();
  client.send_all({R"(2["visit"])", R"(2["visit"])", R"(2["wrong"])"});
  EXPECT_THAT(client.received(), ElementsAre(R"(42["visits",1])", R"(42["visits",2])"));
  EXPECT_EQ(world_.log().size(), 1U);
}

TEST_F(Events, WithReservedNamesCannotBeEmitted) {
  world_.main().on_connection([&](Socket socket) {
    try {
      socket.emit("connect");
    } catch (const std::invalid_argument& error) {
      calls_.push_back(error.what());
    }
    EXPECT_THROW(socket.broadcast().emit("disconnect"), std::invalid_argument);
    EXPECT_THROW((void)socket.emit_with_ack<int>("newListener"), std::invalid_argument);
  });
  joined();
  EXPECT_THAT(calls_, ElementsAre(R"("connect" is a reserved event name)"));
  EXPECT_THROW(world_.main().emit("disconnecting"), std::invalid_argument);
}

TEST_F(Events, AreDroppedForVolatileWhenTheTransportIsBusy) {
  world_.main().on("go", [](Socket socket) {
    socket.volatile_().emit("first");
    socket.volatile_().emit("second");
    socket.emit("third");
    socket.volatile_().emit("fourth", Binary("x"sv));
  });
  TestClient& client = joined();
  client.send(R"(2["go"])");
  EXPECT_THAT(client.received(), ElementsAre(R"(42["first"])", R"(42["third"])"));
  client.set_writable(false);
  client.send(R"(2["go"])");
  client.poll();
  EXPECT_THAT(client.received(), ElementsAre(R"(42["third"])"));
}

TEST_F(Events, FromOtherThreadsArePostedInOrder) {
  Socket socket;
  world_.main().on_connection([&](Socket it) { socket = it; });
  TestClient& client = joined();
  socket.emit("one");
  socket.join("room");
  world_.main().to("room").emit("two");
  socket.leave("room");
  world_.main().to("room").emit("lost");
  socket.send("three");
  EXPECT_THAT(client.received(),
              ElementsAre(R"(42["one"])", R"(42["two"])", R"(42["message","three"])"));
}

}  // namespace
}  // namespace socketio
