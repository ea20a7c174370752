// Long-polling with a session: what a client may do, and what ends it.

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/server_test.hpp"

namespace {

using namespace std::chrono_literals;
using support::Ending;
using support::get;
using support::HttpAnswer;
using support::PollingSession;
using support::post;
using support::RawClient;

SERVER_TESTS(Polling);
SERVER_TESTS(PollingPackets);

/// A payload of `first` and so many times `packet` behind it.
std::string payload_of(std::string first, int count, const std::string& packet) {
  for (int i = 0; i < count; ++i) first += '\x1e' + packet;
  return first;
}

TEST_P(Polling, parks_a_get_until_there_is_something) {
  PollingSession session = polling();
  session.park();
  EXPECT_EQ(session
                .post("4one\x1e"
                      "4two\x1e"
                      "bAAEC")
                .body,
            "ok");
  const HttpAnswer answer = session.getting.answer();
  EXPECT_EQ(answer.header("Content-Type"), "text/plain; charset=UTF-8");
  EXPECT_EQ(answer.header("cache-control"), "no-store");
  EXPECT_EQ(answer.body,
            "4one\x1e"
            "4two\x1e"
            "bAAEC");
  const HttpAnswer posted = session.post("4three");
  EXPECT_EQ(posted.header("Content-Type"), "text/html");
  EXPECT_EQ(posted.header("cache-control"), "no-store");
  EXPECT_EQ(session.poll(), "4three");
}

TEST_P(Polling, T32_ends_a_session_with_two_gets) {
  PollingSession session = polling();
  session.park();
  const HttpAnswer second = ask(get(session.target()));
  EXPECT_EQ(second.status, 400);
  EXPECT_EQ(second.body, "");
  const HttpAnswer first = session.getting.answer();
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "1");
  EXPECT_EQ(server().ending(session.sid()).reason, "transport error");
  EXPECT_EQ(server().ending(session.sid()).description, "overlap from client");
  EXPECT_EQ(session.post("3").body, support::session_unknown);
}

TEST_P(Polling, T33_ends_a_session_with_two_posts) {
  PollingSession session = polling();
  RawClient slow = connect();
  const std::string request = post(session.target(), "4abc", "Expect: 100-continue\r\n");
  slow.send(request.substr(0, request.size() - 4));
  EXPECT_EQ(slow.answer().status, 100);  // it has come to the session
  slow.send("4ab");
  const HttpAnswer second = session.post("4x");
  EXPECT_EQ(second.status, 400);
  EXPECT_EQ(second.body, "");
  EXPECT_EQ(slow.read_to_end(), "");
  EXPECT_EQ(server().ending(session.sid()).description, "data request overlap from client");
  EXPECT_EQ(session.get().body, support::session_unknown);
}

TEST_P(Polling, T33_ends_a_session_with_two_posts_while_the_first_is_worked_off) {
  options.engine.limits.packets_per_turn = 1;
  PollingSession session = polling();
  const std::string body = payload_of("4begun", 200'000, "3");
  RawClient first = connect();
  first.send(post(session.target(), body));
  EXPECT_EQ(session.poll(), "4begun");
  EXPECT_EQ(session.post("3").status, 400);
  EXPECT_EQ(first.read_to_end(), "");
  EXPECT_EQ(server().ending(session.sid()).description, "data request overlap from client");
}

TEST_P(Polling, T34_ends_a_session_whose_parked_get_is_dropped) {
  for (const bool in_order : {true, false}) {
    PollingSession session = polling();
    session.park();
    in_order ? session.getting.close() : session.getting.reset();
    const Ending ending = server().ending(session.sid());
    EXPECT_EQ(ending.reason, "transport error");
    EXPECT_EQ(ending.description, "poll connection closed prematurely");
    EXPECT_EQ(session.post("3").body, support::session_unknown);
  }
}

TEST_P(Polling, T13_T34_ends_a_session_whose_post_is_dropped) {
  for (int how_to_end = 0; how_to_end < 3; ++how_to_end) {
    PollingSession session = polling();
    const std::string request = post(session.target(), "4abcdef");
    session.posting.send(request.substr(0, request.size() - 3));
    if (how_to_end == 0) session.posting.close();
    if (how_to_end == 1) session.posting.reset();
    if (how_to_end == 2) session.posting.half_close();
    const Ending ending = server().ending(session.sid());
    EXPECT_EQ(ending.reason, "transport error");
    EXPECT_EQ(ending.description, "data request connection closed prematurely");
  }
}

TEST_P(Polling, T35_ends_a_session_that_posts_octets) {
  PollingSession session = polling();
  session.park();
  const HttpAnswer answer = session.post("4a", "Content-Type: application/octet-stream\r\n");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(session.getting.answer().body, "1");
  EXPECT_EQ(server().ending(session.sid()).description, "invalid content");
}

TEST_P(Polling, takes_any_other_content_type_for_text) {
  PollingSession session = polling();
  for (const char* type :
       {"text/plain", "application/json", "application/octet-stream; charset=x", ""}) {
    EXPECT_EQ(session.post("4a", std::string("Content-Type: ") + type + "\r\n").body, "ok");
    EXPECT_EQ(session.poll(), "4a");
  }
}

TEST_P(Polling, T35_keeps_no_descriptor_of_10000_octet_posts) {
  const std::size_t before = (expect_service(), support::open_descriptors());
  RawClient opening = connect();
  for (int i = 0; i < 10'000; ++i) {
    const std::string target = std::string(support::polling_target) + "&sid=" +
                               support::sid_of(opening.request(get(support::polling_target)).body);
    EXPECT_EQ(
        opening.request(post(target, "4a", "Content-Type: application/octet-stream\r\n")).status,
        400);
  }
  opening.close();
  server().wait_for_sessions(0);
  expect_service();
  for (int i = 0; support::open_descriptors() > before && i < 1'000'000; ++i)
    std::this_thread::yield();
  EXPECT_LE(support::open_descriptors(), before);
}

TEST_P(Polling, a_close_packet_ends_the_session) {
  PollingSession session = polling();
  session.park();
  EXPECT_EQ(session
                .post("1\x1e"
                      "4late")
                .body,
            "ok");
  EXPECT_EQ(session.getting.answer().body, "6");
  EXPECT_EQ(server().ending(session.sid()).reason, "transport close");
  EXPECT_EQ(session.get().body, support::session_unknown);
}

TEST_P(Polling, a_close_of_the_server_waits_for_the_next_poll) {
  PollingSession session = polling();
  EXPECT_EQ(session
                .post("4x\x1e"
                      "4close\x1e"
                      "4late")
                .body,
            "ok");
  EXPECT_EQ(session.poll(), "4x");  // what was queued leaves first
  EXPECT_EQ(session.poll(),
            "6\x1e"
            "1");
  EXPECT_EQ(server().ending(session.sid()).reason, "forced close");
  EXPECT_EQ(session.get().body, support::session_unknown);
}

TEST_P(Polling, a_close_of_the_server_answers_a_parked_get) {
  PollingSession session = polling();
  session.park();
  EXPECT_EQ(session.post("4close").body, "ok");
  EXPECT_EQ(session.getting.answer().body, "1");
  EXPECT_EQ(server().ending(session.sid()).reason, "forced close");
}

TEST_P(Polling, a_close_at_once_drops_what_is_queued) {
  PollingSession session = polling();
  EXPECT_EQ(session
                .post("4x\x1e"
                      "4close now")
                .body,
            "ok");
  EXPECT_EQ(server().ending(session.sid()).reason, "forced close");
  EXPECT_EQ(session.get().body, support::session_unknown);
}

TEST_P(Polling, a_close_that_nobody_fetches_ends_at_the_close_timeout) {
  options.engine.limits.close_timeout = 50ms;
  PollingSession session = polling();
  EXPECT_EQ(session.post("4close").body, "ok");
  EXPECT_EQ(server().ending(session.sid()).reason, "forced close");
  EXPECT_EQ(session.get().body, support::session_unknown);
}

TEST_P(Polling, refuses_a_poll_by_the_other_transport) {
  PollingSession session = polling();
  const std::string target = std::string(support::websocket_target) + "&sid=" + session.sid();
  EXPECT_EQ(ask(get(target)).body, R"({"code":3,"message":"Bad request"})");
  EXPECT_TRUE(session.alive());
}

TEST_P(PollingPackets, T42_replaces_ill_formed_utf8) {
  PollingSession session = polling();
  EXPECT_EQ(session
                .post("4a\xFF\xFE"
                      "b")
                .body,
            "ok");
  EXPECT_EQ(session.poll(),
            "4a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b");
}

TEST_P(PollingPackets, T44_ignores_packets_that_are_the_server_s) {
  PollingSession session = polling();
  for (const char* packet : {"0", "5", "6", "3", "0{}", "6x"})
    EXPECT_EQ(session.post(packet).body, "ok");
  EXPECT_TRUE(session.alive());
}

TEST_P(PollingPackets, T45_ends_the_session_of_what_is_no_packet) {
  struct Case {
    const char* name;
    std::string body;
    const char* reason;
  };
  for (const Case& one :
       {Case{"a ping", "2", "transport error"}, Case{"x", "x", "parse error"},
        Case{"9", "9", "parse error"}, Case{"nothing", "", "parse error"},
        Case{"200,000 separators", std::string(200'000, '\x1e'), "parse error"},
        Case{"a separator at the end", "3\x1e", "parse error"}, Case{"7", "7", "parse error"}}) {
    SCOPED_TRACE(one.name);
    PollingSession session = polling();
    EXPECT_EQ(session.post(one.body).body, "ok");
    EXPECT_EQ(server().ending(session.sid()).reason, one.reason);
    EXPECT_EQ(session.post("3").body, support::session_unknown);
  }
}

TEST_P(PollingPackets, delivers_what_came_before_a_malformed_packet) {
  PollingSession session = polling();
  session.park();
  EXPECT_EQ(session
                .post("4first\x1ex\x1e"
                      "4never")
                .body,
            "ok");
  EXPECT_EQ(session.getting.answer().body, "1");
}

TEST_P(PollingPackets, T46_T47_works_off_a_flood_in_shares_and_in_order) {
  PollingSession flooding = polling();
  flooding.posting.send(post(flooding.target(), payload_of("3", 399'999, "3")));
  expect_service();  // others are served meanwhile
  EXPECT_EQ(flooding.posting.answer().body, "ok");
  std::string messages = "40";
  for (int i = 1; i < 50'000; ++i) messages += '\x1e' + std::string("4") + std::to_string(i);
  EXPECT_EQ(flooding.post(messages).body, "ok");
  std::string received = flooding.poll();
  while (received.size() < messages.size()) received += '\x1e' + flooding.poll();
  EXPECT_TRUE(received == messages);
}

TEST_P(PollingPackets, T46_answers_a_flood_whose_session_ends_meanwhile) {
  PollingSession session = polling();
  EXPECT_EQ(session.post(payload_of("4close now", 5'000, "4x")).body, "ok");
  EXPECT_EQ(session.post("3").body, support::session_unknown);
}

}  // namespace
