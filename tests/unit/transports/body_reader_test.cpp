#include "transports/detail/body_reader.hpp"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace engineio::transports::detail {
namespace {

using namespace std::literals;
using Verdict = BodyReader::Verdict;

constexpr std::size_t max_framing = 64;

struct Result {
  Verdict verdict = Verdict::need_more;
  int status = 0;
  std::size_t consumed = 0;
  std::string body = {};
};

Result read(BodyReader reader, std::string_view bytes, std::size_t max_bytes,
            std::size_t piece_size) {
  Result result;
  do {
    const auto piece = bytes.substr(0, piece_size);
    bytes.remove_prefix(piece.size());
    const auto [verdict, consumed] = reader.feed(piece, result.body, max_bytes);
    result.verdict = verdict;
    result.consumed += consumed;
  } while (result.verdict == Verdict::need_more && !bytes.empty());
  if (result.verdict == Verdict::refused) result.status = reader.fault().status;
  return result;
}

// In pieces of every size; all must come to the same.
Result read(const BodyReader& reader, std::string_view bytes, std::size_t max_bytes = 1000) {
  const Result whole = read(reader, bytes, max_bytes, bytes.size() + 1);
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    const Result pieces = read(reader, bytes, max_bytes, size);
    EXPECT_EQ(pieces.verdict, whole.verdict) << bytes << " in " << size;
    EXPECT_EQ(pieces.status, whole.status) << bytes << " in " << size;
    EXPECT_EQ(pieces.consumed, whole.consumed) << bytes << " in " << size;
    EXPECT_EQ(pieces.body, whole.body) << bytes << " in " << size;
  }
  return whole;
}

Result chunked(std::string_view bytes, std::size_t max_bytes = 1000) {
  return read(BodyReader::chunked(max_framing), bytes, max_bytes);
}

TEST(BodyReader, CountsWhatItDiscards) {
  const auto discarded = [](BodyReader reader, std::string_view bytes) {
    reader.discard();
    const Result result = read(reader, bytes, 10);
    EXPECT_EQ(result.body, "");
    return result.verdict;
  };
  EXPECT_EQ(discarded(BodyReader::sized(10), "1234567890"), Verdict::complete);
  EXPECT_EQ(discarded(BodyReader::sized(11), "12345678901"), Verdict::refused);
  const BodyReader chunks = BodyReader::chunked(max_framing);
  EXPECT_EQ(discarded(chunks, "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n"), Verdict::complete);
  EXPECT_EQ(discarded(chunks, "5\r\nhello\r\n6\r\nworld!\r\n"), Verdict::refused);
}

TEST(BodyReader, ReadsABodyOfKnownLength) {
  const Result result = read(BodyReader::sized(5), "helloGET / HTTP/1.1");
  EXPECT_EQ(result.verdict, Verdict::complete);
  EXPECT_EQ(result.body, "hello");
  EXPECT_EQ(result.consumed, 5U);
  EXPECT_EQ(read(BodyReader::sized(5), "hell").verdict, Verdict::need_more);
}

TEST(BodyReader, IsCompleteAtOnceWithoutABody) {
  const Result result = read(BodyReader::sized(0), "GET", 0);
  EXPECT_EQ(result.verdict, Verdict::complete);
  EXPECT_EQ(result.consumed, 0U);
}

TEST(BodyReader, RefusesWhatIsAnnouncedOverTheLimitBeforeItComes) {
  EXPECT_EQ(read(BodyReader::sized(9), "", 10).status, 0);
  EXPECT_EQ(read(BodyReader::sized(10), "", 10).status, 0);
  EXPECT_EQ(read(BodyReader::sized(11), "", 10).status, 413);
  EXPECT_EQ(read(BodyReader::sized(~0ULL), "abc", 10).consumed, 0U);
  EXPECT_EQ(read(BodyReader::sized(1), "", 0).status, 413);
}

TEST(BodyReader, JoinsChunks) {
  const Result result = chunked("5\r\nhello\r\n00A\r\n, \r\nworld!\r\n1\r\n\n\r\n0\r\n\r\nnext");
  EXPECT_EQ(result.verdict, Verdict::complete);
  EXPECT_EQ(result.body, "hello, \r\nworld!\n");
  EXPECT_EQ(result.consumed, "5\r\nhello\r\n00A\r\n, \r\nworld!\r\n1\r\n\n\r\n0\r\n\r\n"sv.size());
  EXPECT_EQ(chunked("0\r\n\r\n").verdict, Verdict::complete);
  EXPECT_EQ(chunked("00\r\n\r\n", 0).verdict, Verdict::complete);
}

TEST(BodyReader, WaitsForTheEndOfTheChunks) {
  const std::string bytes = "a\r\n0123456789\r\n0\r\nX: y\r\n\r\n";
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(chunked(std::string_view(bytes).substr(0, size)).verdict, Verdict::need_more) << size;
  }
  EXPECT_EQ(chunked(bytes).verdict, Verdict::complete);
}

TEST(BodyReader, DropsTrailers) {
  const Result result = chunked("1\r\na\r\n0\r\nConnection: close\r\nX:\tcaf\xe9\r\n\r\n");
  EXPECT_EQ(result.verdict, Verdict::complete);
  EXPECT_EQ(result.body, "a");
}

TEST(BodyReader, RefusesMalformedChunks) {
  for (const auto bytes : {"\r\n"sv,
                           " 1\r\na\r\n"sv,
                           "+3\r\n"sv,
                           "-1\r\n"sv,
                           "0x3\r\n"sv,
                           "g\r\n"sv,
                           "1 \r\na\r\n"sv,
                           "1\t\r\n"sv,
                           "1\na\r\n"sv,
                           "1\r\rn"sv,
                           "1;x=y\r\na\r\n"sv,
                           "1;\"\n\"\r\na"sv,
                           ";\r\n"sv,
                           "1\r\nab\r\n"sv,
                           "1\r\na\n"sv,
                           "1\r\na\rx"sv,
                           "10000000000000000\r\n"sv,
                           "FFFFFFFFFFFFFFFFF\r\n"sv,
                           "0\r\n\n"sv,
                           "0\r\n\rx"sv,
                           "0\r\n folded\r\n"sv,
                           "0\r\nX y\r\n"sv,
                           "0\r\n: y\r\n"sv,
                           "0\r\nX\r\n"sv,
                           "0\r\nX : y\r\n"sv,
                           "0\r\nX: \x01\r\n"sv,
                           "0\r\nX: y\n"sv,
                           "0\r\nX: y\rz"sv,
                           "0\r\nX: \x7f"sv}) {
    EXPECT_EQ(chunked(bytes).status, 400) << bytes;
  }
  EXPECT_EQ(chunked("1\r\n\0\r\n\0"sv).status, 400);
}

TEST(BodyReader, RefusesAChunkOverTheLimitByItsSize) {
  EXPECT_EQ(chunked("9\r\n", 10).status, 0);
  EXPECT_EQ(chunked("a\r\n", 10).status, 0);
  EXPECT_EQ(chunked("b\r\n", 10).status, 413);
  EXPECT_EQ(chunked("4\r\n1234\r\n6\r\n", 10).status, 0);
  EXPECT_EQ(chunked("4\r\n1234\r\n7\r\n", 10).status, 413);
  EXPECT_EQ(chunked("a\r\n0123456789\r\n0\r\n\r\n", 10).verdict, Verdict::complete);
  EXPECT_EQ(chunked("ffffffffffffffff\r\n", 10).status, 413);
}

TEST(BodyReader, BoundsWhatIsBetweenTwoBytesOfTheBody) {
  const auto zeros = [](std::size_t count) {
    return std::string(count, '0') + "1\r\n";
  };  // count + 3 bytes
  EXPECT_EQ(chunked(zeros(max_framing - 4)).status, 0);
  EXPECT_EQ(chunked(zeros(max_framing - 3)).status, 0);
  EXPECT_EQ(chunked(zeros(max_framing - 2)).status, 431);
  EXPECT_EQ(
      chunked(zeros(max_framing - 3) + "a\r\n" + zeros(max_framing - 5) + "b\r\n0\r\n\r\n").body,
      "ab")
      << "the count begins anew with each byte";

  const auto trailer = [](std::size_t size) {
    return "0\r\nX:" + std::string(size - 9, 'y') + "\r\n\r\n";
  };
  EXPECT_EQ(chunked(trailer(max_framing - 1)).verdict, Verdict::complete);
  EXPECT_EQ(chunked(trailer(max_framing)).verdict, Verdict::complete);
  EXPECT_EQ(chunked(trailer(max_framing + 1)).status, 431);
  std::string many = "0\r\n";
  for (int i = 0; i < 100; ++i) many += "A:b\r\n";
  EXPECT_EQ(chunked(many).status, 431);
}

TEST(BodyReader, TakesMemoryForWhatCameOnly) {
  BodyReader reader = BodyReader::sized(100'000'000);
  std::string body;
  EXPECT_EQ(reader.feed("abc", body, 200'000'000).verdict, Verdict::need_more);
  EXPECT_LT(body.capacity(), 100U);
}

}  // namespace
}  // namespace engineio::transports::detail
