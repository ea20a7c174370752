#include "engineio/engine.hpp"

#include <algorithm>
#include <atomic>
#include <latch>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/engineio/session_fixture.hpp"

namespace engineio {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

TEST(SessionId, T29_is_20_characters_of_base64url) {
  for (int i = 0; i < 1000; ++i) {
    const std::string id = random_session_id();
    EXPECT_EQ(id.size(), 20U);
    EXPECT_EQ(id.find_first_not_of(alphabet), std::string::npos) << id;
  }
}

TEST(SessionId, T29_never_comes_twice) {
  std::vector<std::string> ids(1'000'000);
  for (std::string& id : ids) id = random_session_id();
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(std::adjacent_find(ids.begin(), ids.end()), ids.end());
}

// Every one of the 120 bits is as often set as not: 100,000 draws stray from the half by less than
// 2 % (12 sigma).
TEST(SessionId, T29_is_random_in_every_position) {
  constexpr int draws = 100'000;
  std::vector<int> set(120);
  for (int i = 0; i < draws; ++i) {
    const std::string id = random_session_id();
    for (std::size_t character = 0; character < 20; ++character) {
      const std::size_t bits = alphabet.find(id[character]);
      for (std::size_t bit = 0; bit < 6; ++bit)
        set[6 * character + bit] += static_cast<int>(bits >> bit & 1);
    }
  }
  for (const int count : set) EXPECT_NEAR(count, draws / 2, draws / 50);
}

TEST(HomeLoop, is_the_same_for_everybody_and_spreads) {
  EXPECT_EQ(home_loop("anything", 1), 0U);
  std::vector<int> homes(4);
  for (int i = 0; i < 4000; ++i) {
    const std::string id = random_session_id();
    const std::size_t home = home_loop(id, 4);
    ASSERT_LT(home, 4U);
    EXPECT_EQ(home_loop(std::string(id), 4), home);
    ++homes[home];
  }
  for (const int count : homes) EXPECT_NEAR(count, 1000, 200);
}

TEST(Engine, draws_ids_that_are_at_home_on_its_loop) {
  boost::asio::io_context context(1);
  const Options options;
  std::atomic<std::size_t> total = 0;
  for (std::size_t index = 0; index < 4; ++index) {
    Loop loop(context, index, 4);
    const Engine engine(loop, options, {}, total);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(home_loop(engine.new_id({}), 4), index);
  }
}

class EngineTest : public SessionFixture {
 protected:
  std::shared_ptr<Session> create(const std::string& id) {
    return engine.create(id, std::make_shared<const Request>());
  }
};

TEST_F(EngineTest, takes_the_application_s_ids_as_they_are) {
  options.generate_id = [](const Request& request) {
    if (request.target == "throw") throw std::runtime_error("none left");
    return "own " + request.target;
  };
  Request request;
  request.target = "id";
  EXPECT_EQ(engine.new_id(request), "own id");
  request.target = "throw";
  EXPECT_THROW(engine.new_id(request), std::runtime_error);
}

TEST_F(EngineTest, finds_live_sessions_by_their_exact_id) {
  EXPECT_EQ(engine.find("a"), nullptr);
  const auto made = create("a");
  EXPECT_EQ(engine.find("a"), made);
  EXPECT_EQ(made->id(), "a");
  for (const char* other : {"", "A", "aa", "__proto__"}) EXPECT_EQ(engine.find(other), nullptr);
  EXPECT_EQ(engine.sessions(), 1U);
  EXPECT_EQ(total, 1U);
}

TEST_F(EngineTest, refuses_an_id_that_is_taken) {
  const auto made = create("a");
  EXPECT_EQ(create("a"), nullptr);
  EXPECT_EQ(engine.find("a"), made);
  EXPECT_EQ(total, 1U);
}

TEST_F(EngineTest, counts_the_sessions_of_all_loops_against_the_limit) {
  options.limits.sessions = 2;
  total = 1;  // another loop has one
  EXPECT_FALSE(engine.full());
  open();
  EXPECT_TRUE(engine.full());
  turn([&] { session->close_now(); });
  EXPECT_FALSE(engine.full());
  EXPECT_EQ(total, 1U);
  total = 3;
  EXPECT_TRUE(engine.full());
}

TEST_F(EngineTest, creates_sessions_up_to_the_limit) {
  options.limits.sessions = 3;
  total = 1;  // another loop has one
  EXPECT_NE(create("a"), nullptr);
  EXPECT_FALSE(engine.full());
  EXPECT_EQ(create("a"), nullptr);  // takes no place
  EXPECT_EQ(total, 2U);
  const auto third = create("b");
  EXPECT_NE(third, nullptr);
  EXPECT_EQ(create("c"), nullptr);
  EXPECT_EQ(total, 3U);
  turn([&] { third->close_now(); });
  EXPECT_NE(create("c"), nullptr);
}

// Loops that admit at the same instant: each thread is one, and takes and gives back its place as
// fast as it can, so that all of them are at the limit all the time.
TEST(Engine, shares_the_limit_exactly_among_its_loops) {
  Options options;
  options.limits.sessions = 2;
  std::atomic<std::size_t> total = 0;
  std::atomic<int> over = 0;
  std::latch ready(4);
  std::vector<std::thread> threads;
  for (std::size_t index = 0; index < 4; ++index) {
    threads.emplace_back([&, index] {
      boost::asio::io_context context(1);
      Loop loop(context, index, 4);
      Engine engine(loop, options, {}, total);
      const auto request = std::make_shared<const Request>();
      ready.arrive_and_wait();
      for (int i = 0; i < 300'000; ++i) {
        const auto session = engine.create("sid", request);
        if (total > options.limits.sessions) ++over;
        if (!session) continue;
        const Loop::Turn turn(loop);
        session->close_now();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(over, 0);
  EXPECT_EQ(total, 0U);
}

TEST_F(EngineTest, has_no_limit_at_first) {
  total = 1'000'000;
  EXPECT_FALSE(engine.full());
}

TEST_F(EngineTest, closes_every_session_and_takes_no_more) {
  open();
  FakeTransport::State other;
  turn([&] {
    engine.open(*create("other"), std::make_unique<FakeTransport>(TransportKind::websocket, other));
  });
  events.clear();
  turn([&] { engine.close(); });
  EXPECT_EQ(events, (Lines{"close forced close", "close forced close"}));
  EXPECT_EQ(engine.sessions(), 0U);
  EXPECT_EQ(total, 0U);
  EXPECT_TRUE(engine.closed());
  EXPECT_TRUE(engine.full());
}

TEST_F(EngineTest, bears_handlers_that_close_others_while_it_closes) {
  open();
  FakeTransport::State other;
  std::shared_ptr<Session> second_session;
  turn([&] {
    second_session = create("other");
    engine.open(*second_session, std::make_unique<FakeTransport>(TransportKind::websocket, other));
  });
  react = [&](const std::string& event) {
    if (!event.starts_with("close")) return;
    session->close_now();
    second_session->close_now();
  };
  events.clear();
  turn([&] { engine.close(); });
  EXPECT_EQ(events, (Lines{"close forced close", "close forced close"}));
}

TEST_F(EngineTest, opens_no_session_once_it_is_closed) {
  engine.close();
  EXPECT_TRUE(engine.full());
  EXPECT_EQ(create("late"), nullptr);
  EXPECT_EQ(total, 0U);
}

TEST_F(EngineTest, closes_a_client_whose_handler_cannot_be_made) {
  Engine own(
      loop, options,
      [](Session&) -> std::unique_ptr<SessionHandler> { throw std::runtime_error("none left"); },
      total);
  std::vector<std::string> lines;
  options.log = [&](LogLevel, std::string_view line) { lines.emplace_back(line); };
  turn([&] {
    const auto made = own.create("sid", std::make_shared<const Request>());
    own.open(*made, std::make_unique<FakeTransport>(TransportKind::websocket, first));
  });
  EXPECT_EQ(first.calls, (Lines{"close", "gone"}));
  EXPECT_EQ(own.find("sid"), nullptr);
  EXPECT_EQ(total, 0U);
  EXPECT_EQ(lines, Lines{"the making of a session's handler threw: none left"});
}

}  // namespace
}  // namespace engineio
