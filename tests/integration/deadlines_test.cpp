// What a client may take its time for, and for how long. All limits are short here: the tests wait
// for the server to act.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/server_test.hpp"

namespace {

using namespace std::chrono_literals;
using support::Ending;
using support::get;
using support::PollingSession;
using support::post;
using support::RawClient;
using support::WebSocketSession;

SERVER_TESTS(RequestDeadlines);
SERVER_TESTS(Heartbeat);

TEST_P(RequestDeadlines, T12_closes_unfinished_heads) {
  options.engine.limits.header_timeout = 500ms;
  std::vector<RawClient> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(connect());
    clients.back().send(get("/").substr(0, 1 + static_cast<std::size_t>(i) % 20));
  }
  expect_service();
  for (RawClient& client : clients) {
    EXPECT_EQ(client.answer().status, 408);
    EXPECT_EQ(client.read_to_end(), "");
  }
}

TEST_P(RequestDeadlines, T12_is_not_put_off_by_a_trickle) {
  options.engine.limits.header_timeout = 400ms;
  RawClient client = connect();
  client.send("GET / HTTP/1.1\r\nA: ");
  while (client.silent()) {
    client.try_send("x");
    expect_service();  // takes a moment
  }
  EXPECT_EQ(client.answer().status, 408);
}

TEST_P(RequestDeadlines, closes_a_connection_that_says_nothing) {
  options.engine.limits.header_timeout = 300ms;
  EXPECT_EQ(connect().read_to_end(), "");
}

TEST_P(RequestDeadlines, closes_an_idle_connection_after_a_request) {
  options.engine.limits.keep_alive_timeout = 300ms;
  RawClient client = connect();
  EXPECT_EQ(client.request(get("/")).status, 404);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_P(RequestDeadlines, T13_ends_the_session_of_an_unfinished_body) {
  options.engine.limits.body_timeout = 100ms;
  PollingSession session = polling();
  const std::string request = post(session.target(), "4abcdef");
  session.posting.send(request.substr(0, request.size() - 1));
  EXPECT_EQ(session.posting.answer().status, 408);
  EXPECT_EQ(session.posting.read_to_end(), "");
  const Ending ending = server().ending(session.sid());
  EXPECT_EQ(ending.reason, "transport error");
  EXPECT_EQ(session.get().body, support::session_unknown);
}

TEST_P(RequestDeadlines, T13_closes_a_body_that_nobody_wants) {
  options.engine.limits.body_timeout = 100ms;
  RawClient client = connect();
  client.send("POST /elsewhere HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(client.answer().status, 404);
  EXPECT_EQ(client.read_to_end(), "");
}

// A slow body is borne while it keeps the pace. Another connection's deadline is the clock.
TEST_P(RequestDeadlines, T13_bears_a_body_that_keeps_its_pace) {
  options.engine.limits.body_timeout = 200ms;
  options.engine.limits.header_timeout = 300ms;
  options.engine.limits.body_bytes_per_second = 10'000;
  for (const std::size_t bytes : {20'000U, 100U}) {
    PollingSession session = polling();
    const std::string request = post(session.target(), "4" + std::string(bytes, 'x'));
    RawClient body = connect();
    RawClient clock = connect();
    body.send(request.substr(0, request.size() - 1));
    clock.read_to_end();
    body.try_send("x");
    EXPECT_EQ(body.answer().status, bytes == 20'000 ? 200 : 408);
  }
}

TEST_P(RequestDeadlines, leaves_a_parked_get_alone) {
  options.engine.limits.header_timeout = options.engine.limits.body_timeout = 200ms;
  options.engine.limits.keep_alive_timeout = 200ms;
  options.engine.ping_interval = 700ms;
  PollingSession session = polling();
  EXPECT_EQ(session.poll(), "2");
}

TEST_P(Heartbeat, pings_from_the_last_pong_on) {
  check_service = false;  // a ping would come between
  options.engine.ping_interval = 50ms;
  options.engine.ping_timeout = 10s;
  PollingSession poller = polling();
  WebSocketSession web = websocket();
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(poller.poll(), "2");
    EXPECT_EQ(poller.post("3").body, "ok");
    EXPECT_EQ(web.text(), "2");
    web.send("3");
  }
}

TEST_P(Heartbeat, T84_T85_ends_who_never_pongs) {
  options.engine.ping_interval = 100ms;
  options.engine.ping_timeout = 500ms;
  PollingSession poller = polling();
  WebSocketSession web = websocket();
  EXPECT_EQ(poller.poll(), "2");
  EXPECT_EQ(poller.poll(), "1");
  EXPECT_EQ(server().ending(poller.sid()).reason, "ping timeout");
  EXPECT_EQ(web.text(), "2");
  EXPECT_EQ(web.close_code(), 1005U);
  EXPECT_EQ(server().ending(web.sid()).reason, "ping timeout");
  check_service = false;  // a new client might miss such a heartbeat
}

TEST_P(Heartbeat, T84_is_not_put_off_by_data) {
  options.engine.ping_interval = 50ms;
  options.engine.ping_timeout = 100ms;
  WebSocketSession web = websocket();
  web.wire.send(engineio::transports::text_frame("4x"));
  for (;;) {
    if (!web.wire.try_send(engineio::transports::text_frame("4x"))) break;
    if (web.wire.frame().opcode == 8) break;
  }
  EXPECT_EQ(server().ending(web.sid()).reason, "ping timeout");
  check_service = false;
}

TEST_P(Heartbeat, T85_ends_who_reads_nothing_though_the_socket_is_full) {
  options.engine.ping_interval = 50ms;
  options.engine.ping_timeout = 100ms;
  support::Connect small;
  small.receive_buffer = 4096;
  WebSocketSession slow(port(), small);
  slow.send("4flood 7900");
  EXPECT_EQ(server().ending(slow.sid()).reason, "ping timeout");
  check_service = false;
}

TEST_P(Heartbeat, T84_bears_a_flood_of_pongs) {
  WebSocketSession web = websocket();
  std::string pongs;
  for (int i = 0; i < 100'000; ++i) pongs += engineio::transports::text_frame("3");
  web.wire.send(pongs);
  web.send("4on");
  EXPECT_EQ(web.text(), "4on");
}

TEST_P(Heartbeat, T82_goes_on_over_the_new_transport) {
  check_service = false;  // a ping would come between
  options.engine.ping_interval = 100ms;
  options.engine.ping_timeout = 10s;
  PollingSession session = polling();
  EXPECT_EQ(session.poll(), "2");  // outstanding at the upgrade
  WebSocketSession web = websocket_of(session);
  web.complete_upgrade();
  web.send("3");
  EXPECT_EQ(web.text(), "2");
  web.send("3");
  EXPECT_EQ(web.text(), "2");
}

TEST_P(Heartbeat, T36_forgets_the_sessions_that_were_abandoned) {
  options.engine.ping_interval = 300ms;
  options.engine.ping_timeout = 300ms;
  RawClient opening = connect();
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(opening.request(get(support::polling_target)).status, 200);
  for (int i = 0; i < 10; ++i) {
    PollingSession parked = polling();
    parked.park();
    PollingSession half_post = polling();
    half_post.posting.send(post(half_post.target(), "4abc").substr(0, 60));
    PollingSession half_upgrade = polling();
    WebSocketSession candidate = websocket_of(half_upgrade);
    candidate.send("2probe");
    WebSocketSession web = websocket();
    WebSocketSession half_frame = websocket();
    half_frame.wire.send(engineio::transports::text_frame("4abc").substr(0, 4));
  }
  server().wait_for_sessions(0);
  check_service = false;
}

}  // namespace
