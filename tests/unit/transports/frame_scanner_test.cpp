#include "transports/detail/frame_scanner.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/transports/websocket_frames.hpp"

namespace engineio::transports::detail {
namespace {

using Fault = FrameScanner::Fault;

constexpr std::uint64_t top_bit = std::uint64_t{1} << 63;

/// What a scanner found in a stream.
struct Findings {
  std::vector<std::size_t> frame_ends;
  Fault fault = Fault::none;
  std::size_t fault_at = 0;
  std::uint64_t incomplete = 0;
  bool at_frame_boundary = true;
  bool operator==(const Findings&) const = default;
};

/// Scans `stream`, given in pieces of at most `piece` bytes, the first of `first` bytes.
Findings scan_in_pieces(std::string_view stream, std::size_t first, std::size_t piece,
                        std::size_t max_fragments, std::size_t max_payload) {
  FrameScanner scanner(max_fragments, max_payload);
  Findings found;
  std::size_t at = 0;
  std::size_t piece_end = std::min(first, stream.size());
  while (at < stream.size()) {
    if (at == piece_end) piece_end = std::min(piece_end + piece, stream.size());
    const auto step = scanner.scan(std::span(stream.data() + at, piece_end - at));
    at += step.bytes;
    if (step.frame_ended) found.frame_ends.push_back(at);
    if (step.fault != Fault::none) {
      found.fault = step.fault;
      found.fault_at = at;
      return found;
    }
  }
  found.incomplete = scanner.incomplete_message();
  found.at_frame_boundary = scanner.at_frame_boundary();
  return found;
}

Findings scan_all(std::string_view stream, std::size_t max_fragments = 100,
                  std::size_t max_payload = 1000) {
  return scan_in_pieces(stream, stream.size(), 1, max_fragments, max_payload);
}

void expect_same_however_split(std::string_view stream, std::size_t max_fragments = 100,
                               std::size_t max_payload = 1000) {
  const Findings whole = scan_all(stream, max_fragments, max_payload);
  EXPECT_EQ(scan_in_pieces(stream, 1, 1, max_fragments, max_payload), whole) << "byte by byte";
  for (std::size_t split = 1; split < stream.size(); ++split) {
    EXPECT_EQ(scan_in_pieces(stream, split, stream.size(), max_fragments, max_payload), whole)
        << "split at " << split;
  }
}

TEST(FrameScanner, FindsTheEndOfEveryFrame) {
  const std::string a = text_frame("hi");
  const std::string b = ping_frame();
  const std::string c = binary_frame(std::string(126, 'x'));
  const Findings found = scan_all(a + b + c);
  EXPECT_EQ(found.frame_ends, (std::vector<std::size_t>{a.size(), a.size() + b.size(),
                                                        a.size() + b.size() + c.size()}));
  EXPECT_EQ(found.fault, Fault::none);
  EXPECT_EQ(found.incomplete, 0U);
}

TEST(FrameScanner, SaysTheSameHoweverTheBytesAreSplit) {
  expect_same_however_split(text_frame("") + text_frame("a") + binary_frame(std::string(125, 'x')));
  expect_same_however_split(binary_frame(std::string(126, 'x')) + text_frame("after"));
  expect_same_however_split(fragment(1, "ab") + ping_frame("p") + fragment(0, "") +
                            last_fragment("cd") + text_frame("e"));
  expect_same_however_split(to_bytes({.payload = "unmasked", .masked = false}) + text_frame("x"));
  expect_same_however_split(text_frame(std::string(11, 'x')), 100, 10);
  expect_same_however_split(fragment(1, "a") + fragment(0, "b") + last_fragment("c"), 2, 10);
  expect_same_however_split(text_frame("x") + to_bytes({.declared = top_bit}));
}

TEST(FrameScanner, SplitsA64BitLengthAnywhere) {
  expect_same_however_split(binary_frame(std::string(65536, 'x')).substr(0, 40), 1, 65536);
  expect_same_however_split(binary_frame(std::string(65537, 'x')).substr(0, 40), 1, 65536);
}

TEST(FrameScanner, BoundsThePayloadOfOneFrame) {
  for (const std::size_t limit : {0U, 1U, 125U, 126U, 127U, 999U, 65535U, 65536U}) {
    for (std::size_t size = limit - std::min<std::size_t>(limit, 1); size <= limit; ++size) {
      EXPECT_EQ(scan_all(binary_frame(std::string(size, 'x')), 1, limit).fault, Fault::none)
          << size;
    }
    EXPECT_EQ(scan_all(binary_frame(std::string(limit + 1, 'x')), 1, limit).fault, Fault::too_big)
        << limit;
  }
}

TEST(FrameScanner, BoundsTheSumOfAMessagesFrames) {
  const std::string start = fragment(2, "1234") + fragment(0, "567");
  EXPECT_EQ(scan_all(start + last_fragment("89"), 9, 10).fault, Fault::none);
  EXPECT_EQ(scan_all(start + last_fragment("890"), 9, 10).fault, Fault::none);
  EXPECT_EQ(scan_all(start + last_fragment("890a"), 9, 10).fault, Fault::too_big);
}

TEST(FrameScanner, CountsEachMessageAnew) {
  const std::string full = fragment(2, "12345") + last_fragment("67890");
  EXPECT_EQ(scan_all(full + full + text_frame("1234567890") + full, 2, 10).fault, Fault::none);
}

TEST(FrameScanner, KnowsTheFaultBeforeAnyPayload) {
  const std::string header = to_bytes({.declared = 1'000'001});
  const Findings found = scan_all(header, 1, 1'000'000);
  EXPECT_EQ(found.fault, Fault::too_big);
  EXPECT_EQ(found.fault_at, header.size());
}

TEST(FrameScanner, RefusesHugeDeclaredLengths) {
  EXPECT_EQ(scan_all(to_bytes({.declared = std::uint64_t{1} << 62})).fault, Fault::too_big);
  EXPECT_EQ(scan_all(to_bytes({.declared = top_bit})).fault, Fault::bad_length);
  EXPECT_EQ(scan_all(to_bytes({.declared = ~std::uint64_t{1}})).fault, Fault::bad_length);
  EXPECT_EQ(scan_all(to_bytes({.opcode = 9, .declared = top_bit})).fault, Fault::bad_length);
}

TEST(FrameScanner, SumOfLengthsCannotOverflow) {
  const auto huge = top_bit - 1;
  const auto stream = fragment(2, "x") + to_bytes({.opcode = 0, .declared = huge});
  EXPECT_EQ(scan_all(stream, 9, static_cast<std::size_t>(huge)).fault, Fault::too_big);
  EXPECT_EQ(scan_all(stream, 9, static_cast<std::size_t>(huge) + 1).fault, Fault::none);
}

TEST(FrameScanner, BoundsTheFragmentsOfAMessage) {
  for (const std::size_t limit : {1U, 2U, 3U, 100U}) {
    std::string open = fragment(1, "");
    for (std::size_t i = 1; i < limit; ++i) open += fragment(0, "");
    EXPECT_EQ(scan_all(open, limit).fault, Fault::none) << limit;
    EXPECT_EQ(scan_all(open + last_fragment("x"), limit).fault, Fault::too_many_fragments) << limit;
    EXPECT_EQ(scan_all(open + last_fragment("x"), limit + 1).fault, Fault::none) << limit;
  }
}

TEST(FrameScanner, ControlFramesAreNoFragments) {
  const std::string stream =
      fragment(1, "a") + ping_frame("1") + ping_frame("2") + ping_frame("3") + last_fragment("b");
  EXPECT_EQ(scan_all(stream, 2).fault, Fault::none);
}

TEST(FrameScanner, ControlFramesAreNoPayload) {
  EXPECT_EQ(scan_all(fragment(1, "1") + ping_frame("12345") + last_fragment("2"), 2, 2).fault,
            Fault::none);
}

TEST(FrameScanner, TellsHeaderFromPayload) {
  const std::string stream = text_frame("hello");
  FrameScanner scanner(100, 100);
  const auto part = scanner.scan(std::span(stream.data(), 3));
  EXPECT_EQ(part.bytes, 3U);
  EXPECT_EQ(part.payload_bytes, 0U);
  EXPECT_FALSE(part.header_ended);
  const auto rest = scanner.scan(std::span(stream.data() + 3, 5));
  EXPECT_EQ(rest.bytes, 5U);
  EXPECT_EQ(rest.payload_bytes, 2U);
  EXPECT_TRUE(rest.header_ended);
  EXPECT_FALSE(rest.frame_ended);
  const auto last = scanner.scan(std::span(stream.data() + 8, 3));
  EXPECT_EQ(last.payload_bytes, 3U);
  EXPECT_FALSE(last.header_ended);
  EXPECT_TRUE(last.frame_ended);
}

TEST(FrameScanner, ShowsTheHeadersOfAllButMessages) {
  for (const std::string& stream : {ping_frame("ping"), fragment(1, std::string(200, 'x'))}) {
    const std::size_t size = stream.size() > 100 ? 8 : 6;
    for (std::size_t split = 1; split <= size; ++split) {
      FrameScanner scanner(100, 1000);
      if (split < size) scanner.scan(std::span(stream.data(), split));
      const std::size_t from = split < size ? split : 0;
      scanner.scan(std::span(stream.data() + from, stream.size() - from));
      const auto header = scanner.header_bytes();
      EXPECT_EQ(std::string_view(header.data(), header.size()), stream.substr(0, size)) << split;
    }
  }
}

TEST(FrameScanner, TellsMessagesOfOneFrame) {
  const auto whole = [](const std::string& stream, std::size_t from = 0) {
    FrameScanner scanner(100, 100'000);
    if (from > 0) scanner.scan(std::span(stream.data(), from));
    scanner.scan(std::span(stream.data() + from, stream.size() - from));
    return scanner.frame_is_message();
  };
  EXPECT_TRUE(whole(text_frame("hello")));
  EXPECT_TRUE(whole(text_frame("")));
  EXPECT_TRUE(whole(binary_frame(std::string(65536, 'x'))));
  EXPECT_TRUE(whole(text_frame("hello") + text_frame("again")));
  EXPECT_TRUE(whole(text_frame("hello").substr(0, 10)));
  EXPECT_TRUE(whole(text_frame("hello"), 1));
  EXPECT_TRUE(whole(text_frame("hello"), 8));
  EXPECT_FALSE(whole(fragment(1, "hello")));
  EXPECT_FALSE(whole(fragment(1, "hello") + last_fragment("x"), fragment(1, "hello").size()));
  EXPECT_FALSE(whole(fragment(1, "hello") + text_frame("x"), fragment(1, "hello").size()));
  EXPECT_FALSE(whole(ping_frame()));
  EXPECT_FALSE(whole(to_bytes({.payload = "x", .masked = false})));
  EXPECT_FALSE(whole(to_bytes({.payload = "x", .reserved = 4})));
  EXPECT_FALSE(whole(to_bytes({.opcode = 3, .payload = "x"})));
  EXPECT_FALSE(whole(to_bytes({.payload = "x", .length_field = 2})));
  EXPECT_FALSE(whole(to_bytes({.payload = std::string(200, 'x'), .length_field = 8})));
}

TEST(FrameScanner, KnowsWhereItStands) {
  FrameScanner scanner(100, 100);
  const auto scan = [&](const std::string& bytes) {
    std::size_t at = 0;
    while (at < bytes.size())
      at += scanner.scan(std::span(bytes.data() + at, bytes.size() - at)).bytes;
  };
  EXPECT_EQ(scanner.incomplete_message(), 0U);
  EXPECT_TRUE(scanner.at_frame_boundary());

  const std::string text = text_frame("ab");
  scan(text.substr(0, 1));
  const auto first = scanner.incomplete_message();
  EXPECT_NE(first, 0U);
  EXPECT_FALSE(scanner.at_frame_boundary());
  scan(text.substr(1, 6));
  EXPECT_EQ(scanner.incomplete_message(), first);
  scan(text.substr(7));
  EXPECT_EQ(scanner.incomplete_message(), 0U);

  scan(fragment(1, "a"));
  const auto second = scanner.incomplete_message();
  EXPECT_NE(second, 0U);
  EXPECT_NE(second, first);
  EXPECT_TRUE(scanner.at_frame_boundary());
  EXPECT_FALSE(scanner.at_message_boundary());
  scan(ping_frame("p") + fragment(0, ""));
  EXPECT_EQ(scanner.incomplete_message(), second);
  scan(last_fragment("b"));
  EXPECT_EQ(scanner.incomplete_message(), 0U);

  // One message ends and the next begins in the same piece: another number.
  scan(text.substr(0, 3));
  const auto third = scanner.incomplete_message();
  scan(text.substr(3) + text.substr(0, 3));
  EXPECT_NE(scanner.incomplete_message(), third);
  EXPECT_NE(scanner.incomplete_message(), 0U);
}

}  // namespace
}  // namespace engineio::transports::detail
