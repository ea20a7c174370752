// From polling to WebSocket: the probe, its variants, and what a hostile or unlucky client makes of
// it.

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/server_test.hpp"

namespace {

using namespace std::chrono_literals;
using engineio::transports::text_frame;
using support::PollingSession;
using support::WebSocketSession;

SERVER_TESTS(Upgrade);

TEST_P(Upgrade, T83_releases_the_parked_get_in_the_turn_of_the_probe) {
  PollingSession session = polling();
  WebSocketSession candidate = websocket_of(session);
  session.park();
  candidate.send("2probe");
  EXPECT_EQ(candidate.text(), "3probe");
  EXPECT_EQ(session.getting.answer().body, "6");
  candidate.send("5");
  candidate.send("4over websocket");
  EXPECT_EQ(candidate.text(), "4over websocket");
}

TEST_P(Upgrade, T83_releases_a_get_that_comes_after_the_probe) {
  PollingSession session = polling();
  WebSocketSession candidate = websocket_of(session);
  candidate.send("2probe");
  EXPECT_EQ(candidate.text(), "3probe");
  EXPECT_EQ(session.poll(), "6");
}

TEST_P(Upgrade, refuses_polls_once_it_is_done) {
  PollingSession session = polling();
  WebSocketSession web = websocket_of(session);
  web.complete_upgrade();
  web.send("4a");
  EXPECT_EQ(web.text(), "4a");
  for (const auto& answer : {session.get(), session.post("4b")}) {
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, R"({"code":3,"message":"Bad request"})");
  }
}

TEST_P(Upgrade, answers_a_get_that_is_parked_at_the_switch) {
  PollingSession session = polling();
  session.park();
  WebSocketSession web = websocket_of(session);
  web.send("5");  // without a probe: taken all the same
  EXPECT_EQ(session.getting.answer().body, "1");
  web.send("4a");
  EXPECT_EQ(web.text(), "4a");
}

TEST_P(Upgrade, takes_binary_frames_unless_its_own_request_says_otherwise) {
  for (const bool of_the_upgrade : {false, true}) {
    support::RawClient opening = connect();
    const std::string target = std::string(support::polling_target);
    const std::string sid = support::sid_of(
        opening.request(support::get(target + (of_the_upgrade ? "" : "&b64=1"))).body);
    support::RawClient web = connect();
    EXPECT_EQ(web.request(support::upgrade(std::string(support::websocket_target) + "&sid=" + sid +
                                           (of_the_upgrade ? "&b64=1" : "")))
                  .status,
              101);
    web.send(text_frame("5") + engineio::transports::binary_frame("A"));
    const support::Frame echo = web.frame();
    EXPECT_EQ(echo.opcode, of_the_upgrade ? 1U : 2U);
    EXPECT_EQ(echo.payload, of_the_upgrade ? "bQQ==" : "A");
  }
}

TEST_P(Upgrade, answers_every_probe) {
  PollingSession session = polling();
  WebSocketSession web = websocket_of(session);
  for (int i = 0; i < 3; ++i) {
    web.send("2probe");
    EXPECT_EQ(web.text(), "3probe");
  }
}

TEST_P(Upgrade, sends_what_is_queued_on_the_new_transport) {
  PollingSession session = polling();
  WebSocketSession web = websocket_of(session);
  EXPECT_EQ(session
                .post("4one\x1e"
                      "4two")
                .body,
            "ok");
  web.complete_upgrade();
  EXPECT_EQ(web.text(), "4one");
  EXPECT_EQ(web.text(), "4two");
}

TEST_P(Upgrade, T81_drops_a_candidate_that_does_not_probe) {
  for (const std::string& first :
       {text_frame("2foo"), text_frame("2"), text_frame("4a"), text_frame("3probe"), text_frame(""),
        text_frame("x"), engineio::transports::binary_frame("5"),
        engineio::transports::to_bytes({.payload = "5", .masked = false})}) {
    PollingSession session = polling();
    WebSocketSession candidate = websocket_of(session);
    candidate.wire.send(first);
    candidate.close_code();
    candidate.finish_close();
    EXPECT_EQ(session.post("4still").body, "ok");
    EXPECT_EQ(session.poll(), "4still");
    websocket_of(session).complete_upgrade();  // a better one may try again
  }
}

TEST_P(Upgrade, T81_closes_a_second_candidate) {
  PollingSession session = polling();
  WebSocketSession first = websocket_of(session);
  WebSocketSession second = websocket_of(session);
  EXPECT_EQ(second.close_code(), 1005U);
  first.complete_upgrade();
  first.send("4first");
  EXPECT_EQ(first.text(), "4first");
  WebSocketSession third = websocket_of(session);
  EXPECT_EQ(third.close_code(), 1005U);
  first.send("4still first");
  EXPECT_EQ(first.text(), "4still first");
}

TEST_P(Upgrade, T81_ignores_an_upgrade_packet_in_a_post) {
  PollingSession session = polling();
  EXPECT_EQ(session.post("5").body, "ok");
  EXPECT_EQ(session.post("4a").body, "ok");
  EXPECT_EQ(session.poll(), "4a");
}

TEST_P(Upgrade, T82_goes_on_polling_when_the_candidate_vanishes) {
  for (int how_to_end = 0; how_to_end < 3; ++how_to_end) {
    PollingSession session = polling();
    WebSocketSession candidate = websocket_of(session);
    candidate.send("2probe");
    EXPECT_EQ(candidate.text(), "3probe");
    if (how_to_end == 0) candidate.wire.reset();
    if (how_to_end == 1) candidate.wire.close();
    if (how_to_end == 2) {
      candidate.wire.send(engineio::transports::client_close(1000));
      EXPECT_EQ(candidate.close_code(), 1000U);
    }
    EXPECT_EQ(session.post("4still").body, "ok");
    std::string body = session.poll();
    while (body == "6") body = session.poll();
    EXPECT_EQ(body, "4still");
    // Once the server has seen the end of the first, another may try.
    for (;;) {
      WebSocketSession next = websocket_of(session);
      next.send("2probe");
      if (next.wire.frame().opcode == 1) break;
    }
  }
}

TEST_P(Upgrade, T82_gives_a_silent_candidate_the_upgrade_timeout) {
  options.engine.upgrade_timeout = 300ms;
  PollingSession session = polling();
  WebSocketSession silent = websocket_of(session);
  EXPECT_EQ(silent.close_code(), 1005U);
  WebSocketSession probing = websocket_of(session);
  probing.send("2probe");
  EXPECT_EQ(probing.text(), "3probe");
  EXPECT_EQ(probing.close_code(), 1005U);
  EXPECT_EQ(session.post("4still").body, "ok");
  EXPECT_EQ(session.poll(), "4still");
}

TEST_P(Upgrade, ends_the_candidate_with_the_session) {
  PollingSession session = polling();
  WebSocketSession candidate = websocket_of(session);
  candidate.send("2probe");
  EXPECT_EQ(candidate.text(), "3probe");
  EXPECT_EQ(session.post("4close now").body, "ok");
  EXPECT_EQ(candidate.close_code(), 1005U);
  EXPECT_EQ(server().ending(session.sid()).reason, "forced close");
}

TEST_P(Upgrade, ends_a_closing_session_when_the_candidate_takes_over) {
  PollingSession session = polling();
  WebSocketSession candidate = websocket_of(session);
  candidate.send("2probe");
  EXPECT_EQ(candidate.text(), "3probe");
  EXPECT_EQ(session.post("4close").body, "ok");  // waits for a poll that does not come
  candidate.send("5");
  EXPECT_EQ(candidate.close_code(), 1005U);
  EXPECT_EQ(server().ending(session.sid()).reason, "forced close");
}

TEST_P(Upgrade, T83_answers_a_post_that_is_worked_off_at_the_switch) {
  options.engine.limits.packets_per_turn = 1;
  PollingSession session = polling();
  WebSocketSession candidate = websocket_of(session);
  candidate.send("2probe");
  EXPECT_EQ(candidate.text(), "3probe");
  std::string body = "4begun";
  for (int i = 0; i < 50'000; ++i)
    body +=
        "\x1e"
        "3";
  session.posting.send(support::post(session.target(), body));
  while (session.poll() != "4begun") {
  }
  candidate.send("5");
  EXPECT_EQ(session.posting.answer().body, "ok");
}

// A client as the official one: polls, posts one message after the other, upgrades in the middle.
// Every message must come back once, in order, over whatever transport.
TEST_P(Upgrade, T83_loses_and_doubles_nothing_under_traffic) {
  in_parallel(4, [this](int client) {
    PollingSession session = polling();
    std::string received;
    std::string expected;
    int next = 0;
    const auto message = [&] {
      expected += "4" + std::to_string(next) + "\x1e";
      return "4" + std::to_string(next++);
    };
    for (int i = 0; i < 20 + client; ++i) {
      session.park();
      std::string two = message() + "\x1e";
      two += message();
      ASSERT_EQ(session.post(two).body, "ok");
      received += session.getting.answer().body + "\x1e";
    }
    session.park();
    WebSocketSession web = websocket_of(session);
    ASSERT_EQ(session.post(message()).body, "ok");
    web.send("2probe");
    ASSERT_EQ(session.post(message() + "\x1e" + std::string("4") + std::string(300'000, 'x')).body,
              "ok");
    expected += "4" + std::string(300'000, 'x') + "\x1e";
    ASSERT_EQ(web.text(), "3probe");
    const std::string last_poll = session.getting.answer().body;
    if (last_poll != "6") received += last_poll + "\x1e";
    web.send("5");
    for (int i = 0; i < 20; ++i) web.send(message());
    while (received.size() < expected.size()) received += web.text() + "\x1e";
    EXPECT_TRUE(received == expected);
  });
}

}  // namespace
