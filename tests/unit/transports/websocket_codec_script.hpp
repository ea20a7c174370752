#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/execution_context.hpp>

#include <gtest/gtest.h>

#include "tests/unit/transports/websocket_frames.hpp"
#include "transports/websocket_codec.hpp"

namespace engineio::transports {

/// Runs a codec and writes down, as text, all that it reports.
class CodecRun final : private WebSocketCodecSink {
 public:
  explicit CodecRun(Limits limits = {}, std::size_t max_payload = 1'000'000)
      : limits_(std::move(limits)), codec_(context_, *this, limits_, max_payload) {}

  WebSocketCodec& codec() noexcept { return codec_; }
  const std::vector<std::string>& events() const noexcept { return events_; }
  /// Called with each message before it is written down.
  std::function<void(std::string_view)> on_message;
  /// Answers the question that WebSocketCodecSink says.
  bool turn_over = false;

  /// Feeds all of `bytes`, in as many turns as it takes.
  CodecRun& feed(std::string bytes) {
    for (std::size_t at = 0; at < bytes.size();) {
      at += codec_.feed(std::span(bytes).subspan(at));
      codec_.output_sent();
    }
    return *this;
  }
  /// Feeds the first `first` bytes at once, then pieces of `piece` bytes.
  CodecRun& feed_in_pieces(std::string_view bytes, std::size_t first, std::size_t piece) {
    feed(std::string(bytes.substr(0, first)));
    for (std::size_t at = first; at < bytes.size(); at += piece)
      feed(std::string(bytes.substr(at, piece)));
    return *this;
  }
  /// One call of WebSocketCodec::feed.
  std::size_t feed_once(std::string bytes) { return codec_.feed(bytes); }

 private:
  void on_text(std::string_view text) override { message("text ", text); }
  void on_binary(const Block& bytes) override { message("binary ", bytes.payload()); }
  void on_output(std::string_view bytes) override {
    events_.push_back(std::string("out ").append(bytes));
  }
  void on_stream_end(const WebSocketEnd& end) override {
    events_.push_back((end.clean ? "closed " : "fault ") + std::to_string(end.code));
    if (!end.description.empty()) events_.back().append(" ").append(end.description);
  }
  bool turn_is_over() override { return turn_over; }
  void message(std::string_view kind, std::string_view content) {
    if (on_message) on_message(content);
    events_.push_back(std::string(kind).append(content));
  }

  Limits limits_;
  boost::asio::execution_context context_;
  WebSocketCodec codec_;
  std::vector<std::string> events_;
};

using Events = std::vector<std::string>;

inline Events run(const std::string& stream, const Limits& limits = {},
                  std::size_t max_payload = 1'000'000) {
  return CodecRun(limits, max_payload).feed(stream).events();
}

/// Checks `expected` for the stream as a whole, split in two at every byte, and byte by byte.
inline void expect_events(const std::string& stream, const Events& expected,
                          const Limits& limits = {}, std::size_t max_payload = 1'000'000) {
  EXPECT_EQ(run(stream, limits, max_payload), expected) << "whole";
  EXPECT_EQ(CodecRun(limits, max_payload).feed_in_pieces(stream, 1, 1).events(), expected)
      << "byte by byte";
  for (std::size_t split = 1; split < stream.size(); ++split) {
    CodecRun in_two(limits, max_payload);
    ASSERT_EQ(in_two.feed_in_pieces(stream, split, stream.size()).events(), expected)
        << "split at " << split;
  }
}

/// The stream ends with a close frame of that code; what follows is not looked at.
inline void expect_fault(const std::string& stream, unsigned code, const std::string& description,
                         const Limits& limits = {}, std::size_t max_payload = 1'000'000) {
  const Events expected = {"text before", "out " + server_close(code),
                           "fault " + std::to_string(code) + " " + description};
  expect_events(text_frame("before") + stream + text_frame("after") + ping_frame(), expected,
                limits, max_payload);
}

}  // namespace engineio::transports
