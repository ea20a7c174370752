// E83 to E89 on a session with two transports.

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/unit/engineio/session_fixture.hpp"

namespace engineio {
namespace {

using namespace std::chrono_literals;

class SessionUpgrade : public SessionFixture {
 protected:
  void probe() {
    EXPECT_TRUE(offer());
    receive(second, PacketType::ping, "probe");
    EXPECT_EQ(second.calls, Lines{"send 3probe"});
    EXPECT_EQ(first.calls, Lines{"release"});
    first.calls.clear();
    second.calls.clear();
  }
};

TEST_F(SessionUpgrade, moves_to_the_candidate) {
  open();
  send_in_turn("4a");
  first.calls.clear();
  probe();
  send_in_turn("4queued");
  EXPECT_EQ(first.calls, Lines{});
  EXPECT_EQ(second.calls, Lines{});
  receive(second, PacketType::upgrade);
  EXPECT_EQ(first.calls, (Lines{"close", "gone"}));
  EXPECT_EQ(second.calls, Lines{"send 4queued"});
  EXPECT_EQ(events, Lines{"upgrade"});
  EXPECT_EQ(session->transport_kind(), TransportKind::websocket);
  EXPECT_EQ(session->polling(), nullptr);
  receive(second, PacketType::message, "hello");
  EXPECT_EQ(events, (Lines{"upgrade", "text hello"}));
}

// Two packets under way: one that the poll took, one that waits for the next.
TEST_F(SessionUpgrade, tells_once_of_what_was_sent_before_and_left_later) {
  open();
  Lines sent;
  const auto send_told = [&](const char* packet) {
    turn([&] { session->send(Block::copy_of(packet), [&, packet] { sent.push_back(packet); }); });
  };
  send_told("4polled");
  first.calls.clear();
  probe();
  send_told("4queued");
  EXPECT_EQ(sent, Lines{});
  receive(second, PacketType::upgrade);
  EXPECT_EQ(sent, Lines{});
  drain(second);
  EXPECT_EQ(sent, (Lines{"4polled", "4queued"}));
  drain(second);
  EXPECT_EQ(sent.size(), 2U);
}

TEST_F(SessionUpgrade, tells_each_transport_the_way_of_its_packets) {
  open();
  EXPECT_EQ(first.trail.session, session.get());
  EXPECT_NE(first.trail.handler, nullptr);
  EXPECT_EQ(first.trail.receiver, nullptr);
  session->set_receiver(this);
  EXPECT_EQ(first.trail.receiver, this);
  probe();
  receive(second, PacketType::upgrade);
  EXPECT_EQ(second.trail.session, session.get());
  EXPECT_NE(second.trail.handler, nullptr);
  EXPECT_EQ(second.trail.receiver, this);
}

TEST_F(SessionUpgrade, E85_keeps_polling_usable_until_then) {
  open();
  probe();
  receive(first, PacketType::message, "by polling");
  send_in_turn("4answer");
  EXPECT_EQ(events, Lines{"text by polling"});
  EXPECT_EQ(first.calls, Lines{"send 4answer"});
  EXPECT_EQ(second.calls, Lines{});
}

TEST_F(SessionUpgrade, E84_drops_a_candidate_that_sends_anything_else) {
  open();
  EXPECT_TRUE(offer());
  receive(second, PacketType::message, "too early");
  EXPECT_EQ(second.calls, (Lines{"close", "gone"}));
  EXPECT_EQ(events, Lines{});
  second = {};
  EXPECT_TRUE(offer());
  turn([&] { session->sink().on_malformed_packet(*second.transport); });
  EXPECT_EQ(second.calls, (Lines{"close", "gone"}));
  EXPECT_EQ(session->state(), SessionFsm::State::open);
}

TEST_F(SessionUpgrade, E87_takes_one_candidate_at_a_time_and_none_afterwards) {
  open();
  EXPECT_TRUE(offer());
  FakeTransport::State other;
  const auto offer_other = [&] {
    return in_turn([&] {
      return session->offer_upgrade(
          std::make_unique<FakeTransport>(TransportKind::websocket, other));
    });
  };
  EXPECT_FALSE(offer_other());
  EXPECT_EQ(other.calls, Lines{"gone"});  // its giver closes the connection
  receive(second, PacketType::upgrade);
  EXPECT_FALSE(offer_other());
}

TEST_F(SessionUpgrade, E90_offers_none_to_a_websocket) {
  open(TransportKind::websocket);
  EXPECT_FALSE(offer());
}

TEST_F(SessionUpgrade, goes_on_when_the_candidate_ends_by_itself) {
  open();
  for (const bool failed : {true, false}) {
    second = {};
    EXPECT_TRUE(offer());
    turn([&] {
      failed ? session->sink().on_failed(*second.transport, "why")
             : session->sink().on_closed(*second.transport);
    });
    EXPECT_EQ(second.transport, nullptr);
  }
  send_in_turn("4still");
  EXPECT_EQ(first.calls, Lines{"send 4still"});
  EXPECT_EQ(events, Lines{});
}

TEST_F(SessionUpgrade, E86_drops_a_candidate_that_is_late) {
  options.upgrade_timeout = 0ms;
  open();
  EXPECT_TRUE(offer());
  while (second.transport) context.run_one();
  EXPECT_EQ(second.calls, (Lines{"close", "gone"}));
  EXPECT_EQ(session->state(), SessionFsm::State::open);
}

TEST_F(SessionUpgrade, E89_ends_the_candidate_with_the_session) {
  open();
  probe();
  turn([&] { session->sink().on_failed(*first.transport, "overlap from client"); });
  EXPECT_EQ(events, Lines{"close transport error: overlap from client"});
  EXPECT_EQ(first.calls, (Lines{"close", "gone"}));
  EXPECT_EQ(second.calls, (Lines{"close", "gone"}));
}

TEST_F(SessionUpgrade, E89_ends_a_closing_session_at_the_upgrade) {
  open();
  first.goodbye_leaves = false;
  probe();
  turn([&] { session->close(); });
  EXPECT_EQ(events, Lines{});
  receive(second, PacketType::upgrade);
  EXPECT_EQ(events, (Lines{"upgrade", "close forced close"}));
  EXPECT_EQ(second.calls, (Lines{"close", "gone"}));
}

// A kick in the middle of an upgrade: the client must hear that it was one.
TEST_F(SessionUpgrade, E94_sends_what_was_queued_before_a_close_on_the_new_transport) {
  open();
  first.goodbye_leaves = false;
  send_in_turn("4taken by the poll");
  first.calls.clear();
  probe();
  turn([&] {
    send("441");
    session->close();
  });
  EXPECT_EQ(events, Lines{});
  receive(second, PacketType::upgrade);
  EXPECT_EQ(second.calls, (Lines{"send 441", "close", "gone"}));
  EXPECT_EQ(events, (Lines{"upgrade", "close forced close"}));
}

TEST_F(SessionUpgrade, may_be_closed_by_the_news_of_the_upgrade_while_it_closes) {
  open();
  probe();
  first.goodbye_leaves = false;
  react = [&](const std::string& event) {
    if (event == "upgrade") session->close_now();
  };
  turn([&] { session->close(); });
  receive(second, PacketType::upgrade);
  EXPECT_EQ(events, (Lines{"upgrade", "close forced close"}));
}

TEST_F(SessionUpgrade, ignores_the_old_transport_after_the_switch) {
  open();
  probe();
  turn([&] {
    Transport& old =
        *first.transport;  // alive until the end of the turn: it may be in the middle of a payload
    TransportSink& sink = session->sink();
    sink.on_packet(*second.transport, {.type = PacketType::upgrade, .data = {}});
    sink.on_packet(old, {.type = PacketType::message, .data = "late"});
    sink.on_failed(old, "late");
    sink.on_closed(old);
    sink.on_malformed_packet(old);
  });
  EXPECT_EQ(events, Lines{"upgrade"});
  EXPECT_EQ(session->state(), SessionFsm::State::open);
}

}  // namespace
}  // namespace engineio
