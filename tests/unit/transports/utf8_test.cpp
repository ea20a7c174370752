#include "transports/detail/utf8.hpp"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace engineio::transports::detail {
namespace {

/// The bit pattern of a code point in `length` bytes, whether or not that is allowed.
std::string encode(std::uint32_t code_point, int length) {
  if (length == 1) return {static_cast<char>(code_point)};
  static constexpr unsigned leads[] = {0, 0, 0xc0, 0xe0, 0xf0, 0xf8};
  std::string bytes{static_cast<char>(leads[length] | code_point >> (6 * (length - 1)))};
  for (int i = length - 2; i >= 0; --i)
    bytes += static_cast<char>(0x80 | (code_point >> (6 * i) & 0x3f));
  return bytes;
}

int shortest(std::uint32_t code_point) {
  return code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
}

TEST(Utf8, EveryCodePointInItsShortestFormOnly) {
  for (std::uint32_t point = 0; point < 0x1fffff; ++point) {
    const bool valid = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
    ASSERT_EQ(is_utf8(encode(point, shortest(point))), valid) << std::hex << point;
  }
}

TEST(Utf8, OverlongFormsAreInvalid) {
  for (std::uint32_t point = 0; point < 0x10000; ++point) {
    for (int length = shortest(point) + 1; length <= 4; ++length) {
      ASSERT_FALSE(is_utf8(encode(point, length))) << std::hex << point << " in " << length;
    }
  }
}

TEST(Utf8, CutCodePointsAreInvalid) {
  for (const std::uint32_t point : {0x80U, 0x7ffU, 0x800U, 0xfffdU, 0x10000U, 0x10ffffU}) {
    const std::string whole = encode(point, shortest(point));
    for (std::size_t size = 1; size < whole.size(); ++size) {
      EXPECT_FALSE(is_utf8(whole.substr(0, size)));
      EXPECT_FALSE(is_utf8(whole.substr(0, size) + "a"));
      EXPECT_FALSE(is_utf8(whole.substr(0, size) + whole));
    }
    EXPECT_FALSE(is_utf8(whole.substr(1)));
  }
}

TEST(Utf8, FindsOneBadByteAtEveryPlace) {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      EXPECT_TRUE(is_utf8(text));
      text[at] = '\xff';
      EXPECT_FALSE(is_utf8(text)) << at << " of " << size;
      text[at] = '\x80';
      EXPECT_FALSE(is_utf8(text)) << at << " of " << size;
    }
  }
}

TEST(Utf8, FiveByteFormsAreInvalid) {
  EXPECT_FALSE(is_utf8(encode(0x200000, 5)));
  EXPECT_FALSE(is_utf8("\xf5\x80\x80\x80"));
  EXPECT_FALSE(is_utf8("\xfe"));
}

TEST(Utf8, EmptyTextIsValid) { EXPECT_TRUE(is_utf8({})); }

}  // namespace
}  // namespace engineio::transports::detail
