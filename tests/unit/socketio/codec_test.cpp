#include "socketio/codec.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <gtest/gtest.h>

namespace socketio_codec_test {

enum class Mood { happy, sad };
BOOST_DESCRIBE_ENUM(Mood, happy, sad)

struct Author {
  std::string name;
  std::optional<int> age = {};
};
BOOST_DESCRIBE_STRUCT(Author, (), (name, age))

struct Comment {
  std::uint64_t id = 0;
  Author author = {};
  std::vector<std::string> tags = {};
  Mood mood = Mood::sad;
  std::optional<socketio::Binary> picture = {};
};
BOOST_DESCRIBE_STRUCT(Comment, (), (id, author, tags, mood, picture))

struct Edited : Comment {
  bool again = false;
};
BOOST_DESCRIBE_STRUCT(Edited, (Comment), (again))

struct Tree {
  int value = 0;
  std::vector<Tree> children = {};
};
BOOST_DESCRIBE_STRUCT(Tree, (), (value, children))

class Colour {
 public:
  explicit Colour(std::string hex) : hex_(std::move(hex)) {}
  const std::string& hex() const { return hex_; }

 private:
  std::string hex_;
};

}  // namespace socketio_codec_test

template <>
struct socketio::Codec<socketio_codec_test::Colour> {
  static void encode(ValueWriter& out, const socketio_codec_test::Colour& colour) {
    out.begin_object();
    out.write_member("hex", colour.hex());
    out.write_member("size", colour.hex().size());
    out.end_object();
  }
  static boost::system::result<socketio_codec_test::Colour> decode(const boost::json::value& json,
                                                                   ValueReader& in) {
    auto hex = in.read<std::string>(json);
    if (!hex) return hex.error();
    if (!hex->starts_with('#')) return in.fail("a colour expected");
    return socketio_codec_test::Colour(std::move(*hex));
  }
};

namespace socketio {
namespace {

using namespace std::chrono_literals;
using socketio_codec_test::Author;
using socketio_codec_test::Colour;
using socketio_codec_test::Comment;
using socketio_codec_test::Edited;
using socketio_codec_test::Mood;
using socketio_codec_test::Tree;

struct Encoded {
  std::string json;
  std::vector<engineio::Block> attachments;
};

template <class T>
Encoded encoded(const T& value) {
  engineio::BlockBuilder text;
  std::vector<engineio::Block> attachments;
  ValueWriter(text, attachments).write(value);
  return {std::string(text.view()), std::move(attachments)};
}

template <class T>
std::string json_of(const T& value) {
  return encoded(value).json;
}

template <class T>
T decoded(std::string_view json, std::span<const Binary> attachments = {}) {
  ValueReader in(attachments);
  auto value = in.read<T>(*parse_json(json));
  if (!value) ADD_FAILURE() << json << ": " << in.error();
  return std::move(value).value();
}

template <class T>
std::string misfit(std::string_view json) {
  ValueReader in;
  return in.read<T>(*parse_json(json)) ? "" : in.error();
}

// Encodes, and expects that decoding gives the same again.
template <class T>
void expect_json(const T& value, const std::string& json) {
  EXPECT_EQ(json_of(value), json);
  EXPECT_EQ(decoded<T>(json), value) << json;
}

TEST(Codec, ScalarsGoBothWays) {
  expect_json(true, "true");
  expect_json(false, "false");
  expect_json(0, "0");
  expect_json(std::int8_t{-128}, "-128");
  expect_json(std::uint8_t{255}, "255");
  expect_json(std::numeric_limits<std::int64_t>::min(), "-9223372036854775808");
  expect_json(std::numeric_limits<std::uint64_t>::max(), "18446744073709551615");
  expect_json(1.5, "1.5");
  expect_json(1e21, "1e+21");
  expect_json(0.1F, "0.1");
  expect_json(nullptr, "null");
  expect_json(std::string("a\"\n\xc3\xa9"), "\"a\\\"\\n\xc3\xa9\"");
  EXPECT_EQ(json_of("literal"), "\"literal\"");
  EXPECT_EQ(json_of(std::string_view("view")), "\"view\"");
  const char* pointer = "pointer";
  EXPECT_EQ(json_of(pointer), "\"pointer\"");
  EXPECT_EQ(json_of(static_cast<const char*>(nullptr)), "null");
  EXPECT_EQ(json_of(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(json_of(-0.0), "0");
}

TEST(Codec, IntegersAreCheckedForRangeAndFraction) {
  EXPECT_EQ(decoded<int>("3.0"), 3);
  EXPECT_EQ(decoded<int>("1e3"), 1000);
  EXPECT_EQ(decoded<unsigned>("-0"), 0U);
  EXPECT_EQ(decoded<std::uint64_t>("1e19"), 10'000'000'000'000'000'000U);
  EXPECT_EQ(decoded<std::int64_t>("-9.223372036854775808e18"),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(misfit<int>("2147483648"), "integer out of range");
  EXPECT_EQ(misfit<std::int8_t>("128"), "integer out of range");
  EXPECT_EQ(misfit<std::uint8_t>("-1"), "integer out of range");
  EXPECT_EQ(misfit<std::uint64_t>("-1"), "integer out of range");
  EXPECT_EQ(misfit<std::int64_t>("9223372036854775808"), "integer out of range");
  EXPECT_EQ(misfit<std::int64_t>("9.3e18"), "integer out of range");
  EXPECT_EQ(misfit<std::uint64_t>("1e20"), "integer out of range");
  EXPECT_EQ(misfit<int>("1.5"), "integer expected");
  EXPECT_EQ(misfit<int>("\"1\""), "integer expected");
  EXPECT_EQ(misfit<int>("null"), "integer expected");
  EXPECT_EQ(misfit<int>("true"), "integer expected");
}

TEST(Codec, FloatsAreCheckedForRange) {
  EXPECT_EQ(decoded<float>("3.4028234663852886e38"), std::numeric_limits<float>::max());
  EXPECT_EQ(decoded<float>("-3.4028234663852886e38"), std::numeric_limits<float>::lowest());
  EXPECT_EQ(decoded<float>("1e-60"), 0.0F);
  EXPECT_EQ(decoded<float>("18446744073709551615"), 18446744073709551615.0F);
  EXPECT_EQ(decoded<double>("1e308"), 1e308);
  EXPECT_EQ(misfit<float>("1e39"), "number out of range");
  EXPECT_EQ(misfit<float>("-1e39"), "number out of range");
}

TEST(Codec, SaysWhatWasExpected) {
  EXPECT_EQ(misfit<bool>("1"), "boolean expected");
  EXPECT_EQ(misfit<double>("null"), "number expected");
  EXPECT_EQ(misfit<std::string>("1"), "string expected");
  EXPECT_EQ(misfit<std::nullptr_t>("0"), "null expected");
  EXPECT_EQ(misfit<std::vector<int>>("{}"), "array expected");
  EXPECT_EQ((misfit<std::map<std::string, int>>("[]")), "object expected");
  EXPECT_EQ(misfit<Binary>("{\"_placeholder\":true,\"num\":0}"), "binary data expected");
  EXPECT_EQ(misfit<boost::json::object>("1"), "object expected");
  EXPECT_EQ(misfit<boost::json::array>("1"), "array expected");
  EXPECT_EQ(misfit<Mood>("\"angry\""), "one of happy sad expected");
  EXPECT_EQ(misfit<Mood>("0"), "one of happy sad expected");
  EXPECT_EQ((misfit<std::variant<int, bool>>("\"x\"")), "none of the possible types");
}

TEST(Codec, ContainersGoBothWays) {
  expect_json(std::vector<int>{1, 2, 3}, "[1,2,3]");
  expect_json(std::vector<bool>{true, false}, "[true,false]");
  expect_json(std::deque<std::string>{"a"}, "[\"a\"]");
  expect_json(std::array<int, 2>{1, 2}, "[1,2]");
  expect_json(std::vector<std::vector<int>>{{}, {1}}, "[[],[1]]");
  expect_json(std::map<std::string, int>{{"a", 1}, {"b", 2}}, R"({"a":1,"b":2})");
  expect_json(std::unordered_map<std::string, bool>{{"x", true}}, R"({"x":true})");
  expect_json(std::pair<int, std::string>{1, "x"}, "[1,\"x\"]");
  expect_json(std::tuple<int, bool, double>{1, true, 2.5}, "[1,true,2.5]");
  expect_json(std::tuple<>{}, "[]");
  expect_json(std::optional<int>{}, "null");
  expect_json(std::optional<int>{7}, "7");
  expect_json(std::optional<bool>{false}, "false");
  expect_json(std::variant<int, std::string>{"x"}, "\"x\"");
  expect_json(std::variant<bool, std::monostate>{std::monostate{}}, "null");
  EXPECT_EQ((misfit<std::array<int, 2>>("[1]")), "array of 2 elements expected");
  EXPECT_EQ((misfit<std::pair<int, int>>("[1,2,3]")), "array of 2 elements expected");
}

TEST(Codec, TriesTheAlternativesOfAVariantInOrder) {
  using Value = std::variant<bool, int, double, std::vector<int>>;
  EXPECT_EQ(decoded<Value>("1").index(), 1U);
  EXPECT_EQ(decoded<Value>("1.5").index(), 2U);
  EXPECT_EQ(decoded<Value>("[1]").index(), 3U);
}

TEST(Codec, DescribedStructsGoBothWays) {
  const Comment comment{
      .id = 7, .author = {.name = "Ada", .age = 36}, .tags = {"x"}, .mood = Mood::happy};
  const std::string json =
      R"({"id":7,"author":{"name":"Ada","age":36},"tags":["x"],"mood":"happy"})";
  EXPECT_EQ(json_of(comment), json);
  const auto back = decoded<Comment>(json);
  EXPECT_EQ(back.id, 7U);
  EXPECT_EQ(back.author.age, 36);
  EXPECT_EQ(back.mood, Mood::happy);
  EXPECT_EQ(json_of(back), json);
}

TEST(Codec, MembersOfBaseClassesBelongToAStruct) {
  Edited edited;
  edited.author.name = "Bob";
  edited.again = true;
  const std::string json = json_of(edited);
  EXPECT_EQ(json, R"({"id":0,"author":{"name":"Bob"},"tags":[],"mood":"sad","again":true})");
  EXPECT_TRUE(decoded<Edited>(json).again);
}

TEST(Codec, IgnoresUnknownMembersAndLeavesAbsentOptionalsEmpty) {
  const auto author = decoded<Author>(R"({"extra":[1,{"x":2}],"name":"Ada","_placeholder":true})");
  EXPECT_EQ(author.name, "Ada");
  EXPECT_FALSE(author.age);
  EXPECT_FALSE(decoded<Author>(R"({"name":"Ada","age":null})").age);
}

TEST(Codec, TellsThePathToWhatDoesNotFit) {
  EXPECT_EQ(misfit<Author>("{}"), ".name: missing");
  EXPECT_EQ(misfit<Author>(R"({"name":1})"), ".name: string expected");
  EXPECT_EQ(misfit<Author>(R"({"name":"x","age":"y"})"), ".age: integer expected");
  EXPECT_EQ(misfit<Comment>(R"({"id":1,"author":{"name":2}})"), ".author.name: string expected");
  EXPECT_EQ(misfit<Comment>(R"({"id":1,"author":{"name":"x"},"tags":["a",0]})"),
            ".tags[1]: string expected");
  EXPECT_EQ((misfit<std::map<std::string, std::vector<int>>>(R"({"a":[1],"b":[1,2,"x"]})")),
            ".b[2]: integer expected");
  EXPECT_EQ((misfit<std::tuple<int, Author>>(R"([1,{}])")), "[1].name: missing");
  EXPECT_EQ(misfit<Tree>(R"({"value":1,"children":[{"value":2,"children":[{"value":null}]}]})"),
            ".children[0].children[0].value: integer expected");
}

TEST(Codec, BinaryMayStandAnywhere) {
  Comment comment;
  comment.picture = Binary(std::string_view("\x01\x02", 2));
  const Encoded one = encoded(std::make_tuple(Binary(std::string_view("first")), comment));
  EXPECT_EQ(one.json,
            R"([{"_placeholder":true,"num":0},{"id":0,"author":{"name":""},"tags":[],"mood":"sad",)"
            R"("picture":{"_placeholder":true,"num":1}}])");
  ASSERT_EQ(one.attachments.size(), 2U);
  EXPECT_EQ(one.attachments[0].payload(), "first");
  EXPECT_EQ(one.attachments[1].kind(), engineio::BlockKind::binary);
  EXPECT_EQ(one.attachments[1].payload().data(),
            comment.picture->view().data());  // shared, not copied

  const std::vector<Binary> attachments = {Binary(one.attachments[0]), Binary(one.attachments[1])};
  const auto [first, back] = decoded<std::tuple<Binary, Comment>>(one.json, attachments);
  EXPECT_EQ(first.view(), "first");
  EXPECT_EQ(back.picture, comment.picture);
}

TEST(Codec, PlaceholdersMeanNothingWithoutAttachments) {
  const std::string json = R"({"_placeholder":true,"num":0})";
  EXPECT_EQ(json_of(decoded<boost::json::value>(json)), json);
  EXPECT_EQ((decoded<std::map<std::string, std::variant<bool, int>>>(json).size()), 2U);
}

TEST(Codec, DynamicJsonGoesThrough) {
  expect_json(boost::json::value({1, "x", nullptr}), "[1,\"x\",null]");
  expect_json(boost::json::array({1, 2}), "[1,2]");
  expect_json(boost::json::object({{"a", 1}}), "{\"a\":1}");
  expect_json(boost::json::object(), "{}");
  expect_json(boost::json::string("x\n"), "\"x\\n\"");
  EXPECT_EQ(json_of(std::vector<JsonText>{JsonText::trusted("[ 1.0 ]"), JsonText()}),
            "[[ 1.0 ],null]");
  EXPECT_EQ(decoded<std::vector<JsonText>>("[{\"a\" : 1.50}]").front().text(), "{\"a\":1.5}");
}

TEST(Codec, OwnCodecsTakePartEverywhere) {
  EXPECT_EQ(json_of(std::vector<Colour>{Colour("#fff")}), R"([{"hex":"#fff","size":4}])");
  EXPECT_EQ(decoded<std::vector<Colour>>(R"(["#123"])").front().hex(), "#123");
  EXPECT_EQ(misfit<std::vector<Colour>>(R"(["#123","red"])"), "[1]: a colour expected");
  EXPECT_EQ(misfit<std::optional<Colour>>("5"), "string expected");
}

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

Time at(int year, unsigned month, unsigned day, std::chrono::milliseconds clock) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                               std::chrono::day(day)) +
         clock;
}

TEST(Codec, TimesAreDatesOfJavaScript) {
  expect_json(at(2026, 11, 21, 9h + 30min + 5s + 7ms), "\"2026-11-21T09:30:05.007Z\"");
  expect_json(at(1970, 1, 1, 0ms), "\"1970-01-01T00:00:00.000Z\"");
  expect_json(at(1969, 12, 31, 24h - 1ms), "\"1969-12-31T23:59:59.999Z\"");
  expect_json(at(0, 1, 1, 0ms), "\"0000-01-01T00:00:00.000Z\"");
  expect_json(at(10000, 1, 1, 0ms), "\"+010000-01-01T00:00:00.000Z\"");
  expect_json(at(-1, 2, 3, 0ms), "\"-000001-02-03T00:00:00.000Z\"");
  EXPECT_EQ(json_of(std::chrono::system_clock::time_point(1234567890987654ns)),
            "\"1970-01-15T06:56:07.890Z\"");
  EXPECT_EQ(decoded<std::chrono::system_clock::time_point>("\"1970-01-01T00:00:01.5Z\"")
                .time_since_epoch(),
            1500ms);
}

TEST(Codec, DatesAreRoundedDown) {
  EXPECT_EQ(decoded<std::chrono::sys_days>("\"1950-02-28T13:00:00Z\""), at(1950, 2, 28, 0ms));
  EXPECT_EQ(decoded<std::chrono::sys_days>("\"2024-02-28T13:00:00Z\""), at(2024, 2, 28, 0ms));
  EXPECT_EQ(decoded<std::chrono::sys_seconds>("\"1969-12-31T23:59:59.900Z\""),
            at(1969, 12, 31, 86'399s));
}

TEST(Codec, DatesAreCheckedForRange) {
  using Nanoseconds = std::chrono::sys_time<std::chrono::nanoseconds>;
  using ShortSeconds = std::chrono::sys_time<std::chrono::duration<std::int32_t>>;
  EXPECT_EQ(decoded<Nanoseconds>("\"2262-04-11T23:47:16.854Z\""), at(2262, 4, 11, 85'636'854ms));
  EXPECT_EQ(decoded<Nanoseconds>("\"1677-09-21T00:12:43.146Z\""), at(1677, 9, 21, 763'146ms));
  EXPECT_EQ(decoded<ShortSeconds>("\"2038-01-19T03:14:06Z\"").time_since_epoch().count(),
            std::numeric_limits<std::int32_t>::max() - 1);
  EXPECT_EQ(decoded<Time>("\"+032767-12-31T00:00:00.000Z\""), at(32767, 12, 31, 0ms));
  for (const char* bad : {"\"9999-12-31T00:00:00.000Z\"", "\"0001-01-01T00:00:00.000Z\"",
                          "\"2262-04-11T23:47:16.855Z\"", "\"1677-09-21T00:12:43.145Z\"",
                          "\"+100000-01-01T00:00:00.000Z\"", "\"-032768-01-01T00:00:00.000Z\""}) {
    EXPECT_EQ(misfit<Nanoseconds>(bad), "date out of range") << bad;
  }
  EXPECT_EQ(misfit<ShortSeconds>("\"2038-01-19T03:14:08Z\""), "date out of range");
  EXPECT_EQ(misfit<Time>("\"+100000-01-01T00:00:00.000Z\""), "date out of range");
}

TEST(Codec, AcceptsOtherFormsOfDates) {
  EXPECT_EQ(decoded<Time>("\"2026-11-21T09:30:05Z\""), at(2026, 11, 21, 9h + 30min + 5s));
  EXPECT_EQ(decoded<Time>("\"2026-11-21T09:30Z\""), at(2026, 11, 21, 9h + 30min));
  EXPECT_EQ(decoded<Time>("\"2026-11-21T09:30:05.123456789+01:30\""),
            at(2026, 11, 21, 8h + 5s + 123ms));
  EXPECT_EQ(decoded<Time>("\"2026-11-21T09:30:05-02:00\""), at(2026, 11, 21, 11h + 30min + 5s));
  for (const char* bad :
       {"\"\"", "\"2026-11-21\"", "\"2026-02-30T00:00:00Z\"", "\"2026-13-01T00:00:00Z\"",
        "\"2026-11-21T24:00:00Z\"", "\"2026-11-21T09:60:00Z\"", "\"2026-11-21T09:30:05\"",
        "\"2026-11-21T09:30:05Zx\"", "\"2026-11-21T09:30:05.Z\"", "\"26-11-21T09:30:05Z\"", "5",
        "null", "\"2026-11-21T09:30:05+0100\"", "\" 2026-11-21T09:30:05Z\""}) {
    EXPECT_EQ(misfit<Time>(bad), "date expected") << bad;
  }
}

}  // namespace
}  // namespace socketio
