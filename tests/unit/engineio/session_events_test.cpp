// E20, E81, E83, E92: what those hear who listen to a session beside its handler.

#include "engineio/session_events.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "engineio/socket.hpp"
#include "tests/unit/engineio/session_fixture.hpp"

namespace engineio {
namespace {

using namespace std::chrono_literals;

std::string text_of(const Packet& packet) {
  std::string type = packet.binary ? "binary" : std::to_string(static_cast<int>(packet.type));
  return type + ':' + std::string(packet.data);
}

class SessionEventsTest : public SessionFixture {
 protected:
  SessionEventsTest() {
    options.log = [this](LogLevel, std::string_view line) { log.emplace_back(line); };
  }

  // Hears everything; the handler's own events come between, in `events`.
  Socket listen() {
    Socket socket(session);
    socket.on_packet([this](const Packet& packet) { hear("packet " + text_of(packet)); })
        .on_packet_create([this](const Packet& packet) { hear("create " + text_of(packet)); })
        .on_flush([this](std::span<const Packet> packets) {
          std::string line = "flush";
          for (const Packet& packet : packets) line += ' ' + text_of(packet);
          hear(line);
        })
        .on_drain([this] { hear("drained"); })
        .on_heartbeat([this] { hear("heartbeat"); })
        .on_upgrading([this] { hear("upgrading"); })
        .on_upgrade([this] { hear("upgraded"); })
        .on_close([this](CloseReason reason, std::string_view description) {
          hear("closed " + std::string(to_string(reason)) + ' ' + std::string(description));
        });
    return socket;
  }
  void hear(const std::string& event) {
    events.push_back(event);
    if (answer) answer(event);
  }

  std::function<void(const std::string& event)> answer;
  Lines log;
};

TEST(WriteLog, goes_to_standard_error_where_there_is_no_log) {
  testing::internal::CaptureStderr();
  write_log({}, LogLevel::info, "of no interest");
  write_log({}, LogLevel::warning, "a warning");
  write_log({}, LogLevel::error, "an error");
  write_log([](LogLevel, std::string_view) {}, LogLevel::error, "silenced");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "socketio: a warning\nsocketio: an error\n");
}

TEST_F(SessionEventsTest, tell_of_packets_of_every_type_ahead_of_what_they_do) {
  open();
  listen();
  receive(first, PacketType::message, "hello");
  receive(first, PacketType::message, "bytes", true);
  receive(first, PacketType::noop);
  EXPECT_EQ(events, (Lines{"packet 4:hello", "text hello", "packet binary:bytes", "binary bytes",
                           "packet 6:"}));
}

TEST_F(SessionEventsTest, E81_tell_of_pongs_as_heartbeats) {
  open();
  listen();
  receive(first, PacketType::pong);
  receive(first, PacketType::message, "x");
  EXPECT_EQ(events, (Lines{"packet 3:", "heartbeat", "packet 4:x", "text x"}));
}

TEST_F(SessionEventsTest, E92_tell_of_packets_before_they_are_queued_and_given_to_the_transport) {
  open();
  listen();
  answer = [&](const std::string& event) {
    if (event.starts_with("create")) {
      EXPECT_EQ(session->buffered_bytes(), events.size() == 1 ? 0U : 2U);
    } else if (event.starts_with("flush")) {
      EXPECT_EQ(first.calls, Lines{});
    }
  };
  turn([&] {
    send("4a");
    session->send(Block::copy_of("bytes", BlockKind::binary));
    EXPECT_EQ(events, (Lines{"create 4:a", "create binary:bytes"}));
  });
  EXPECT_EQ(first.calls, Lines{"send 4a binary:bytes"});
  EXPECT_EQ(events.back(), "flush 4:a binary:bytes");
  drain(first);
  EXPECT_EQ(events, (Lines{"create 4:a", "create binary:bytes", "flush 4:a binary:bytes", "drain",
                           "drained"}));
}

TEST_F(SessionEventsTest, E92_tell_of_pings_too) {
  options.ping_interval = 0ms;
  open();
  listen();
  while (first.calls.empty()) context.run_one();
  EXPECT_EQ(events, (Lines{"create 2:", "flush 2:"}));
}

TEST_F(SessionEventsTest, E83_tell_of_each_probe_and_of_the_upgrade) {
  open();
  listen();
  EXPECT_TRUE(offer());
  EXPECT_EQ(events, Lines{});
  receive(second, PacketType::ping, "probe");
  receive(second, PacketType::ping, "probe");
  receive(second, PacketType::upgrade);
  EXPECT_EQ(events, (Lines{"upgrading", "upgrading", "upgrade", "upgraded"}));
}

TEST_F(SessionEventsTest, tell_nothing_of_a_candidate_that_is_dropped) {
  open();
  listen();
  EXPECT_TRUE(offer());
  receive(second, PacketType::ping, "no probe");
  EXPECT_EQ(events, Lines{});
}

TEST_F(SessionEventsTest, tell_of_the_end_after_the_handler_and_last) {
  open();
  const Socket socket = listen();
  turn([&] { session->fail("why"); });
  EXPECT_EQ(events, (Lines{"close transport error: why", "closed transport error why"}));
  events.clear();
  socket.on_packet_create([&](const Packet&) { hear("late"); });
  EXPECT_EQ(session->events(), nullptr);
  send_in_turn("4late");
  EXPECT_EQ(events, Lines{});
}

TEST_F(SessionEventsTest, keep_several_listeners_in_the_order_of_their_coming) {
  open();
  const Socket socket(session);
  socket.on_heartbeat([&] {
    hear("first");
    socket.on_heartbeat([&] { hear("added"); });
  });
  socket.on_heartbeat([&] { hear("second"); });
  socket.on_heartbeat({});
  receive(first, PacketType::pong);
  EXPECT_EQ(events, (Lines{"first", "second"}));
  receive(first, PacketType::pong);
  EXPECT_EQ(events, (Lines{"first", "second", "first", "second", "added"}));
}

TEST_F(SessionEventsTest, go_on_after_one_that_throws) {
  open();
  const Socket socket(session);
  socket.on_packet([](const Packet&) { throw std::runtime_error("in a listener"); });
  socket.on_packet([](const Packet&) { throw 1; });
  receive(first, PacketType::message, "hello");
  EXPECT_EQ(events, Lines{"text hello"});
  EXPECT_EQ(log, (Lines{"a handler threw: in a listener",
                        "a handler threw something that is no std::exception"}));
}

TEST_F(SessionEventsTest, may_send_inside) {
  open(TransportKind::websocket);
  listen();
  answer = [&](const std::string& event) {
    if (event == "create 4:a") send("4before");
    if (event == "flush 4:before 4:a") send("4more");
  };
  send_in_turn("4a");
  EXPECT_EQ(first.calls, Lines{"send 4before 4a 4more"});
}

// Whatever a listener is told, it may end the session, and nobody trips over that.
TEST_F(SessionEventsTest, may_close_inside) {
  for (const bool now : {true, false}) {
    for (const std::string_view last : {"packet 3:", "heartbeat", "packet 4:x", "create 4:x",
                                        "flush 4:x", "drained", "upgrading", "upgraded"}) {
      SCOPED_TRACE(last);
      first = {};
      second = {};
      open();
      const Socket socket = listen();
      answer = [&](const std::string& event) {
        if (event == last) socket.close(now);
      };
      const auto on_first = [&](PacketType type, std::string_view data = {}) {
        if (first.transport) receive(first, type, data);
      };
      on_first(PacketType::pong);
      on_first(PacketType::message, "x");
      turn([&] { session->send(Block::copy_of("4x"), [&] { hear("sent"); }); });
      if (first.transport) drain(first);
      if (session->state() == SessionFsm::State::open) offer();
      if (second.transport) receive(second, PacketType::ping, "probe");
      if (second.transport) receive(second, PacketType::upgrade);
      turn([&] { session->close_now(); });
      EXPECT_EQ(events.back(), "closed forced close ");
      EXPECT_EQ(std::count(events.begin(), events.end(), "close forced close"), 1);
      EXPECT_EQ(total, 0U);
      answer = {};
      events.clear();
    }
  }
}

TEST_F(SessionEventsTest, are_dropped_at_the_close_so_that_they_may_hold_handles) {
  open();
  const auto held = std::make_shared<int>();
  const std::weak_ptr<int> watched = held;
  Socket(session).on_heartbeat([socket = Socket(session), held] {});
  const std::weak_ptr<Session> watched_session = session;
  turn([&] { session->close_now(); });
  session.reset();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_TRUE(watched_session.expired());
}

TEST(PacketOfBlock, takes_the_type_off) {
  EXPECT_EQ(text_of(packet_of(Block::copy_of("4hello"))), "4:hello");
  EXPECT_EQ(text_of(packet_of(Block::copy_of("3probe"))), "3:probe");
  EXPECT_EQ(text_of(packet_of(Block::copy_of("4hello", BlockKind::binary))), "binary:4hello");
  EXPECT_EQ(text_of(packet_of(Block::copy_of(""))), "6:");
}

}  // namespace
}  // namespace engineio
