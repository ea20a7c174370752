#include "socketio/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>

#include <gtest/gtest.h>

#include "tests/unit/socketio/json_text.hpp"

namespace socketio {
namespace {

std::string reprinted(std::string_view text) { return print(parsed(text)); }

boost::system::error_code refusal(std::string_view text, const JsonLimits& limits = {}) {
  // A copy of exactly this size: AddressSanitizer sees a read behind it.
  const std::vector<char> exact(text.begin(), text.end());
  const auto value = parse_json(std::string_view(exact.data(), exact.size()), limits);
  return value ? boost::system::error_code() : value.error();
}

TEST(JsonParse, ReadsEveryKindOfValue) {
  EXPECT_EQ(reprinted("null"), "null");
  EXPECT_EQ(reprinted(" true\n"), "true");
  EXPECT_EQ(reprinted("\tfalse\r"), "false");
  EXPECT_EQ(reprinted("[]"), "[]");
  EXPECT_EQ(reprinted("{ }"), "{}");
  EXPECT_EQ(reprinted("[ 1 , [ ] , { \"a\" : [ 2 , { } ] } , \"b\" ]"),
            R"([1,[],{"a":[2,{}]},"b"])");
  EXPECT_EQ(reprinted(R"({"b":1,"a":{"c":null}})"), R"({"b":1,"a":{"c":null}})");
}

TEST(JsonParse, RefusesWhatJavaScriptRefuses) {
  for (const char* text : {"",
                           " ",
                           "[",
                           "]",
                           "{",
                           "}",
                           "[1",
                           "[1,",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{\"a\"}",
                           "{a:1}",
                           "{\"a\":1,}",
                           "{\"a\" 1}",
                           "{,}",
                           "{\"a\":}",
                           "{1:1}",
                           "[1}",
                           "{\"a\":1]",
                           "nul",
                           "nulll",
                           "True",
                           "tru",
                           "+1",
                           "-",
                           "01",
                           "-01",
                           "1.",
                           ".5",
                           "1.e1",
                           "1e",
                           "1e+",
                           "0x10",
                           "1_0",
                           "NaN",
                           "Infinity",
                           "-Infinity",
                           "'a'",
                           "\"a",
                           "\"",
                           "\"\\\"",
                           "\"\\",
                           "\"\\x\"",
                           "\"\\u12\"",
                           "\"\\u12g4\"",
                           "\"\\u",
                           "\"a\tb\"",
                           "\"\n\"",
                           "\"\x1f\"",
                           "1 1",
                           "[] []",
                           "\xef\xbb\xbf[]",
                           "[]\xef\xbb\xbf",
                           "/**/1",
                           "[1]//",
                           "undefined",
                           "\v1",
                           "\"\\U0041\""}) {
    EXPECT_EQ(refusal(text), JsonError::syntax) << text;
  }
  EXPECT_EQ(refusal(std::string_view("\"a\0b\"", 5)), JsonError::syntax);
  EXPECT_EQ(refusal(std::string_view("[1]\0", 4)), JsonError::syntax);
}

TEST(JsonParse, RefusesEveryCutOfAGoodText) {
  const std::string_view text =
      R"({"key\n":[1.5e+3,"text \ud83d\ude00 long enough for a whole vector",true,null,{"a":-0}]})";
  ASSERT_FALSE(refusal(text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_EQ(refusal(text.substr(0, size)), JsonError::syntax) << size;
  }
}

TEST(JsonParse, FindsWhatEndsAStringAtEveryPosition) {
  for (std::size_t before = 0; before < 40; ++before) {
    for (std::size_t after = 0; after < 20; ++after) {
      const std::string head(before, 'x');
      const std::string tail(after, 'y');
      EXPECT_EQ(reprinted("[\"" + head + "\",\"" + tail + "\"]"),
                "[\"" + head + "\",\"" + tail + "\"]");
      EXPECT_EQ(reprinted("\"" + head + "\\t" + tail + "\""), "\"" + head + "\\t" + tail + "\"");
      EXPECT_EQ(reprinted("\"" + head + "\x7f\xc3\xa9" + tail + "\""),
                "\"" + head + "\x7f\xc3\xa9" + tail + "\"");
      EXPECT_EQ(refusal("\"" + head + "\x1f" + tail + "\""), JsonError::syntax);
    }
  }
}

TEST(JsonParse, KeepsTheDepthLimitExactly) {
  EXPECT_FALSE(refusal(nested(128)));
  EXPECT_EQ(refusal(nested(129)), JsonError::too_deep);
  EXPECT_FALSE(refusal(nested(2), {.max_depth = 3}));
  EXPECT_FALSE(refusal(nested(3), {.max_depth = 3}));
  EXPECT_EQ(refusal(nested(4), {.max_depth = 3}), JsonError::too_deep);
  EXPECT_FALSE(refusal("1", {.max_depth = 0}));
  EXPECT_EQ(refusal("[]", {.max_depth = 0}), JsonError::too_deep);
}

TEST(JsonParse, NeverGoesBeyondTheHighestDepth) {
  EXPECT_FALSE(refusal(nested(max_json_depth), {.max_depth = 1'000'000}));
  EXPECT_EQ(refusal(nested(max_json_depth + 1), {.max_depth = 1'000'000}), JsonError::too_deep);
  EXPECT_EQ(refusal(std::string(200'000, '['), {.max_depth = 1'000'000}), JsonError::too_deep);
}

TEST(JsonParse, CountsTheDigitsOfNumbers) {
  EXPECT_FALSE(refusal(std::string(400, '9')));
  EXPECT_EQ(refusal(std::string(401, '9')), JsonError::number_too_long);
  EXPECT_FALSE(refusal("-12.34e+56", {.max_number_digits = 6}));
  EXPECT_EQ(refusal("-12.34e+56", {.max_number_digits = 5}), JsonError::number_too_long);
}

TEST(JsonParse, KeepsIntegersThatFitAndRoundsOthers) {
  EXPECT_EQ(parsed("9223372036854775807").as_int64(), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parsed("-9223372036854775808").as_int64(), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(parsed("18446744073709551615").as_uint64(), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parsed("18446744073709551616").as_double(), 18446744073709551616.0);
  EXPECT_EQ(parsed("-9223372036854775809").as_double(), -9223372036854775808.0);
  EXPECT_TRUE(std::signbit(parsed("-0").as_double()));
  EXPECT_EQ(parsed("1.0").as_double(), 1.0);
}

TEST(JsonParse, MakesNumbersBeyondDoubleNullAndTinyOnesZero) {
  EXPECT_EQ(reprinted("[1e400,-1e400,1E+309,2e308]"), "[null,null,null,null]");
  EXPECT_EQ(reprinted("[1e-400,-1e-400,0e999,-0.0e-999]"), "[0,0,0,0]");
  EXPECT_TRUE(std::signbit(parsed("-1e-400").as_double()));
  EXPECT_EQ(reprinted("1" + std::string(308, '0')), "1e+308");
  EXPECT_EQ(reprinted("1" + std::string(309, '0')), "null");
  EXPECT_EQ(reprinted("0." + std::string(390, '0') + "1"), "0");
  EXPECT_EQ(reprinted("0." + std::string(350, '0') + "1e360"), "1000000000");
  EXPECT_EQ(reprinted("1e99999999999999999999999999"), "null");
  EXPECT_EQ(reprinted("1e-99999999999999999999999999"), "0");
}

TEST(JsonParse, UnescapesStrings) {
  EXPECT_EQ(parsed(R"("\"\\\/\b\f\n\r\t")").as_string(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(parsed(R"("\u0041\u00e9\u20AC\ud83d\ude00")").as_string(),
            "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
  EXPECT_EQ(parsed(R"("a\u0000b")").as_string(), boost::json::string_view("a\0b", 3));
}

TEST(JsonParse, CarriesLoneSurrogatesThrough) {
  for (const char* text :
       {R"("\ud83d")", R"("\udc00")", R"("\ud83dx")", R"("\ud83d\ud83d")", R"("\ude00\ud83d")",
        R"("x\udfff")", R"({"\ud83d":1})", R"("\ud83d\n")"}) {
    EXPECT_EQ(reprinted(text), text);
  }
  EXPECT_EQ(parsed(R"("\ud83d")").as_string(), "\xed\xa0\xbd");
  EXPECT_EQ(reprinted(R"("\uD83D\uD83D\uDE00")"), "\"\\ud83d\xf0\x9f\x98\x80\"");
}

TEST(JsonParse, TakesTheLastOfEqualKeysAtThePlaceOfTheFirst) {
  EXPECT_EQ(reprinted(R"({"a":1,"b":2,"a":[3]})"), R"({"a":[3],"b":2})");
  EXPECT_EQ(reprinted(R"({"a":{"x":1},"\u0061":2})"), R"({"a":2})");
  std::string many = "{";
  for (int i = 0; i < 100; ++i)
    many += "\"k" + std::to_string(i % 30) + "\":" + std::to_string(i) + ",";
  many.back() = '}';
  const boost::json::value value = parsed(many);
  EXPECT_EQ(value.as_object().size(), 30U);
  EXPECT_EQ(value.at("k0").as_int64(), 90);
  EXPECT_EQ(value.at("k29").as_int64(), 89);
}

TEST(JsonParse, KeysAreDataWhateverTheyAreCalled) {
  EXPECT_EQ(reprinted(R"({"__proto__":{"x":1},"constructor":2,"":3})"),
            R"({"__proto__":{"x":1},"constructor":2,"":3})");
}

// How Boost.JSON finds the bucket of a key, so that a client that guesses the object's address can,
// too.
std::size_t bucket(std::string_view key, std::uintptr_t salt, std::size_t capacity) {
  std::uint64_t hash = 0xcbf29ce484222325U + salt;
  for (const char c : key) hash = (hash ^ static_cast<std::uint64_t>(c)) * 0x100000001b3U;
  return hash % capacity;
}

std::string object_of(const std::vector<std::string>& keys) {
  std::string text = "{";
  for (const auto& key : keys) text += "\"" + key + "\":0,";
  text.back() = '}';
  return text;
}

// Keys of eight characters, of which every one has `want(key)`.
template <class Want>
std::vector<std::string> find_keys(std::size_t count, Want want) {
  std::vector<std::string> keys;
  for (std::uint32_t i = 0x10000000; keys.size() < count; ++i) {
    std::array<char, 8> key;
    std::to_chars(key.data(), key.data() + key.size(), i, 16);
    if (want(std::string_view(key.data(), key.size()))) keys.emplace_back(key.data(), key.size());
  }
  return keys;
}

std::size_t fullest_bucket(const boost::json::object& object, std::uintptr_t salt,
                           std::size_t capacity) {
  std::vector<std::size_t> load(capacity);
  for (const auto& member : object)
    ++load[bucket({member.key().data(), member.key().size()}, salt, capacity)];
  return *std::max_element(load.begin(), load.end());
}

TEST(JsonParse, SpreadsKeysThatWereChosenToCollide) {
  constexpr std::size_t count = 1024;
  std::vector<unsigned char> buffer(1'000'000);
  const auto parse_in_place = [&](const std::vector<std::string>& keys, auto look) {
    boost::json::monotonic_resource memory(buffer.data(), buffer.size());
    look(parse_json(object_of(keys), {}, &memory)->as_object());
  };
  // The same memory every time: what a client would have to guess is known here.
  std::uintptr_t salt = 0;
  parse_in_place(find_keys(count, [](std::string_view) { return true; }),
                 [&](const boost::json::object& object) {
                   constexpr std::size_t table_header = 16;
                   salt = reinterpret_cast<std::uintptr_t>(object.begin()) - table_header;
                 });
  const auto keys =
      find_keys(count, [&](std::string_view key) { return bucket(key, salt, count) == 0; });
  parse_in_place(keys, [&](const boost::json::object& object) {
    ASSERT_EQ(object.size(), count);
    EXPECT_EQ(fullest_bucket(object, salt, count), count);
    EXPECT_EQ(object.capacity() % 2, 1U);
    EXPECT_LE(fullest_bucket(object, salt, object.capacity()), 16U);
  });
}

TEST(JsonParse, ReadsObjectsOfEverySizeAlike) {
  for (const std::size_t count : {1U, 18U, 19U, 127U, 128U, 129U, 256U, 4096U}) {
    const auto keys = find_keys(count, [](std::string_view) { return true; });
    // With a neighbour of every kind, escapes, and the first key twice.
    std::string text =
        R"([1.5,"\n",)" + object_of(keys) + R"(,{"a\t":[true,null,-7,18446744073709551615,[]]}])";
    EXPECT_EQ(reprinted(text), text);
    text.insert(text.find('}'), ",\"" + keys[0] + "\":[{}]");
    const boost::json::value value = parsed(text);
    EXPECT_EQ(value.at(2).as_object().size(), count);
    EXPECT_EQ(print(value.at(2).as_object().begin()->value()), "[{}]");
  }
}

TEST(JsonParse, UsesTheGivenStorageForEverything) {
  boost::json::monotonic_resource memory;
  const boost::json::storage_ptr storage(&memory);
  const auto value =
      parse_json(R"({"a":["a string that is too long for the short form",{"b":{}}]})", {}, storage);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->storage().get(), &memory);
  EXPECT_EQ(value->at("a").as_array().storage().get(), &memory);
  EXPECT_EQ(value->at("a").as_array()[0].storage().get(), &memory);
}

}  // namespace
}  // namespace socketio
