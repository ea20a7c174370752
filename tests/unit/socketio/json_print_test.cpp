#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>

#include <gtest/gtest.h>

#include "engineio/block.hpp"
#include "socketio/json.hpp"
#include "tests/unit/socketio/json_text.hpp"
#include "tests/vectors/read_vectors.hpp"

namespace socketio {
namespace {

std::string print_string(std::string_view text) {
  engineio::BlockBuilder out;
  append_json_string(out, text);
  return std::string(out.view());
}

template <class Number>
std::string print_number(Number number) {
  engineio::BlockBuilder out;
  append_json_number(out, number);
  return std::string(out.view());
}

TEST(JsonPrint, PrintsNumbersAsJavaScriptDoes) {
  for (const auto& row : vectors::read("json_numbers.txt")) {
    std::uint64_t bits = 0;
    std::from_chars(row[0].data(), row[0].data() + row[0].size(), bits, 16);
    const auto number = std::bit_cast<double>(bits);
    EXPECT_EQ(print_number(number), row[1]) << row[0];
    if (!std::isfinite(number)) continue;
    const boost::json::value back = parsed(row[1]);
    EXPECT_EQ(back.is_double() ? back.get_double() : back.to_number<double>(), number) << row[1];
  }
}

TEST(JsonPrint, PrintsFloatsAndIntegersWithTheirOwnDigits) {
  EXPECT_EQ(print_number(0.1F), "0.1");
  EXPECT_EQ(print_number(16777216.0F), "16777216");
  EXPECT_EQ(print_number(3.4028235e38F), "3.4028235e+38");
  EXPECT_EQ(print_number(-0.0F), "0");
  EXPECT_EQ(print_number(std::numeric_limits<float>::infinity()), "null");
  EXPECT_EQ(print_number(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(print_number(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(JsonPrint, EscapesWhatJavaScriptEscapes) {
  EXPECT_EQ(print_string(""), "\"\"");
  EXPECT_EQ(print_string("\"\\/"), R"("\"\\/")");
  EXPECT_EQ(print_string("\b\t\n\f\r"), R"("\b\t\n\f\r")");
  EXPECT_EQ(print_string(std::string_view("\0\x01\x0b\x1f\x7f", 5)),
            "\"\\u0000\\u0001\\u000b\\u001f\x7f\"");
  EXPECT_EQ(print_string("\xe2\x80\xa8\xe2\x80\xa9\xf0\x9f\x98\x80"),
            "\"\xe2\x80\xa8\xe2\x80\xa9\xf0\x9f\x98\x80\"");
}

TEST(JsonPrint, WritesOnlyUtf8) {
  EXPECT_EQ(print_string("\xed\xa0\xbd"), R"("\ud83d")");
  EXPECT_EQ(print_string("\xed\xbf\xbf!"), R"("\udfff!")");
  EXPECT_EQ(print_string("\xed\xa0\xbd\xed\xb8\x80"), R"("\ud83d\ude00")");
  EXPECT_EQ(print_string("\xed\x9f\xbf"), "\"\xed\x9f\xbf\"");
  for (const char* bad :
       {"\xff", "\x80", "\xc0", "\xc1", "\xf5", "\xc3", "\xe2\x82", "\xf0\x9f\x98"}) {
    const std::size_t size = std::string_view(bad).size();
    std::string expected = "\"a";
    for (std::size_t i = 0; i < size; ++i) expected += "\xef\xbf\xbd";
    EXPECT_EQ(print_string("a" + std::string(bad)), expected + "\"");
  }
  EXPECT_EQ(print_string("\xe0\x80\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(print_string("\xf4\x90\x80\x80x").substr(0, 4), "\"\xef\xbf\xbd");
}

TEST(JsonPrint, NeedsNoStackForDeepValues) {
  constexpr int depth = 100'000;
  // Memory of which nothing is given back: the destructor of such a value would be too deep itself.
  boost::json::monotonic_resource memory;
  boost::json::value value(boost::json::array_kind, &memory);
  for (int i = 1; i < depth; ++i) {
    boost::json::array outer(&memory);
    outer.push_back(std::move(value));
    value = boost::json::value(std::move(outer), &memory);
  }
  EXPECT_EQ(print(value), nested(depth));
}

TEST(JsonTextTest, ChecksAndKeepsTheTextAsItIs) {
  EXPECT_EQ(JsonText().text(), "null");
  const auto text = JsonText::parse(R"({ "a" : 1.50 })");
  ASSERT_TRUE(text);
  EXPECT_EQ(text->text(), R"({ "a" : 1.50 })");
  EXPECT_EQ(print(text->value()), R"({"a":1.5})");
  EXPECT_EQ(JsonText::parse("{").error(), JsonError::syntax);
  EXPECT_EQ(JsonText::parse("[[]]", {.max_depth = 1}).error(), JsonError::too_deep);
  EXPECT_EQ(JsonText::parse(std::string(401, '1')).error(), JsonError::number_too_long);
  EXPECT_EQ(JsonText::trusted("[1]"), *JsonText::parse("[1]"));
  EXPECT_FALSE(make_error_code(JsonError::mismatch).message().empty());
}

}  // namespace
}  // namespace socketio
