#include "engineio/session.hpp"

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/unit/engineio/session_fixture.hpp"

namespace engineio {
namespace {

using namespace std::chrono_literals;

class SessionTest : public SessionFixture {};

TEST_F(SessionTest, sends_what_on_open_sends_with_the_open_packet) {
  react = [&](const std::string& event) {
    if (event == "open") send("4first");
  };
  turn([&] {
    session = engine.create("sid", std::make_shared<const Request>());
    engine.open(*session, std::make_unique<FakeTransport>(TransportKind::polling, first));
  });
  EXPECT_EQ(first.calls, Lines{"send open 4first"});
  EXPECT_EQ(engine.find("sid"), session);
  EXPECT_EQ(session->transport_kind(), TransportKind::polling);
}

TEST_F(SessionTest, sends_a_turn_s_packets_in_one_batch) {
  open();
  turn([&] {
    send("4a");
    session->send(Block::copy_of("bytes", BlockKind::binary));
    const std::array<Block, 2> together = {Block::copy_of("4b"), Block::copy_of("4c")};
    session->send(together);
    EXPECT_EQ(first.calls, Lines{});
    EXPECT_EQ(session->buffered_bytes(), 11U);
  });
  EXPECT_EQ(first.calls, Lines{"send 4a binary:bytes 4b 4c"});
  EXPECT_EQ(session->buffered_bytes(), 0U);
}

TEST_F(SessionTest, keeps_packets_until_the_transport_is_writable) {
  open();
  send_in_turn("4a");
  send_in_turn("4b");
  send_in_turn("4c");
  EXPECT_EQ(first.calls, Lines{"send 4a"});
  EXPECT_EQ(session->buffered_bytes(), 4U);
  drain(first);
  EXPECT_EQ(first.calls, (Lines{"send 4a", "send 4b 4c"}));
  EXPECT_EQ(events, Lines{});
  drain(first);
  EXPECT_EQ(events, Lines{"drain"});
}

// What may be volatile: see Session::writable.
TEST_F(SessionTest, is_writable_when_a_packet_would_leave_at_once) {
  open(TransportKind::websocket);
  EXPECT_TRUE(session->writable());
  turn([&] {
    send("4a");
    EXPECT_FALSE(session->writable());  // output of this turn waits
  });
  EXPECT_TRUE(session->writable());
  first.writable = false;
  EXPECT_FALSE(session->writable());
  first.writable = true;
  turn([&] { session->close_now(); });
  EXPECT_FALSE(session->writable());
}

// Each packet that waits counts 128 bytes more than it has.
TEST_F(SessionTest, closes_over_the_hard_mark_at_the_end_of_the_turn) {
  options.limits.send_queue_hard_bytes = 1000 + 3 * 128;
  for (const std::size_t size : {999U, 1000U, 1001U}) {
    SCOPED_TRACE(size);
    first = {};
    open();
    first.writable = false;
    turn([&] {
      send("4" + std::string(size - 2, 'x'));
      send("4");
      send("");
      EXPECT_EQ(events, Lines{});  // the caller may be in the middle of a broadcast
    });
    if (size <= 1000) {
      EXPECT_EQ(session->buffered_bytes(), size);
      turn([&] { session->close_now(); });
      events.clear();
      continue;
    }
    EXPECT_EQ(events, Lines{"close transport error: send queue limit"});
    EXPECT_EQ(session->buffered_bytes(), 0U);
    send_in_turn("4late");
    EXPECT_EQ(session->buffered_bytes(), 0U);
  }
}

TEST_F(SessionTest, counts_what_the_transport_has_not_sent) {
  options.limits.send_queue_hard_bytes = 1000 + 128;
  open(TransportKind::websocket);
  first.unsent_bytes = 990;
  send_in_turn("4123456789");
  EXPECT_EQ(events, Lines{});
  send_in_turn("4123456789x");
  EXPECT_EQ(events, Lines{"close transport error: send queue limit"});
}

// A transport that gathers takes each packet as it is sent, and keeps its order with what waited
// while it took none.
TEST_F(SessionTest, hands_packets_over_at_once_where_the_transport_gathers) {
  first.gathers = true;
  open(TransportKind::websocket);
  turn([&] {
    send("4a");
    send("4b");
    EXPECT_EQ(first.calls, (Lines{"send 4a", "send 4b"}));
  });
  first.calls.clear();
  first.gathers = first.writable = false;
  send_in_turn("4c");
  EXPECT_EQ(first.calls, Lines{});
  first.gathers = first.writable = true;
  turn([&] {
    send("4d");  // behind what waits
    EXPECT_EQ(first.calls, Lines{});
  });
  EXPECT_EQ(first.calls, Lines{"send 4c 4d"});
}

TEST_F(SessionTest, tells_when_what_was_handed_over_has_left) {
  first.gathers = true;
  open(TransportKind::websocket);
  drain(first);
  events.clear();
  turn([&] {
    session->send(Block::copy_of("4a"), [&] { events.push_back("a left"); });
    session->send(Block::copy_of("4b"), [&] { events.push_back("b left"); });
  });
  EXPECT_EQ(events, Lines{});
  drain(first);
  EXPECT_EQ(events, (Lines{"a left", "b left", "drain"}));
}

TEST_F(SessionTest, does_not_tell_of_what_was_dropped_over_the_hard_mark) {
  options.limits.send_queue_hard_bytes = 1000;
  open();
  first.writable = false;
  turn([&] {
    session->send(Block::copy_of("4a"), [&] { events.push_back("a left"); });
    session->send(Block::copy_of(std::string(1000, '4')), [&] { events.push_back("b left"); });
    first.writable = true;
    drain(first);
  });
  EXPECT_EQ(first.calls, (Lines{"close", "gone"}));
  EXPECT_EQ(events, Lines{"close transport error: send queue limit"});
}

TEST_F(SessionTest, bounds_what_a_transport_gathers) {
  options.limits.send_queue_hard_bytes = 1000;
  first.gathers = true;
  open(TransportKind::websocket);
  turn([&] {
    first.unsent_bytes = 1000;
    send("4a");
    first.unsent_bytes = 1001;
    send("4b");
    send("4never");
    EXPECT_EQ(events, Lines{});  // the caller may be in the middle of a broadcast
  });
  EXPECT_EQ(first.calls, (Lines{"send 4a", "send 4b", "close", "gone"}));
  EXPECT_EQ(events, Lines{"close transport error: send queue limit"});
}

TEST_F(SessionTest, delivers_messages) {
  open();
  receive(first, PacketType::message, "hello");
  receive(first, PacketType::message, "bytes", true);
  receive(first, PacketType::pong);
  receive(first, PacketType::noop);
  EXPECT_EQ(events, (Lines{"text hello", "binary bytes"}));
}

TEST_F(SessionTest, sends_answers_at_the_end_of_the_turn_that_brought_the_message) {
  open();
  react = [&](const std::string&) { send("4answer"); };
  receive(first, PacketType::message, "question");
  EXPECT_EQ(first.calls, Lines{"send 4answer"});
}

TEST_F(SessionTest, may_be_closed_by_its_handler) {
  for (const bool now : {true, false}) {
    first = {};
    open();
    react = [&](const std::string& event) {
      if (event == "text end") now ? session->close_now() : session->close();
    };
    receive(first, PacketType::message, "end");
    EXPECT_EQ(events, (Lines{"text end", "close forced close"}));
    EXPECT_EQ(first.calls, (Lines{"close", "gone"}));
    react = {};
    events.clear();
  }
}

TEST_F(SessionTest, reports_why_it_ended) {
  struct Case {
    std::function<void()> what;
    std::string event;
  };
  TransportSink* sink = nullptr;
  for (const Case& one : std::initializer_list<Case>{
           {[&] { sink->on_malformed_packet(*first.transport); }, "close parse error"},
           {[&] { sink->on_failed(*first.transport, "why"); }, "close transport error: why"},
           {[&] { sink->on_closed(*first.transport); }, "close transport close"},
           {[&] { session->fail("rule broken"); }, "close transport error: rule broken"},
           {[&] { session->close_now(); }, "close forced close"},
           {[&] { session->close(); }, "close forced close"},
           {[&] { engine.close(); }, "close forced close"},
       }) {
    SCOPED_TRACE(one.event);
    if (engine.closed()) break;
    first = {};
    open();
    sink = &session->sink();
    turn(one.what);
    EXPECT_EQ(events, Lines{one.event});
    EXPECT_EQ(first.calls, (Lines{"close", "gone"}));
    EXPECT_EQ(engine.find("sid"), nullptr);
    EXPECT_EQ(total, 0U);
    EXPECT_EQ(session->transport(), nullptr);
    events.clear();
  }
}

TEST_F(SessionTest, does_nothing_after_its_end) {
  open();
  FakeTransport::State stray;
  FakeTransport transport(TransportKind::polling, stray);
  turn([&] { session->close_now(); });
  events.clear();
  first.calls.clear();
  turn([&] {
    TransportSink& sink = session->sink();
    sink.on_packet(transport, {.type = PacketType::message, .data = "late"});
    sink.on_malformed_packet(transport);
    sink.on_drained(transport);
    sink.on_close_sent(transport);
    sink.on_failed(transport, "late");
    sink.on_closed(transport);
    send("4late");
    session->close();
    session->close_now();
    session->fail("late");
  });
  EXPECT_FALSE(offer());
  EXPECT_EQ(events, Lines{});
  EXPECT_EQ(first.calls, Lines{});
}

TEST_F(SessionTest, E94_sends_what_is_queued_before_the_goodbye) {
  open(TransportKind::websocket);
  turn([&] {
    send("4a");
    send("4b");
    session->close();
    send("4late");
  });
  EXPECT_EQ(first.calls, (Lines{"send 4a 4b", "close", "gone"}));
  EXPECT_EQ(events, Lines{"close forced close"});
}

TEST_F(SessionTest, E94_waits_with_the_goodbye_for_the_transport) {
  open();
  first.goodbye_leaves = false;
  send_in_turn("4a");  // answered the poll
  send_in_turn("4b");
  turn([&] { session->close(); });
  EXPECT_EQ(first.calls, Lines{"send 4a"});
  EXPECT_EQ(session->state(), SessionFsm::State::closing);
  drain(first);  // the next poll
  EXPECT_EQ(first.calls, (Lines{"send 4a", "send 4b", "close"}));
  EXPECT_EQ(events, Lines{});
  turn([&] { session->sink().on_close_sent(*first.transport); });
  EXPECT_EQ(events, Lines{"close forced close"});
}

TEST_F(SessionTest, E94_drops_what_is_queued_when_it_closes_at_once) {
  open();
  first.writable = false;
  turn([&] {
    send("4lost");
    session->close_now();
  });
  EXPECT_EQ(first.calls, (Lines{"close", "gone"}));
}

TEST_F(SessionTest, E66_waits_for_the_next_poll_no_longer_than_the_close_timeout) {
  options.limits.close_timeout = 0ms;
  open();
  first.writable = false;
  first.goodbye_leaves = false;
  turn([&] { session->close(); });
  EXPECT_EQ(session->state(), SessionFsm::State::closing);
  run_until_closed();
  EXPECT_EQ(events, Lines{"close forced close"});
}

TEST_F(SessionTest, the_end_of_the_client_ends_a_closing_session) {
  open();
  first.writable = false;
  first.goodbye_leaves = false;
  turn([&] { session->close(); });
  turn([&] { session->sink().on_closed(*first.transport); });
  EXPECT_EQ(events, Lines{"close transport close"});
}

TEST_F(SessionTest, pings_and_closes_without_a_pong) {
  options.ping_interval = options.ping_timeout = 0ms;
  turn([&] {
    session = engine.create("sid", std::make_shared<const Request>());
    engine.open(*session, std::make_unique<FakeTransport>(TransportKind::websocket, first));
  });
  run_until_closed();
  EXPECT_EQ(events, (Lines{"open", "close ping timeout"}));
}

TEST_F(SessionTest, closes_over_the_packet_rate) {
  options.limits.packets_per_second = 3;
  open();
  turn([&] {  // in one turn no time passes
    const auto packet = [&](std::string_view data) {
      session->sink().on_packet(*first.transport, {.type = PacketType::message, .data = data});
    };
    packet("below");
    packet("below");
    packet("exactly");
    EXPECT_EQ(events, (Lines{"text below", "text below", "text exactly"}));
    packet("over");
  });
  EXPECT_EQ(events.back(), "close transport error: packet rate limit");
  EXPECT_EQ(events.size(), 4U);
}

TEST_F(SessionTest, keeps_memory_but_not_the_connection) {
  open();
  const std::weak_ptr<Session> watched = session;
  turn([&] { session->close_now(); });
  EXPECT_EQ(first.transport, nullptr);
  session.reset();
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace engineio
