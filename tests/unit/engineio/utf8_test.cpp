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

std::string encoded(char32_t c) {
  const auto byte = [](char32_t value) { return static_cast<char>(value); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 63))};
  if (c < 0x10000) return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 63)), byte(0x80 | (c & 63))};
  return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 63)), byte(0x80 | (c >> 6 & 63)),
          byte(0x80 | (c & 63))};
}

TEST(Utf8, ReplacesAsTheWhatwgDecoderDoes) {
  for (const auto& row : vectors::read("utf8_replacement.txt")) {
    EXPECT_EQ(to_valid_utf8(row.at(0)), row.at(1)) << testing::PrintToString(row.at(0));
    EXPECT_EQ(is_valid_utf8(row.at(0)), row.at(0) == row.at(1))
        << testing::PrintToString(row.at(0));
  }
}

TEST(Utf8, ReadsEveryCodePoint) {
  for (char32_t c = 0; c < 0x110000; ++c) {
    const std::string text = encoded(c);
    const auto unit = utf8_unit(text, 0);
    const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
    ASSERT_EQ(unit.well_formed, !surrogate) << static_cast<unsigned>(c);
    if (surrogate) continue;
    ASSERT_EQ(unit.size, text.size());
    ASSERT_EQ(unit.code_point, c);
  }
}

TEST(Utf8, RefusesWhatIsBeyondTheLastCodePoint) {
  EXPECT_TRUE(is_valid_utf8(encoded(0x10FFFF)));
  EXPECT_FALSE(is_valid_utf8(encoded(0x110000)));
}

TEST(Utf8, FindsTheFaultWhereverItIs) {
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string text(size, 'a');
      text[at] = '\xff';
      ASSERT_EQ(well_formed_prefix(text), at) << size;
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
