// How a WebSocket ends.

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/transports/websocket_codec_script.hpp"
#include "tests/unit/transports/websocket_frames.hpp"
#include "transports/websocket_codec.hpp"

namespace engineio::transports {
namespace {

using ::testing::ElementsAre;

const std::string no_utf8 = "Invalid WebSocket frame: invalid UTF-8 sequence";
const std::string bad_length = "Invalid WebSocket frame: invalid payload length";
const std::string too_big = "Max payload size exceeded";
const std::string bad_code = "Invalid WebSocket frame: invalid status code";

// T71
TEST(WebSocketCodec, AnswersTheClientsCloseFrame) {
  expect_events(to_bytes({.opcode = 8}) + text_frame("after"),
                {"out " + std::string("\x88\0", 2), "closed 1005"});
  for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U, 3000U,
                              3999U, 4000U, 4999U}) {
    expect_events(client_close(code) + text_frame("after"),
                  {"out " + server_close(code), "closed " + std::to_string(code)});
  }
  expect_events(client_close(1000, "bye ö") + ping_frame(),
                {"out " + server_close(1000), "closed 1000"});
  expect_events(client_close(1001, std::string(123, 'r')),
                {"out " + server_close(1001), "closed 1001"});
}

TEST(WebSocketCodec, RefusesBadCloseFrames) {
  for (const unsigned code :
       {0U, 1U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2000U, 2999U, 5000U, 65535U}) {
    expect_fault(client_close(code), 1002, bad_code);
  }
  expect_fault(to_bytes({.opcode = 8, .payload = "\x03"}), 1002, bad_length);
  expect_fault(client_close(1000, std::string(124, 'r')), 1002, bad_length);
  expect_fault(client_close(1000, "\xff"), 1007, no_utf8);
  expect_fault(client_close(1000, "\xe2\x82"), 1007, no_utf8);
}

TEST(WebSocketCodec, ACloseFrameEndsAnIncompleteMessage) {
  expect_events(fragment(1, "half") + client_close(1000) + last_fragment("x"),
                {"out " + server_close(1000), "closed 1000"});
}

TEST(WebSocketCodec, ClosesWithoutACode) {
  CodecRun run;
  run.codec().close();
  EXPECT_FALSE(run.codec().is_open());
  run.codec().close(1000);
  EXPECT_THAT(run.events(), ElementsAre(std::string("out \x88\0", 6)));
  run.feed(text_frame("late") + ping_frame("late") + client_close(1005) + text_frame("later"));
  EXPECT_THAT(run.events(), ElementsAre(std::string("out \x88\0", 6), "closed 1005"));
  run.codec().close();
  EXPECT_EQ(run.events().size(), 2U);
}

TEST(WebSocketCodec, ClosesWithACode) {
  CodecRun run;
  run.codec().close(1008);
  EXPECT_THAT(run.events(), ElementsAre("out " + server_close(1008)));
}

TEST(WebSocketCodec, ClosesInTheMiddleOfWhateverComes) {
  const std::string stream = text_frame("one") + fragment(1, "t") + ping_frame("p") +
                             last_fragment("wo") + client_close(1000);
  const Events all = run(stream);
  for (std::size_t at = 0; at < stream.size(); ++at) {
    for (const std::size_t piece : {std::size_t{1}, stream.size()}) {
      CodecRun run;
      run.feed(stream.substr(0, at));
      const std::size_t before = run.events().size();
      run.codec().close();
      EXPECT_FALSE(run.codec().message_in_progress());
      run.feed_in_pieces(stream.substr(at), 0, piece);
      Events expected(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(before));
      expected.insert(expected.end(), {std::string("out \x88\0", 6), "closed 1005"});
      EXPECT_EQ(run.events(), expected) << at;
    }
  }
}

TEST(WebSocketCodec, ClosingFromInsideAMessage) {
  const std::string whole = text_frame("stop");
  const std::string fragmented = fragment(1, "st") + last_fragment("op");
  for (const std::string& message : {whole, fragmented}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}}) {
      CodecRun run;
      run.on_message = [&](std::string_view) { run.codec().close(); };
      run.feed_in_pieces(message + message + ping_frame() + client_close(1000), 0, piece);
      EXPECT_THAT(run.events(),
                  ElementsAre(std::string("out \x88\0", 6), "text stop", "closed 1005"));
    }
  }
}

TEST(WebSocketCodec, FaultsWhileClosingEndItToo) {
  CodecRun run({}, 10);
  run.codec().close();
  run.feed(text_frame("12345678901") + client_close(1000));
  EXPECT_THAT(run.events(), ElementsAre(std::string("out \x88\0", 6), "fault 1009 " + too_big));
}

TEST(WebSocketCodec, StopsSilently) {
  CodecRun run;
  run.on_message = [&](std::string_view) { run.codec().stop(); };
  const std::string stream =
      text_frame("one") + text_frame("two") + ping_frame() + client_close(1000);
  EXPECT_EQ(run.feed_once(stream), stream.size());
  run.codec().close();
  run.feed(stream);
  EXPECT_THAT(run.events(), ElementsAre("text one"));
}

TEST(WebSocketCodec, ReportsOneEndOnly) {
  CodecRun run;
  run.feed(client_close(1000) + client_close(1000));
  run.feed(text_frame("x") + "garbage");
  run.codec().close(1011);
  EXPECT_EQ(run.events().size(), 2U);
}

}  // namespace
}  // namespace engineio::transports
