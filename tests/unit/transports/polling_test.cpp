#include "transports/polling.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/transports/io_loop_fixture.hpp"
#include "transports/http_stage.hpp"

namespace engineio::transports {
namespace {

constexpr std::size_t megabyte = 1'000'000;

class PollingTest : public IoLoopFixture {
 protected:
  /// One connection of the client.
  struct Client {
    SocketPair sockets;
    std::shared_ptr<Connection> connection;
  };

  // Notes what comes; `react` may answer to it.
  class Handler final : public SessionHandler {
   public:
    explicit Handler(PollingTest& test) : test_(test) {}
    void on_open() override {}
    void on_text(std::string_view text) override { note("text " + std::string(text)); }
    void on_binary(const Block&) override {}
    void on_upgrade() override {}
    void on_close(CloseReason reason, std::string_view description) override {
      note("close " + std::string(to_string(reason)) +
           (description.empty() ? "" : ": " + std::string(description)));
    }

   private:
    void note(const std::string& event) {
      test_.events.push_back(event);
      if (test_.react) test_.react(event);
    }
    PollingTest& test_;
  };

  PollingTest() {
    router.set_loops({io.get()});
    make_handler = [this](Session& opened) {
      session = opened.shared_from_this();
      return std::make_unique<Handler>(*this);
    };
  }
  ~PollingTest() override {
    turn([&] {
      while (!io->connections.empty()) io->connections.front().abort();
      if (session) session->close_now();
    });
  }

  void open() {
    send(getting, "GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(body(getting).starts_with("0{"));
    target = "/engine.io/?EIO=4&transport=polling&sid=" + session->id();
  }
  void send(Client& client, const std::string& bytes) {
    if (!client.connection) speak_http(client);
    client.sockets.write_there(bytes);
    poll();
  }
  void speak_http(Client& client) {
    client.connection = std::make_shared<Connection>(*io, ::dup(client.sockets.here()), Peer{},
                                                     nullptr, std::shared_ptr<const void>());
    turn([&] { client.connection->start(std::make_unique<HttpStage>(*client.connection)); });
  }
  void get(Client& client) { send(client, "GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"); }
  void post(Client& client, const std::string& body) {
    send(client, "POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                     std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  /// The body of the answer that has come, or "" for none.
  std::string body(Client& client) {
    std::string all;
    for (std::string some; !(some = client.sockets.read_there()).empty(); poll()) all += some;
    const std::size_t head = all.find("\r\n\r\n");
    return head == std::string::npos ? "" : all.substr(head + 4);
  }
  void say(const std::string& text) {
    turn([&] { session->send(Block::copy_of("4" + text)); });
    poll();
  }

  std::vector<std::string> events;
  std::function<void(const std::string& event)> react;
  std::shared_ptr<Session> session;
  std::string target;
  Client getting;
  Client posting;
  Client other;
};

using Events = std::vector<std::string>;

TEST_F(PollingTest, says_goodbye_though_what_comes_behind_is_malformed) {
  open();
  react = [&](const std::string& event) {
    if (event != "text hello") return;
    session->send(Block::copy_of("4bye"));
    session->close();
  };
  post(posting, "4hello\x1ex");
  EXPECT_EQ(body(posting), "ok");
  get(getting);
  EXPECT_EQ(body(getting), "4bye");
  get(getting);
  EXPECT_EQ(body(getting),
            "6\x1e"
            "1");
  EXPECT_EQ(events, (Events{"text hello", "close forced close"}));
}

// What a client doesn't read counts against its session, on whichever connection it waits.
TEST_F(PollingTest, counts_what_is_leaving_against_the_send_queue) {
  open();
  get(getting);
  say(std::string(5 * megabyte, 'x'));
  EXPECT_TRUE(getting.connection->blocked());
  EXPECT_GT(session->buffered_bytes(), 4 * megabyte);
  get(other);
  EXPECT_FALSE(session->writable());
  say(std::string(2 * megabyte, 'y'));
  EXPECT_EQ(body(other), "");
  EXPECT_EQ(events, Events{});
  say(std::string(3 * megabyte, 'z'));
  EXPECT_EQ(events, Events{"close transport error: send queue limit"});
}

TEST_F(PollingTest, drains_when_the_answer_has_left) {
  open();
  get(getting);
  bool sent = false;
  const std::string big = "4" + std::string(5 * megabyte, 'x');
  turn([&] { session->send(Block::copy_of(big), [&] { sent = true; }); });
  poll();
  get(other);
  say("next");
  EXPECT_FALSE(sent);
  EXPECT_EQ(body(other), "");
  EXPECT_EQ(body(getting), big);
  EXPECT_TRUE(sent);
  EXPECT_EQ(session->buffered_bytes(), 0U);
  EXPECT_EQ(body(other), "4next");
}

TEST_F(PollingTest, ends_the_session_of_an_answer_that_could_not_leave) {
  open();
  get(getting);
  say(std::string(5 * megabyte, 'x'));
  getting.sockets.close_there();
  poll();
  EXPECT_EQ(events, Events{"close transport error: poll connection closed prematurely"});
}

// The answer to a GET with a body waits until that has come.
TEST_F(PollingTest, counts_an_answer_that_waits_for_the_body_of_its_request) {
  open();
  send(getting, "GET " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  say(std::string(megabyte, 'x'));
  EXPECT_GT(session->buffered_bytes(), megabyte);
  EXPECT_EQ(body(getting), "");
  send(getting, "12345");
  EXPECT_EQ(body(getting).size(), 1 + megabyte);
  EXPECT_EQ(session->buffered_bytes(), 0U);
}

TEST_F(PollingTest, lets_the_headers_callback_send) {
  open();
  int sends = 20;
  options.headers = [&](std::vector<HeaderField>&, const Request&) {
    for (; sends > 0; --sends) session->send(Block::copy_of("4more"));
  };
  get(getting);
  say("first");
  EXPECT_EQ(body(getting), "4first");
  get(getting);
  std::string more = "4more";
  for (int i = 1; i < 20; ++i)
    more +=
        "\x1e"
        "4more";
  EXPECT_EQ(body(getting), more);
}

TEST_F(PollingTest, lets_the_headers_callback_close) {
  open();
  options.headers = [&](std::vector<HeaderField>&, const Request&) { session->close_now(); };
  get(getting);
  say(std::string(2'000, 'x'));
  EXPECT_EQ(body(getting), "4" + std::string(2'000, 'x'));
  EXPECT_EQ(events, Events{"close forced close"});
}

// The answer was ready when the request turned out to be none: it does not say that it was taken.
TEST_F(PollingTest, does_not_answer_a_broken_request_with_half_of_its_answer) {
  open();
  send(getting, "GET " + target + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  say("message");
  EXPECT_EQ(getting.sockets.read_there(), "");
  send(getting, "x");
  EXPECT_TRUE(getting.sockets.read_there().starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(events, Events{"close transport error: poll connection closed prematurely"});
}

// Answers are made at the end of a turn too, where an exception would end the process.
TEST_F(PollingTest, bears_callbacks_that_throw) {
  std::vector<std::string> lines;
  options.log = [&](LogLevel, std::string_view line) {
    lines.emplace_back(line);
    throw std::runtime_error("the log");
  };
  options.headers = [](std::vector<HeaderField>&, const Request&) { throw 1; };
  options.initial_headers = [](std::vector<HeaderField>&, const Request&) {
    throw std::runtime_error("initial");
  };
  open();
  get(getting);
  turn([&] { session->send(Block::copy_of("4first"), [] { throw std::runtime_error("sent"); }); });
  poll();
  EXPECT_EQ(body(getting), "4first");
  EXPECT_EQ(lines, (Events{"a response headers callback threw: initial",
                           "a response headers callback threw something that is no std::exception",
                           "a response headers callback threw something that is no std::exception",
                           "a handler threw: sent"}));
}

TEST_F(PollingTest, refuses_a_handshake_whose_callbacks_throw) {
  const std::string handshake =
      "GET /engine.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n\r\n";
  options.on_connection_error = [](const ConnectionError&) { throw 1; };
  options.generate_id = [](const Request&) -> std::string { throw 1; };
  send(getting, handshake);
  EXPECT_EQ(body(getting), R"({"code":3,"message":"Bad request"})");
  options.allow_request = [](const Request&, const DecisionCallback&) { throw 1; };
  send(getting, handshake);
  EXPECT_EQ(body(getting), R"({"code":4,"message":"Forbidden"})");
}

// Its connection may be gone by then.
TEST_F(PollingTest, takes_no_other_post_while_the_first_is_worked_off) {
  options.limits.packets_per_turn = 1;
  open();
  react = [&](const std::string& event) {
    if (event != "text 0") return;
    events.clear();
    react = nullptr;
    posting.connection->abort();
    speak_http(other);
    other.sockets.write_there("POST " + target +
                              " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n4x");
  };
  std::string payload = "40";
  for (int i = 0; i < 10'000; ++i)
    payload +=
        "\x1e"
        "3";
  post(posting, payload);
  EXPECT_EQ(events, Events{"close transport error: data request overlap from client"});
  EXPECT_TRUE(other.sockets.read_there().starts_with("HTTP/1.1 400 "));
}

TEST_F(PollingTest, works_off_eight_packets_when_the_turn_has_taken_its_time) {
  options.limits.turn_time = {};
  open();
  react = [&](const std::string& event) {
    if (event == "text 1") loop.post([&] { events.push_back("others"); });
  };
  std::string payload = "41";
  for (int i = 2; i <= 10; ++i)
    payload +=
        "\x1e"
        "4" +
        std::to_string(i);
  post(posting, payload);
  EXPECT_EQ(events, (Events{"text 1", "text 2", "text 3", "text 4", "text 5", "text 6", "text 7",
                            "text 8", "others", "text 9", "text 10"}));
}

TEST_F(PollingTest, works_off_at_least_a_packet_each_turn) {
  options.limits.packets_per_turn = 0;
  open();
  post(posting,
       "4a\x1e"
       "4b");
  EXPECT_EQ(events, (Events{"text a", "text b"}));
}

}  // namespace
}  // namespace engineio::transports
