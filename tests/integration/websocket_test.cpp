// WebSocket sessions: messages, rule breakers, floods, closes.

#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/support/server_test.hpp"

namespace {

using namespace std::chrono_literals;
using engineio::transports::binary_frame;
using engineio::transports::client_close;
using engineio::transports::ClientFrame;
using engineio::transports::fragment;
using engineio::transports::last_fragment;
using engineio::transports::ping_frame;
using engineio::transports::text_frame;
using engineio::transports::to_bytes;
using support::Ending;
using support::Frame;
using support::WebSocketSession;

SERVER_TESTS(WebSocket);
SERVER_TESTS(WebSocketFaults);
SERVER_TESTS(WebSocketFloods);

/// "block" keeps a loop busy until it is released: what comes meanwhile is one turn's. "close the
/// first" closes the client that came first.
class OneTurn : public support::ServerTest {
 protected:
  OneTurn() {
    setup = [this](engineio::Server& server) {
      server.on_connection([this](const engineio::Socket& socket) {
        const std::lock_guard lock(mutex);
        if (!first) first = socket;
      });
      server.on_message([this](const engineio::Socket& socket, engineio::Message message) {
        if (message.data == "block") {
          blocked.set_value();
          released.wait();
        } else if (message.data == "close the first") {
          const std::lock_guard lock(mutex);
          first->close();
        } else {
          socket.send(message);
        }
      });
    };
  }

  std::promise<void> blocked;
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  std::mutex mutex;
  std::optional<engineio::Socket> first;
};
RUN_ON_LOOPS(OneTurn);

TEST_P(WebSocket, echoes_text_and_binary) {
  WebSocketSession session = websocket();
  for (const std::size_t size : {0U, 1U, 124U, 125U, 126U, 65'534U, 65'535U, 65'536U, 999'999U}) {
    SCOPED_TRACE(size);
    const std::string text(size, 't');
    session.send("4" + text);
    EXPECT_TRUE(session.text() == "4" + text);
    session.wire.send(binary_frame(text));
    const Frame frame = session.wire.frame();
    EXPECT_EQ(frame.opcode, 2U);
    EXPECT_TRUE(frame.payload == text);
  }
}

TEST_P(WebSocket, takes_base64_in_text_and_gives_it_to_who_asks) {
  WebSocketSession session = websocket();
  session.send("bAAEC");
  EXPECT_EQ(session.wire.frame().payload, std::string_view("\0\1\2", 3));
  support::RawClient wire = connect();
  EXPECT_EQ(
      wire.request(support::upgrade(std::string(support::websocket_target) + "&b64=1")).status,
      101);
  wire.frame();
  wire.send(binary_frame(std::string_view("\0\1\2", 3)));
  const Frame frame = wire.frame();
  EXPECT_EQ(frame.opcode, 1U);
  EXPECT_EQ(frame.payload, "bAAEC");
}

TEST_P(WebSocket, joins_fragments_and_answers_pings_between_them) {
  WebSocketSession session = websocket();
  session.wire.send(fragment(1, "4a") + ping_frame("between") + fragment(0, "b") +
                    last_fragment("c"));
  const Frame pong = session.wire.frame();
  EXPECT_EQ(pong.opcode, 10U);
  EXPECT_EQ(pong.payload, "between");
  EXPECT_EQ(session.text(), "4abc");
}

TEST_P(WebSocket, takes_frames_byte_by_byte) {
  WebSocketSession session = websocket();
  for (const char byte : text_frame("4one") + fragment(1, "4t") + last_fragment("wo"))
    session.wire.send({&byte, 1});
  EXPECT_EQ(session.text(), "4one");
  EXPECT_EQ(session.text(), "4two");
}

TEST_P(WebSocket, T44_ignores_packets_that_are_the_server_s) {
  WebSocketSession session = websocket();
  for (const char* packet : {"0", "1", "5", "6", "3"}) session.send(packet);
  session.send("4on");
  EXPECT_EQ(session.text(), "4on");
}

TEST_P(WebSocket, T45_ends_the_session_of_what_is_no_packet) {
  for (const char* packet : {"", "x", "7", "9"}) {
    SCOPED_TRACE(packet);
    WebSocketSession session = websocket();
    session.send(packet);
    EXPECT_EQ(session.close_code(), 1005U);
    EXPECT_EQ(server().ending(session.sid()).reason, "parse error");
    session.finish_close();
  }
  WebSocketSession session = websocket();
  session.send("2");
  EXPECT_EQ(session.close_code(), 1005U);
  EXPECT_EQ(server().ending(session.sid()).description, "invalid heartbeat direction");
}

TEST_P(WebSocket, a_close_of_the_server_follows_what_was_sent) {
  WebSocketSession session = websocket();
  session.wire.send(text_frame("4one") + text_frame("4close") + text_frame("4late"));
  EXPECT_EQ(session.text(), "4one");
  EXPECT_EQ(session.close_code(), 1005U);
  EXPECT_EQ(server().ending(session.sid()).reason, "forced close");
  session.finish_close();
}

TEST_P(WebSocket, a_client_that_never_answers_the_close_is_cut) {
  options.engine.limits.close_timeout = 50ms;
  WebSocketSession session = websocket();
  session.send("4close");
  EXPECT_EQ(session.close_code(), 1005U);
  EXPECT_EQ(session.wire.read_to_end(), "");
}

TEST_P(WebSocket, every_close_of_the_client_is_a_transport_close) {
  struct Case {
    const char* name;
    std::string bytes;
    unsigned answered;
  };
  for (const Case& one :
       {Case{"without a code", to_bytes({.opcode = 8}), 1005},
        Case{"1000", client_close(1000), 1000},
        Case{"1001 with a reason", client_close(1001, "gone"), 1001},
        Case{"3000", client_close(3000), 3000}, Case{"4999", client_close(4999), 4999}}) {
    SCOPED_TRACE(one.name);
    WebSocketSession session = websocket();
    session.wire.send(one.bytes);
    EXPECT_EQ(session.close_code(), one.answered);
    EXPECT_EQ(server().ending(session.sid()).reason, "transport close");
    EXPECT_EQ(session.wire.read_to_end(), "");
  }
}

// Many turns' worth of messages in one segment with the end.
TEST_P(WebSocket, takes_in_every_message_that_came_before_the_end) {
  WebSocketSession session = websocket();
  std::string messages;
  for (int i = 0; i < 20'000; ++i) messages += text_frame("4" + std::to_string(i));
  session.wire.half_close(messages);
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(session.text(), "4" + std::to_string(i));
  EXPECT_EQ(server().ending(session.sid()).reason, "transport close");
}

TEST_P(WebSocket, the_loss_of_the_connection_is_a_transport_close) {
  for (const bool in_order : {true, false}) {
    WebSocketSession session = websocket();
    in_order ? session.wire.close() : session.wire.reset();
    EXPECT_EQ(server().ending(session.sid()).reason, "transport close");
  }
}

TEST_P(WebSocketFaults, T69_to_T73_close_with_the_code_of_the_fault) {
  struct Case {
    const char* name;
    std::string bytes;
    unsigned code;
  };
  const std::string megabyte(1'000'000, 'x');
  const auto close_with = [](std::string_view payload) {
    return to_bytes({.opcode = 8, .payload = payload});
  };
  for (const Case& one : {
           Case{"unmasked", to_bytes({.payload = "4a", .masked = false}), 1002},
           Case{"RSV1", to_bytes({.payload = "4a", .reserved = 4}), 1002},
           Case{"RSV2", to_bytes({.payload = "4a", .reserved = 2}), 1002},
           Case{"RSV3", to_bytes({.payload = "4a", .reserved = 1}), 1002},
           Case{"opcode 3", to_bytes({.opcode = 3, .payload = "4a"}), 1002},
           Case{"opcode 11", to_bytes({.opcode = 11, .payload = "4a"}), 1002},
           Case{"ping of 126", ping_frame(std::string(126, 'p')), 1002},
           Case{"fragmented ping", to_bytes({.opcode = 9, .payload = "p", .fin = false}), 1002},
           Case{"continuation of nothing", last_fragment("4a"), 1002},
           Case{"text inside of a message", fragment(1, "4a") + text_frame("4b"), 1002},
           Case{"length not in its shortest form", to_bytes({.payload = "4a", .length_field = 2}),
                1002},
           Case{"invalid UTF-8", text_frame("4\xff"), 1007},
           Case{"invalid UTF-8, before the rest came", fragment(1, "4\xc3\x28"), 1007},
           Case{"half a code point", text_frame("4\xe2\x82"), 1007},
           Case{"half a code point in the last fragment",
                fragment(1, "4\xe2") + last_fragment("\x82"), 1007},
           Case{"surrogate", text_frame("4\xed\xa0\x80"), 1007},
           Case{"close 1005", client_close(1005), 1002},
           Case{"close 1006", client_close(1006), 1002},
           Case{"close 999", client_close(999), 1002},
           Case{"close 5000", client_close(5000), 1002},
           Case{"close 65535", client_close(65535), 1002},
           Case{"close of one byte", close_with("\x03"), 1002},
           Case{"close with bad UTF-8", client_close(1000, "\xff"), 1007},
           Case{"length 2^63", to_bytes({.payload = "4a", .declared = std::uint64_t{1} << 63}),
                1002},
           Case{"length 2^62", to_bytes({.payload = "4a", .declared = std::uint64_t{1} << 62}),
                1009},
           Case{"length 1,000,001", to_bytes({.payload = "4a", .declared = 1'000'001}), 1009},
           Case{"1,000,001 in two fragments",
                fragment(1, "4" + megabyte.substr(1)) + last_fragment("x"), 1009},
       }) {
    SCOPED_TRACE(one.name);
    WebSocketSession session = websocket();
    session.wire.try_send(one.bytes);
    EXPECT_EQ(session.close_code(), one.code);
    const Ending ending = server().ending(session.sid());
    EXPECT_EQ(ending.reason, "transport error");
    EXPECT_FALSE(ending.description.empty());
    EXPECT_EQ(session.wire.read_to_end(), "");
  }
}

TEST_P(WebSocketFaults, T70_takes_code_points_split_between_fragments) {
  WebSocketSession session = websocket();
  session.wire.send(fragment(1, "4\xe2") + fragment(0, "\x82") + fragment(0, "") +
                    last_fragment("\xac"));
  EXPECT_EQ(session.text(), "4\xe2\x82\xac");
}

TEST_P(WebSocketFaults, T75_never_agrees_on_compression) {
  for (const char* offer :
       {"permessage-deflate", "permessage-deflate; server_max_window_bits=8", "constructor",
        "permessage-deflate; client_max_window_bits; x=\"", ",;=,,"}) {
    SCOPED_TRACE(offer);
    support::RawClient client = connect();
    const auto answer = client.request(support::upgrade(
        support::websocket_target, std::string("Sec-WebSocket-Extensions: ") + offer + "\r\n"));
    EXPECT_EQ(answer.status, 101);
    EXPECT_EQ(answer.count("Sec-WebSocket-Extensions"), 0U);
    client.frame();
    client.send(text_frame("4a"));
    EXPECT_EQ(client.frame().payload, "4a");
  }
  EXPECT_EQ(ask(support::upgrade(support::websocket_target,
                                 "Sec-WebSocket-Extensions: " + std::string(8000, 'x') + "\r\n"))
                .status,
            101);
}

TEST_P(WebSocketFloods, T73_counts_fragments) {
  std::string most = fragment(1, "4");
  for (int i = 2; i < 16'384; ++i) most += fragment(0, "");
  WebSocketSession session = websocket();
  session.wire.send(most + last_fragment("a"));
  EXPECT_EQ(session.text(), "4a");
  session.wire.try_send(most + fragment(0, "") + last_fragment("a"));
  EXPECT_EQ(session.close_code(), 1008U);
  EXPECT_EQ(server().ending(session.sid()).description, "Too many message fragments");
}

TEST_P(WebSocketFloods, T73_bounds_the_time_of_a_message) {
  options.engine.limits.assembly_timeout = 50ms;
  for (const std::string& begin :
       {fragment(1, "4a"), text_frame("4abc").substr(0, 7), text_frame("4abc").substr(0, 1)}) {
    WebSocketSession session = websocket();
    session.wire.send(begin);
    EXPECT_EQ(session.close_code(), 1008U);
    EXPECT_EQ(server().ending(session.sid()).description, "message took too long");
  }
}

// Messages that come in pieces, one soon after the other, have a deadline each.
TEST_P(WebSocketFloods, T73_gives_every_message_its_own_time) {
  options.engine.limits.assembly_timeout = 2s;
  WebSocketSession session = websocket();
  const std::string frame = text_frame("4abcdef");
  const auto until = std::chrono::steady_clock::now() + 2500ms;
  session.wire.send(frame.substr(0, 5));
  while (std::chrono::steady_clock::now() < until) {
    session.wire.send(frame.substr(5) +
                      frame.substr(0, 5));  // the end of one, the beginning of the next
    ASSERT_EQ(session.text(), "4abcdef");
  }
}

// More pings than are answered at once, then more than is held, and in the same turn another client
// has the session closed: what is behind them is not waited for, but the client's close frame is.
TEST_P(OneTurn, reads_on_for_the_close_frame_of_who_has_sent_many_pings) {
  WebSocketSession flood = websocket();
  WebSocketSession closer = websocket();
  WebSocketSession blocker = websocket();
  blocker.send("4block");
  blocked.get_future().wait();
  std::string bytes;
  for (int i = 0; i < 20; ++i) bytes += ping_frame();
  flood.wire.send(bytes + text_frame("4" + std::string(20'000, 'x')));
  closer.send("4close the first");
  release.set_value();
  EXPECT_EQ(flood.close_code(), 1005U);
  flood.finish_close();  // throws before Limits::close_timeout is over
}

TEST_P(WebSocketFloods, T74_stops_reading_from_who_reads_no_pongs) {
  support::Connect small;
  small.receive_buffer = 4096;
  WebSocketSession session(port(), small);
  std::string pings;
  for (int i = 0; i < 1000; ++i) pings += ping_frame(std::string(125, 'p'));
  std::size_t sent = 0;
  std::size_t more = 0;
  // The server must stop reading: then the kernel's buffers fill up, and nothing more leaves.
  for (int idle = 0; idle < 20 && sent < 200'000'000; idle = more == 0 ? idle + 1 : 0) {
    more = session.wire.send_some(pings);
    sent += more;
    if (more == 0) expect_service();
  }
  EXPECT_LT(sent, 200'000'000U);
  session.wire.reset();
  EXPECT_EQ(server().ending(session.sid()).reason, "transport close");
}

TEST_P(WebSocketFloods, T74_answers_a_flood_of_pings_that_is_read) {
  WebSocketSession session = websocket();
  std::string pings;
  for (int i = 0; i < 20'000; ++i) pings += ping_frame("p");
  session.wire.send(pings);
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(session.wire.frame().opcode, 10U);
}

TEST_P(WebSocketFloods, T46_takes_a_flood_of_messages_in_order) {
  WebSocketSession session = websocket();
  std::string messages;
  for (int i = 0; i < 20'000; ++i) messages += text_frame("4" + std::to_string(i));
  session.wire.send(messages);
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(session.text(), "4" + std::to_string(i));
}

TEST_P(WebSocketFloods, T87_closes_who_does_not_read) {
  support::Connect small;
  small.receive_buffer = 4096;
  WebSocketSession slow(port(), small);
  slow.send("4flood 20000");  // 20 MB
  const Ending ending = server().ending(slow.sid());
  EXPECT_EQ(ending.reason, "transport error");
  EXPECT_EQ(ending.description, "send queue limit");
}

TEST_P(WebSocketFloods, T88_closes_who_does_not_poll) {
  support::PollingSession slow = polling();
  slow.posting.send(support::post(slow.target(), "4flood 20000"));
  EXPECT_EQ(server().ending(slow.sid()).description, "send queue limit");
  EXPECT_EQ(slow.posting.answer().body, "ok");
  EXPECT_EQ(slow.get().body, support::session_unknown);
}

TEST_P(WebSocketFloods, T87_delivers_what_is_under_the_mark_to_a_slow_reader) {
  support::Connect small;
  small.receive_buffer = 4096;
  WebSocketSession slow(port(), small);
  slow.send("4flood 7000");
  for (int i = 0; i < 7000; ++i) ASSERT_EQ(slow.text().size(), 1001U);
}

}  // namespace
