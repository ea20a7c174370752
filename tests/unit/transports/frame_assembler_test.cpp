#include "transports/detail/frame_assembler.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/unit/transports/websocket_frames.hpp"

namespace engineio::transports::detail {
namespace {

/// A client's frame, taken apart.
struct Taken {
  explicit Taken(const std::string& frame) {
    FrameScanner scanner(1, 10'000'000);
    const auto step = scanner.scan(frame);
    header = scanner.frame();
    payload = frame.substr(step.bytes - step.payload_bytes);
  }
  FrameHeader header;
  std::string payload;
};

/// True: all pieces were taken.
bool append(FrameAssembler& assembler, std::string_view payload, std::size_t piece) {
  for (std::size_t at = 0; at < payload.size(); at += piece) {
    if (!assembler.append(payload.substr(at, piece))) return false;
  }
  return true;
}

bool takes_text(std::string_view text) {
  const Taken frame(text_frame(text));
  FrameAssembler assembler;
  assembler.begin(frame.header);
  return append(assembler, frame.payload, 1);
}

TEST(FrameAssembler, PutsAMessageTogether) {
  const std::string bytes(1000, '\xff');
  const Taken frame(binary_frame(bytes));
  FrameAssembler assembler;
  for (const std::size_t piece : {1U, 3U, 7U, 64U, 999U, 1000U}) {
    assembler.begin(frame.header);
    ASSERT_TRUE(append(assembler, frame.payload, piece));
    const Block message = assembler.finish();
    EXPECT_EQ(message.payload(), bytes) << piece;
    EXPECT_EQ(message.kind(), BlockKind::binary);
  }
}

TEST(FrameAssembler, MakesABlockOfTheKindThatCame) {
  const Taken frame(text_frame("hello"));
  FrameAssembler assembler;
  assembler.begin(frame.header);
  ASSERT_TRUE(append(assembler, frame.payload, 2));
  const Block message = assembler.finish();
  EXPECT_EQ(message.kind(), BlockKind::text);
  EXPECT_EQ(message.payload(), "hello");
}

TEST(FrameAssembler, BeginsAnewAfterAReset) {
  const Taken lost(text_frame("lost \xc3\xa9"));
  const Taken kept(text_frame("kept"));
  FrameAssembler assembler;
  assembler.begin(lost.header);
  ASSERT_TRUE(assembler.append(std::string_view(lost.payload).substr(0, 6)));
  assembler.reset();
  assembler.begin(kept.header);
  ASSERT_TRUE(assembler.append(kept.payload));
  EXPECT_EQ(assembler.finish().payload(), "kept");
}

TEST(FrameAssembler, TakesCodePointsApart) {
  EXPECT_TRUE(takes_text("aé€😀z"));
  EXPECT_TRUE(takes_text("😀"));
}

TEST(FrameAssembler, RefusesATextThatEndsWithinACodePoint) {
  EXPECT_FALSE(takes_text("a\xc3"));
  EXPECT_FALSE(takes_text("\xf0\x9f\x98"));
}

TEST(FrameAssembler, RefusesWhatNothingCanMend) {
  const Taken frame(text_frame("ab\xc0 and so on"));
  FrameAssembler assembler;
  assembler.begin(frame.header);
  EXPECT_TRUE(assembler.append(std::string_view(frame.payload).substr(0, 2)));
  EXPECT_FALSE(assembler.append(std::string_view(frame.payload).substr(2, 1)));
}

}  // namespace
}  // namespace engineio::transports::detail
