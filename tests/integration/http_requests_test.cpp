// Requests as clients and proxies send them: pipelined, with expectations, from other origins.

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/server_test.hpp"

namespace {

using engineio::Cors;
using support::get;
using support::HttpAnswer;
using support::polling_target;
using support::PollingSession;
using support::post;
using support::RawClient;
using support::sid_of;

class Pipelining : public support::ServerTest {
 protected:
  /// A frame in the segment of the request that opens the WebSocket is not lost.
  void expect_echo_of_early_frame() {
    RawClient client = connect();
    client.send(support::upgrade(support::websocket_target) +
                engineio::transports::text_frame("4early"));
    EXPECT_EQ(client.answer().status, 101);
    sid_of(client.frame().payload);
    EXPECT_EQ(client.frame().payload, "4early");
  }
};
RUN_ON_LOOPS(Pipelining);
SERVER_TESTS(Bodies);
SERVER_TESTS(CrossOrigin);

void echo_targets(engineio::Server& server) {
  server.fallback([](const engineio::Request& request) {
    return engineio::HttpResponse{.body = request.target};
  });
}

TEST_P(Pipelining, T09_answers_a_handshake_and_100_gets_in_order) {
  setup = echo_targets;
  std::string requests = get(polling_target);
  for (int i = 0; i < 100; ++i) requests += get("/page/" + std::to_string(i));
  RawClient client = connect();
  client.send(requests);
  sid_of(client.answer().body);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.answer().body, "/page/" + std::to_string(i));
}

TEST_P(Pipelining, T09_answers_posts_and_gets_of_one_session_in_order) {
  PollingSession session = polling();
  RawClient client = connect();
  client.send(post(session.target(), "4a") + get(session.target()) + post(session.target(), "4b") +
              get(session.target()));
  std::string bodies;
  for (int i = 0; i < 4; ++i) bodies += client.answer().body + ' ';
  EXPECT_EQ(bodies, "ok 4a ok 4b ");
}

// As a proxy does: sessions of all loops on one connection, which goes from loop to loop.
TEST_P(Pipelining, T09_serves_many_sessions_on_one_connection) {
  setup = echo_targets;
  constexpr std::size_t count = 24;
  RawClient client = connect();
  std::vector<std::string> targets;
  for (std::size_t i = 0; i < count; ++i) {
    targets.push_back(std::string(polling_target) +
                      "&sid=" + sid_of(client.request(get(polling_target)).body));
  }
  std::string requests;
  for (std::size_t i = 0; i < count; ++i) {
    requests += post(targets[i], "4to " + std::to_string(i)) +
                get("/between/" + std::to_string(i)) + get(targets[i]);
  }
  client.send(requests);
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_EQ(client.answer().body, "ok");
    ASSERT_EQ(client.answer().body, "/between/" + std::to_string(i));
    ASSERT_EQ(client.answer().body, "4to " + std::to_string(i));
  }
}

TEST_P(Pipelining, answers_what_came_before_the_end_of_the_connection) {
  for (int i = 0; i < 16; ++i) {
    PollingSession session = polling();
    RawClient client = connect();
    client.half_close(post(session.target(), "4a") + get(session.target()));
    EXPECT_EQ(client.answer().body, "ok");
    EXPECT_EQ(client.answer().body, "4a");
    EXPECT_TRUE(session.alive());
  }
}

TEST_P(Pipelining, takes_requests_byte_by_byte) {
  PollingSession session = polling();
  for (const char byte : post(session.target(), "4abc") + get(session.target()))
    session.getting.send({&byte, 1});
  EXPECT_EQ(session.getting.answer().body, "ok");
  EXPECT_EQ(session.getting.answer().body, "4abc");
}

TEST_P(Pipelining, takes_the_first_frames_in_the_segment_of_the_upgrade) {
  expect_echo_of_early_frame();

  PollingSession session = polling();
  RawClient candidate = connect();
  candidate.send(
      support::upgrade(std::string(support::websocket_target) + "&sid=" + session.sid()) +
      engineio::transports::text_frame("2probe"));
  EXPECT_EQ(candidate.answer().status, 101);
  EXPECT_EQ(candidate.frame().payload, "3probe");
}

TEST_P(Pipelining, takes_the_first_frames_behind_a_slow_decision) {
  options.engine.allow_request = [](const engineio::Request&, engineio::DecisionCallback reply) {
    std::thread([reply] { reply({.allowed = true}); }).detach();
  };
  expect_echo_of_early_frame();
}

TEST_P(Pipelining, notices_the_end_of_a_connection_with_requests_held_back) {
  PollingSession session = polling();
  session.getting.send(get(session.target()) + get(session.target()));
  session.getting.send(
      std::string(200'000, 'x').substr(0, session.getting.send_some(std::string(1, 'x'))));
  session.getting.reset();
  const support::Ending ending = server().ending(session.sid());
  EXPECT_EQ(ending.reason, "transport error");
  EXPECT_EQ(ending.description, "poll connection closed prematurely");
}

TEST_P(Bodies, T16_says_continue_only_to_bodies_that_are_welcome) {
  PollingSession session = polling();
  const auto expecting = [&](std::string_view target, std::string_view length) {
    return "POST " + std::string(target) +
           " HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: " +
           std::string(length) + "\r\n\r\n";
  };
  EXPECT_EQ(session.posting.request(expecting(session.target(), "6")).status, 100);
  EXPECT_EQ(session.posting.request("4hello").body, "ok");
  EXPECT_EQ(session.poll(), "4hello");
  EXPECT_EQ(ask(expecting(session.target(), "1000001")).status, 413);
  EXPECT_EQ(ask(expecting(std::string(polling_target) + "&sid=nobody", "6")).body,
            support::session_unknown);
  EXPECT_TRUE(session.alive());
}

TEST_P(Bodies, T14_refuses_a_declared_body_at_once) {
  PollingSession session = polling();
  RawClient client = connect();
  client.send("POST " + session.target() +
              " HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n4ab");
  const HttpAnswer answer = client.answer();
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(client.read_to_end(), "");
  EXPECT_TRUE(session.alive());
}

TEST_P(Bodies, T15_counts_the_bytes_of_a_body) {
  PollingSession session = polling();
  const auto chunked = [&](std::size_t size) {
    char hex[24];
    std::snprintf(hex, sizeof hex, "%zx", size);
    return "POST " + session.target() +
           " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + hex + "\r\n" + '4' +
           std::string(size - 1, 'x') + "\r\n0\r\n\r\n";
  };
  for (const std::size_t size : {999'999U, 1'000'000U}) {
    SCOPED_TRACE(size);
    EXPECT_EQ(session.post('4' + std::string(size - 1, 'x')).body, "ok");
    EXPECT_EQ(session.poll().size(), size);
    EXPECT_EQ(session.posting.request(chunked(size)).body, "ok");
    EXPECT_EQ(session.poll().size(), size);
  }
  for (const std::string& request :
       {post(session.target(), '4' + std::string(1'000'000, 'x')), chunked(1'000'001)}) {
    RawClient client = connect();
    client.try_send(request);
    EXPECT_EQ(client.answer().status, 413);
    EXPECT_EQ(client.read_to_end(), "");
  }
  EXPECT_EQ(session.post("4still here").body, "ok");
  EXPECT_EQ(session.poll(), "4still here");
}

TEST_P(Bodies, reads_the_body_of_a_refused_request_before_the_next_one) {
  RawClient client = connect();
  const HttpAnswer answer = client.request(
      post(std::string(polling_target) + "&sid=nobody", get("/hidden")) + get("/next"));
  EXPECT_EQ(answer.body, support::session_unknown);
  EXPECT_EQ(client.answer().status, 404);
  EXPECT_TRUE(client.silent());
}

std::string names(const HttpAnswer& answer) {
  std::string all;
  for (const auto& [name, value] : answer.headers) all += name + ": " + value + "\n";
  return all;
}

std::string preflight(std::string_view target, std::string_view lines) {
  return "OPTIONS " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n" +
         std::string(lines) + "\r\n";
}

TEST_P(CrossOrigin, T80_answers_a_preflight_of_one_origin_with_that_literal) {
  options.engine.cors = Cors{.origins = {"https://good.example"}, .credentials = true};
  const HttpAnswer answer = ask(preflight(
      polling_target, "Origin: https://evil.example\r\nAccess-Control-Request-Headers: x-a\r\n"));
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(names(answer),
            "Access-Control-Allow-Origin: https://good.example\nVary: Origin, "
            "Access-Control-Request-Headers\n"
            "Access-Control-Allow-Credentials: true\nAccess-Control-Allow-Methods: "
            "GET,HEAD,PUT,PATCH,POST,DELETE\n"
            "Access-Control-Allow-Headers: x-a\nContent-Length: 0\n");
}

TEST_P(CrossOrigin, T79_T80_reflects_listed_origins_exactly) {
  options.engine.cors = Cors{.origins = {"https://good.example", "http://other.example:8080"}};
  struct Case {
    const char* origin;
    bool allowed;
  };
  for (const Case& one :
       {Case{"https://good.example", true}, Case{"http://other.example:8080", true},
        Case{"https://good.example.evil.com", false}, Case{"http://good.example", false},
        Case{"HTTPS://GOOD.EXAMPLE", false}, Case{"https://good.example:443", false},
        Case{"http://other.example", false}, Case{"null", false},
        Case{"https://good.example/", false}}) {
    SCOPED_TRACE(one.origin);
    const std::string line = std::string("Origin: ") + one.origin + "\r\n";
    for (const HttpAnswer& answer :
         {ask(get(polling_target, line)), ask(preflight(polling_target, line)),
          ask(get(std::string(polling_target) + "&sid=nobody", line))}) {
      EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), one.allowed ? one.origin : "");
      EXPECT_TRUE(answer.header("Vary").starts_with("Origin"));
    }
    EXPECT_EQ(ask(get(polling_target, line)).status,
              200);  // it is the browser that keeps the answer from the page
    EXPECT_EQ(ask(support::upgrade(support::websocket_target, line)).status,
              one.allowed ? 101 : 403);
  }
}

TEST_P(CrossOrigin, T78_guards_websockets_only_with_a_list) {
  options.engine.cors = Cors{.origins = {"https://good.example", "https://two.example"}};
  EXPECT_EQ(ask(support::upgrade(support::websocket_target)).status, 101);  // no browser
  EXPECT_EQ(ask(support::upgrade(support::websocket_target, "Origin: http://localhost\r\n")).status,
            101);  // own page
  EXPECT_EQ(
      ask(support::upgrade(support::websocket_target, "Origin: http://localhost:1\r\n")).status,
      403);
  PollingSession session = polling();
  const std::string target = std::string(support::websocket_target) + "&sid=" + session.sid();
  EXPECT_EQ(ask(support::upgrade(target, "Origin: https://evil.example\r\n")).status, 403);
  EXPECT_TRUE(session.alive());
}

TEST_P(CrossOrigin, T78_lets_every_origin_pass_without_a_list) {
  EXPECT_EQ(
      ask(support::upgrade(support::websocket_target, "Origin: https://evil.example\r\n")).status,
      101);
  EXPECT_EQ(ask(get(polling_target, "Origin: https://evil.example\r\n"))
                .count("Access-Control-Allow-Origin"),
            0U);
}

TEST_P(CrossOrigin, lets_every_origin_read_with_a_star) {
  options.engine.cors = Cors{.origins = {"*"}};
  const HttpAnswer answer = ask(get(polling_target, "Origin: https://any.example\r\n"));
  EXPECT_EQ(answer.header("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(answer.count("Vary"), 0U);
  EXPECT_EQ(
      ask(support::upgrade(support::websocket_target, "Origin: https://any.example\r\n")).status,
      101);
}

TEST_P(CrossOrigin, keeps_sessions_alive_through_methods_that_mean_nothing) {
  PollingSession session = polling();
  for (const char* method : {"PUT", "DELETE", "OPTIONS"}) {
    const HttpAnswer answer =
        ask(std::string(method) + ' ' + session.target() + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.body, "");
  }
  EXPECT_TRUE(session.alive());
}

}  // namespace
