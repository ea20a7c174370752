#include "engineio/detail/utf8.hpp"

#include <string>

#include <gtest/gtest.h>

#include "engineio/payload.hpp"
#include "tests/vectors/read_vectors.hpp"

namespace engineio {
namespace {

using detail::is_valid_utf8;
using detail::utf8_unit;
using detail::well_formed_prefix;

/// The bit pattern of a code point in `length` bytes, whether or not that is allowed.
std::string encoded(char32_t point, int length) {
  if (length == 1) return {static_cast<char>(point)};
  static constexpr unsigned leads[] = {0, 0, 0xC0, 0xE0, 0xF0, 0xF8};
  std::string bytes{static_cast<char>(leads[length] | point >> (6 * (length - 1)))};
  for (int i = length - 2; i >= 0; --i) {
    bytes += static_cast<char>(0x80 | (point >> (6 * i) & 0x3F));
  }
  return bytes;
}

int shortest(char32_t point) {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

TEST(Utf8, ReplacesAsTheWhatwgDecoderDoes) {
  for (const auto& row : vectors::read("utf8_replacement.txt")) {
    EXPECT_EQ(to_valid_utf8(row.at(0)), row.at(1)) << testing::PrintToString(row.at(0));
    EXPECT_EQ(is_valid_utf8(row.at(0)), row.at(0) == row.at(1))
        << testing::PrintToString(row.at(0));
  }
}

TEST(Utf8, ReadsEveryCodePointInItsShortestForm) {
  for (char32_t point = 0; point < 0x200000; ++point) {
    const std::string text = encoded(point, shortest(point));
    const auto unit = utf8_unit(text, 0);
    const bool allowed = point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
    ASSERT_EQ(unit.well_formed, allowed) << static_cast<unsigned>(point);
    ASSERT_EQ(is_valid_utf8(text), allowed) << static_cast<unsigned>(point);
    if (!allowed) continue;
    ASSERT_EQ(unit.size, text.size());
    ASSERT_EQ(unit.code_point, point);
  }
}

TEST(Utf8, RefusesLongerForms) {
  for (char32_t point = 0; point < 0x10000; ++point) {
    for (int length = shortest(point) + 1; length <= 4; ++length) {
      ASSERT_FALSE(is_valid_utf8(encoded(point, length)))
          << static_cast<unsigned>(point) << " in " << length;
    }
  }
  EXPECT_FALSE(is_valid_utf8(encoded(0x200000, 5)));
}

TEST(Utf8, TellsWhatMayGoOnFromWhatMayNot) {
  EXPECT_TRUE(utf8_unit("\xf0\x9f\x98", 0).unfinished);
  EXPECT_TRUE(utf8_unit("a\xe2", 1).unfinished);
  EXPECT_FALSE(utf8_unit("\xf0\x9f\x98\x80", 0).unfinished);
  EXPECT_FALSE(utf8_unit("\xe2(", 0).unfinished);
  EXPECT_FALSE(utf8_unit("\xc0", 0).unfinished);
  EXPECT_FALSE(utf8_unit("\xed\xa0", 0).unfinished);
}

TEST(Utf8, RefusesCutCodePoints) {
  for (const char32_t point : {0x80U, 0x7FFU, 0x800U, 0xFFFDU, 0x10000U, 0x10FFFFU}) {
    const std::string whole = encoded(point, shortest(point));
    for (std::size_t size = 1; size < whole.size(); ++size) {
      EXPECT_FALSE(is_valid_utf8(whole.substr(0, size)));
      EXPECT_FALSE(is_valid_utf8(whole.substr(0, size) + "a"));
      EXPECT_FALSE(is_valid_utf8(whole.substr(0, size) + whole));
    }
    EXPECT_FALSE(is_valid_utf8(whole.substr(1)));
  }
}

TEST(Utf8, FindsTheFaultWhereverItIs) {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char bad : {'\xff', '\x80'}) {
        std::string text(size, 'a');
        text[at] = bad;
        ASSERT_EQ(well_formed_prefix(text), at) << size;
        ASSERT_EQ(well_formed_prefix("\xC3\xA9" + text), at + 2) << size;
      }
    }
  }
}

TEST(Utf8, AcceptsTextOfEveryLength) {
  for (std::size_t size = 0; size < 40; ++size) {
    EXPECT_TRUE(is_valid_utf8(std::string(size, 'a') + "\xC3\xA9" + std::string(size, 'b')));
    EXPECT_FALSE(is_valid_utf8(std::string(size, 'a') + "\xC3"));
  }
}

TEST(Utf8, MovesWellFormedTextThrough) {
  std::string text(1000, 'x');
  const char* before = text.data();
  const std::string after = to_valid_utf8(std::move(text));
  EXPECT_EQ(after.data(), before);
}

TEST(Utf8, KeepsAByteOrderMark) {
  EXPECT_EQ(to_valid_utf8("\xEF\xBB\xBF"
                          "4a"),
            "\xEF\xBB\xBF"
            "4a");
}

TEST(Utf8, ReplacesEachByteThatBelongsToNothing) {
  EXPECT_EQ(to_valid_utf8("4\xff\xfe!"), "4\xEF\xBF\xBD\xEF\xBF\xBD!");
}

}  // namespace
}  // namespace engineio
