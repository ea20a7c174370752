#include "transports/http_stage.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/unit/transports/allocated_bytes.hpp"
#include "tests/unit/transports/io_loop_fixture.hpp"

namespace engineio::transports {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t much = 4 * 1024 * 1024;

// A connection that speaks HTTP. Deadlines are not waited for: the test tells the stage.
class HttpStageTest : public IoLoopFixture {
 protected:
  HttpStageTest() {
    router.set_loops({io.get()});
    router.add_route("/big", [this](const Request&) {
      return HttpResponse{.body = std::string(much, 'x'), .close = closes};
    });
    auto made = std::make_unique<HttpStage>(*connect());
    stage = made.get();
    turn([&] { connection->start(std::move(made)); });
  }
  ~HttpStageTest() override {
    turn([&] { connection->abort(); });
  }

  std::shared_ptr<Connection> connect() {
    return connection = std::make_shared<Connection>(*io, ::dup(sockets.here()), Peer{}, nullptr,
                                                     std::shared_ptr<const void>());
  }
  void ask(const std::string& request) {
    sockets.write_there(request);
    poll();
  }
  static std::string post_of(std::size_t bytes) {
    return "POST /none HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(bytes) +
           "\r\n\r\n";
  }
  void deadline() {
    if (connection->open()) turn([&] { stage->on_deadline(); });
    poll();
  }
  /// Reads until nothing more comes.
  std::string answer() {
    std::string all;
    for (std::string some; !(some = sockets.read_there()).empty(); poll()) all += some;
    return all;
  }

  bool closes = false;
  DecisionCallback reply;
  SocketPair sockets;
  std::shared_ptr<Connection> connection;
  HttpStage* stage = nullptr;
};

TEST_F(HttpStageTest, bears_a_peer_that_takes_an_answer_slowly) {
  for (const bool last : {false, true}) {
    closes = last;
    ask("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
    std::size_t read = 0;
    while (connection->blocked()) {
      deadline();
      ASSERT_TRUE(connection->open());
      read += sockets.read_there().size();
      poll();
    }
    read += answer().size();
    EXPECT_GT(read, much);
    EXPECT_EQ(connection->open(), !last);
  }
}

TEST_F(HttpStageTest, cuts_a_peer_that_takes_nothing_of_an_answer) {
  ask("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  deadline();
  EXPECT_TRUE(connection->open());
  deadline();
  EXPECT_FALSE(connection->open());
  EXPECT_EQ(connection->unsent_bytes(), 0U);
}

TEST_F(HttpStageTest, closes_an_idle_connection_once_the_answer_has_left) {
  ask("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_GT(answer().size(), much);
  deadline();
  EXPECT_FALSE(connection->open());
}

TEST_F(HttpStageTest, looks_at_the_next_request_when_the_answer_has_left) {
  ask("GET /big HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_LT(connection->unsent_bytes(), much);
  const std::string both = answer();
  EXPECT_NE(both.find("HTTP/1.1 200 OK"), std::string::npos);
  EXPECT_NE(both.find("HTTP/1.1 404 Not Found"), std::string::npos);
}

TEST_F(HttpStageTest, bears_a_handler_that_throws_anything) {
  router.add_route("/throws", [](const Request&) -> HttpResponse { throw 1; });
  ask("GET /throws HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(answer().starts_with("HTTP/1.1 500 "));
}

TEST_F(HttpStageTest, sends_no_body_where_there_must_be_none) {
  for (const int status : {204, 304}) {
    router.add_route("/" + std::to_string(status), [status](const Request&) {
      return HttpResponse{.status = status, .body = "x"};
    });
  }
  ask("GET /204 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(answer(), "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
  ask("GET /304 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(answer(), "HTTP/1.1 304 Not Modified\r\n\r\n");
}

//  Each deadline looks at what has come since the one before.
TEST_F(HttpStageTest, wants_a_body_to_keep_its_pace_all_the_time) {
  options.limits.body_timeout = 15s;
  options.limits.body_bytes_per_second = 500;
  ask(post_of(1'000'000) + std::string(100'000, 'x'));
  deadline();
  ask(std::string(2'500, 'x'));
  deadline();
  EXPECT_TRUE(connection->open());
  ask(std::string(2'499, 'x'));
  deadline();
  EXPECT_FALSE(connection->open());
}

TEST_F(HttpStageTest, bears_a_body_of_any_pace_that_does_not_stall) {
  options.limits.body_bytes_per_second = 0;
  ask(post_of(1'000'000));
  for (int i = 0; i < 5; ++i) {
    ask("x");
    deadline();
    EXPECT_TRUE(connection->open());
  }
  deadline();
  EXPECT_FALSE(connection->open());
}

TEST_F(HttpStageTest, keeps_no_body_that_nobody_asks_for) {
  options.allow_request = [this](const Request&, DecisionCallback later) { reply = later; };
  const std::size_t before = allocated_bytes();
  ask("GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\nContent-Length: "
      "100000\r\n\r\n" +
      std::string(100'000, 'x'));
  EXPECT_TRUE(reply);
  EXPECT_LT(allocated_bytes(), before + 50'000);
}

}  // namespace
}  // namespace engineio::transports
