#include "transports/websocket_codec.hpp"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/transports/websocket_codec_script.hpp"
#include "tests/unit/transports/websocket_frames.hpp"

namespace engineio::transports {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

const std::string no_utf8 = "Invalid WebSocket frame: invalid UTF-8 sequence";
const std::string bad_opcode = "Invalid WebSocket frame: invalid opcode";
const std::string bad_length = "Invalid WebSocket frame: invalid payload length";
const std::string too_big = "Max payload size exceeded";

TEST(WebSocketCodec, DeliversMessages) {
  expect_events(
      text_frame("hello") + binary_frame({"\0\xff\x80", 3}) + text_frame("") + binary_frame("") +
          text_frame("ö€😀"),
      {"text hello", std::string("binary \0\xff\x80", 10), "text ", "binary ", "text ö€😀"});
}

TEST(WebSocketCodec, DeliversMessagesOfEveryLengthForm) {
  for (const std::size_t size :
       {1U, 7U, 8U, 9U, 125U, 126U, 127U, 1535U, 1536U, 1537U, 65535U, 65536U, 200'000U}) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i % 26);
    const std::string stream = text_frame(text) + text_frame("next");
    const Events expected = {"text " + text, "text next"};
    EXPECT_EQ(run(stream), expected);
    for (const std::size_t piece : {1U, 2U, 13U, 1000U, 1536U, 4096U, 65536U}) {
      if (size / piece > 5000) continue;  // slow, and nothing new
      EXPECT_EQ(CodecRun().feed_in_pieces(stream, 3, piece).events(), expected)
          << size << " in pieces of " << piece;
    }
  }
}

TEST(WebSocketCodec, PutsFragmentsTogether) {
  expect_events(fragment(1, "he") + fragment(0, "ll") + last_fragment("o") + text_frame("next"),
                {"text hello", "text next"});
  expect_events(fragment(2, "\xff") + last_fragment("\xfe"), {"binary \xff\xfe"});
}

TEST(WebSocketCodec, EmptyFragmentsAreFine) {
  expect_events(fragment(1, "") + fragment(0, "") + fragment(0, "a") + fragment(0, "") +
                    last_fragment("") + text_frame("b"),
                {"text a", "text b"});
  expect_events(fragment(1, "") + last_fragment(""), {"text "});
}

TEST(WebSocketCodec, AnswersPingsWithTheirPayload) {
  const std::string longest(125, 'p');
  expect_events(ping_frame() + ping_frame("a") + ping_frame(longest) + text_frame("x"),
                {"out " + server_pong(""), "out " + server_pong("a"), "out " + server_pong(longest),
                 "text x"});
}

TEST(WebSocketCodec, AnswersPingsBetweenFragments) {
  expect_events(
      fragment(1, "a") + ping_frame("1") + fragment(0, "") + ping_frame("2") + last_fragment("b") +
          ping_frame("3"),
      {"out " + server_pong("1"), "out " + server_pong("2"), "text ab", "out " + server_pong("3")});
}

TEST(WebSocketCodec, IgnoresPongs) {
  expect_events(to_bytes({.opcode = 10, .payload = "what"}) + text_frame("x"), {"text x"});
}

// T69
TEST(WebSocketCodec, RefusesWhatBreaksTheFraming) {
  expect_fault(to_bytes({.payload = "x", .masked = false}), 1002,
               "Invalid WebSocket frame: MASK must be set");
  for (const unsigned char rsv : std::string("\1\2\4\7")) {
    expect_fault(to_bytes({.payload = "x", .reserved = rsv}), 1002,
                 "Invalid WebSocket frame: reserved bits must be clear");
    expect_fault(to_bytes({.opcode = 9, .payload = "x", .reserved = rsv}), 1002,
                 "Invalid WebSocket frame: reserved bits must be clear");
  }
  for (const unsigned char opcode : std::string("\3\4\5\6\7\13\14\15\16\17")) {
    expect_fault(to_bytes({.opcode = opcode, .payload = "x"}), 1002, bad_opcode);
  }
  expect_fault(ping_frame(std::string(126, 'x')), 1002, bad_length);
  expect_fault(to_bytes({.opcode = 9, .payload = "x", .fin = false}), 1002,
               "Invalid WebSocket frame: FIN must be set");
  expect_fault(to_bytes({.opcode = 8, .fin = false}), 1002,
               "Invalid WebSocket frame: FIN must be set");
  expect_fault(last_fragment("lone"), 1002, bad_opcode);
  expect_fault(fragment(0, "lone"), 1002, bad_opcode);
  expect_fault(fragment(1, "open") + text_frame("inside"), 1002, bad_opcode);
  expect_fault(fragment(1, "open") + binary_frame("inside"), 1002, bad_opcode);
  expect_fault(to_bytes({.payload = "x", .length_field = 2}), 1002, bad_length);
  expect_fault(to_bytes({.payload = "x", .length_field = 8}), 1002, bad_length);
}

// T75: no extension is ever negotiated, so RSV1 has no meaning.
TEST(WebSocketCodec, RefusesCompressedMessages) {
  const std::string deflated("\xf2\x48\xcd\xc9\xc9\x07\x00", 7);  // RFC 7692, 7.2.3.1
  expect_fault(to_bytes({.payload = deflated, .reserved = 4}), 1002,
               "Invalid WebSocket frame: reserved bits must be clear");
}

// T70
TEST(WebSocketCodec, RefusesTextThatIsNotUtf8) {
  for (const std::string bad :
       {"\xff", "\x80", "ab\xc3", "\xc0\x80", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80",
        "\xe2\x82", "\xf0\x9f\x98", "a\xe2\x28\xa1"}) {
    expect_fault(text_frame(bad), 1007, no_utf8);
    expect_fault(fragment(1, "ok ") + last_fragment(bad), 1007, no_utf8);
    for (std::size_t cut = 1; cut < bad.size(); ++cut) {
      expect_fault(fragment(1, bad.substr(0, cut)) + last_fragment(bad.substr(cut)), 1007, no_utf8);
    }
  }
}

TEST(WebSocketCodec, RefusesACodePointThatNeverEnds) {
  expect_fault(fragment(1, "\xe2\x82") + last_fragment(""), 1007, no_utf8);
  expect_fault(fragment(1, "\xe2\x82") + fragment(0, "") + last_fragment(""), 1007, no_utf8);
  expect_fault(fragment(1, "\xe2\x82") + fragment(0, "") + last_fragment("x"), 1007, no_utf8);
}

TEST(WebSocketCodec, BinaryMayBeAnything) {
  expect_events(binary_frame("\xff\xc0"), {"binary \xff\xc0"});
}

TEST(WebSocketCodec, CodePointsMayBeSplitBetweenFragments) {
  const std::string text = "κό😀a";
  for (std::size_t a = 0; a <= text.size(); ++a) {
    for (std::size_t b = a; b <= text.size(); ++b) {
      const auto stream = fragment(1, text.substr(0, a)) + fragment(0, text.substr(a, b - a)) +
                          last_fragment(text.substr(b));
      EXPECT_EQ(run(stream), Events{"text " + text});
      EXPECT_EQ(CodecRun().feed_in_pieces(stream, 1, 1).events(), Events{"text " + text});
    }
  }
}

TEST(WebSocketCodec, FailsAtTheFirstByteThatCannotBeUtf8) {
  // As Autobahn's 6.4: the message has no end yet, but what has come cannot become valid any more.
  const std::string good = "κόσμε";
  for (const std::string bad :
       {"\xf4\x90", "\xed\xa0", "\xc0", "\xf5", "\xe0\x80", "\xf0\x8f", "\xe2\x28"}) {
    const std::string frame = text_frame(good + bad + std::string(50, 'x'));
    const std::size_t first_wrong = 2 + 4 + good.size() + bad.size();
    CodecRun early;
    early.feed_in_pieces(frame.substr(0, first_wrong), 1, 1);
    EXPECT_THAT(early.events(), ElementsAre("out " + server_close(1007), "fault 1007 " + no_utf8));
    CodecRun before;
    before.feed_in_pieces(frame.substr(0, first_wrong - 1), 1, 1);
    EXPECT_THAT(before.events(), IsEmpty());
  }
}

// T72
TEST(WebSocketCodec, BoundsMessages) {
  expect_events(text_frame("1234567890"), {"text 1234567890"}, {}, 10);
  expect_fault(text_frame("12345678901"), 1009, too_big, {}, 10);
  expect_fault(binary_frame("12345678901"), 1009, too_big, {}, 10);
  expect_events(fragment(1, "12345") + last_fragment("67890"), {"text 1234567890"}, {}, 10);
  expect_fault(fragment(1, "12345") + last_fragment("678901"), 1009, too_big, {}, 10);
  expect_fault(fragment(1, "12345") + fragment(0, "67890") + last_fragment("1"), 1009, too_big, {},
               10);
}

TEST(WebSocketCodec, RefusesDeclaredLengthsAtTheHeader) {
  for (const std::uint64_t length :
       {std::uint64_t{1'000'001}, std::uint64_t{1} << 31, std::uint64_t{1} << 62}) {
    const auto events = run(to_bytes({.opcode = 2, .declared = length}));
    EXPECT_THAT(events, ElementsAre("out " + server_close(1009), "fault 1009 " + too_big));
  }
  const auto events = run(to_bytes({.opcode = 2, .declared = std::uint64_t{1} << 63}));
  EXPECT_THAT(events, ElementsAre("out " + server_close(1002), "fault 1002 " + bad_length));
}

// T73
TEST(WebSocketCodec, BoundsTheFragmentsOfAMessage) {
  Limits limits;
  limits.message_fragments = 5;
  std::string most = fragment(1, "a");
  for (int i = 0; i < 3; ++i) most += fragment(0, "");
  expect_events(most + last_fragment("b") + most + last_fragment("c"), {"text ab", "text ac"},
                limits);
  expect_fault(most + fragment(0, "") + last_fragment("b"), 1008, "Too many message fragments",
               limits);
  expect_fault(most + fragment(0, "b") + fragment(0, "c"), 1008, "Too many message fragments",
               limits);
}

TEST(WebSocketCodec, AcceptsAsManyFragmentsAsTheDefaultSays) {
  const std::size_t most = Limits().message_fragments;
  std::string stream = fragment(1, "a");
  for (std::size_t i = 2; i < most; ++i) stream += fragment(0, i % 2 == 0 ? "x" : "");
  EXPECT_THAT(run(stream + last_fragment("b")), ElementsAre(StartsWith("text axx")));
  EXPECT_EQ(run(stream + fragment(0, "") + last_fragment("b")).back(),
            "fault 1008 Too many message fragments");
}

// T74
TEST(WebSocketCodec, StopsReadingWhenPongsWait) {
  Limits limits;
  limits.queued_pongs = 3;
  const std::string ping = ping_frame("p");
  std::string flood;
  for (int i = 0; i < 10; ++i) flood += ping;

  CodecRun run(limits);
  EXPECT_EQ(run.feed_once(flood.substr(0, 3 * ping.size())), 3 * ping.size());
  EXPECT_FALSE(run.codec().too_many_pongs());
  EXPECT_EQ(run.feed_once(flood), ping.size());
  EXPECT_TRUE(run.codec().too_many_pongs());
  EXPECT_EQ(run.feed_once(flood), 0U);
  EXPECT_EQ(run.events().size(), 4U);

  run.codec().output_sent();
  EXPECT_FALSE(run.codec().too_many_pongs());
  EXPECT_EQ(run.feed_once(flood), 4 * ping.size());
  EXPECT_EQ(run.events().size(), 8U);
}

// One turn's pings: up to the limit all are answered and reading goes on, with one more it rests.
TEST(WebSocketCodec, QueuesPongsUpToTheLimit) {
  Limits limits;
  limits.queued_pongs = 3;
  const std::string ping = ping_frame("p");
  std::string pings = ping;
  for (const std::size_t count : {2U, 3U, 4U}) {
    SCOPED_TRACE(count);
    pings += ping;
    CodecRun run(limits);
    EXPECT_EQ(run.feed_once(pings), count * ping.size());
    EXPECT_EQ(run.events().size(), count);
    EXPECT_EQ(run.codec().too_many_pongs(), count > 3);
    EXPECT_EQ(run.feed_once(text_frame("m")), count > 3 ? 0U : text_frame("m").size());
  }
}

TEST(WebSocketCodec, StopsWhenItsTurnIsOver) {
  Limits limits;
  limits.packets_per_turn = 3;
  const std::string frame = text_frame("m");
  std::string stream;
  for (int i = 0; i < 7; ++i) stream += frame;

  EXPECT_EQ(CodecRun(limits).feed_once(frame + frame), 2 * frame.size());
  EXPECT_EQ(CodecRun(limits).feed_once(frame + frame + frame), 3 * frame.size());
  EXPECT_EQ(CodecRun(limits).feed_once(frame + frame + frame + frame), 3 * frame.size());
  CodecRun run(limits);
  EXPECT_EQ(run.feed_once(stream), 3 * frame.size());
  EXPECT_EQ(run.events().size(), 3U);
  EXPECT_EQ(run.feed_once(stream.substr(3 * frame.size())), 3 * frame.size());
  EXPECT_EQ(run.feed_once(stream.substr(6 * frame.size())), frame.size());
  EXPECT_EQ(run.events().size(), 7U);
}

TEST(WebSocketCodec, StopsAfterEightFramesWhenItsTurnHasTakenItsTime) {
  const std::string frame = text_frame("m");
  std::string stream;
  for (int i = 0; i < 20; ++i) stream += frame;
  CodecRun run;
  EXPECT_EQ(run.feed_once(stream), stream.size());
  run.turn_over = true;
  EXPECT_EQ(run.feed_once(stream.substr(0, 7 * frame.size())), 7 * frame.size());
  EXPECT_EQ(run.feed_once(stream), 8 * frame.size());
}

TEST(WebSocketCodec, FramesWithoutAMessageCountInATurnToo) {
  Limits limits;
  limits.packets_per_turn = 3;
  const std::string pong = to_bytes({.opcode = 10});
  EXPECT_EQ(CodecRun(limits).feed_once(pong + pong + pong + pong), 3 * pong.size());
  const std::string empty = fragment(0, "");
  EXPECT_EQ(CodecRun(limits).feed_once(fragment(1, "") + empty + empty + empty), 3 * empty.size());
}

TEST(WebSocketCodec, TellsWhichMessageIsIncomplete) {
  CodecRun run;
  const WebSocketCodec& codec = run.codec();
  const std::string frame = text_frame("message");
  run.feed(frame);
  EXPECT_FALSE(codec.message_in_progress());
  run.feed(frame.substr(0, 3));
  const auto first = codec.incomplete_message();
  EXPECT_TRUE(codec.message_in_progress());
  run.feed(frame.substr(3) + fragment(1, "a"));
  const auto second = codec.incomplete_message();
  EXPECT_TRUE(codec.message_in_progress());
  EXPECT_NE(second, first);
  run.feed(ping_frame());
  EXPECT_EQ(codec.incomplete_message(), second);
  run.feed(last_fragment("b"));
  EXPECT_FALSE(codec.message_in_progress());
  run.feed(ping_frame("xyz").substr(0, 4));
  EXPECT_TRUE(codec.message_in_progress());
}

TEST(WebSocketCodec, CodecsOfOneLoopAreIndependent) {
  std::vector<std::unique_ptr<CodecRun>> runs;
  const std::string stream =
      fragment(1, "a") + ping_frame("p") + last_fragment("b") + text_frame("c");
  for (int i = 0; i < 20; ++i) runs.push_back(std::make_unique<CodecRun>());
  for (std::size_t at = 0; at < stream.size(); ++at) {
    for (auto& each : runs) each->feed(stream.substr(at, 1));
    if (at % 5 == 0) runs.erase(runs.begin());
  }
  for (auto& each : runs)
    EXPECT_THAT(each->events(), ElementsAre("out " + server_pong("p"), "text ab", "text c"));
}

}  // namespace
}  // namespace engineio::transports
