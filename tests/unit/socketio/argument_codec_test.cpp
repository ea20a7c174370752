#include "socketio/detail/argument_codec.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/describe/class.hpp>

#include <gtest/gtest.h>

#include "socketio/codec.hpp"
#include "tests/unit/socketio/json_text.hpp"

namespace socketio {
namespace {

struct Author {
  std::string name = {};
};
BOOST_DESCRIBE_STRUCT(Author, (), (name))

// Arguments as a decoder hands them out.
class Message {
 public:
  explicit Message(const std::vector<std::string>& values, std::vector<Binary> attachments = {})
      : attachments_(std::move(attachments)) {
    for (const auto& value : values) text_ += (text_.empty() ? "" : ",") + value;
    std::size_t begin = 0;
    for (const auto& value : values) {
      elements_.push_back(std::string_view(text_).substr(begin, value.size()));
      begin += value.size() + 1;
    }
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  RawArgs args() const { return RawArgs(RawArgs::Borrowed{text_, elements_, attachments_}); }
  const std::vector<Binary>& attachments() const { return attachments_; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<std::string_view> elements_;
  std::vector<Binary> attachments_;
};

template <class... Ts>
std::string argument_misfit(const std::vector<std::string>& values) {
  const Message came(values);
  ValueReader in;
  return decode_arguments<Ts...>(came.args(), in) ? "" : in.error();
}

TEST(Arguments, AreDecodedByPosition) {
  const Message came({"\"text\"", "2", R"({"name":"Ada"})"});
  ValueReader in;
  const auto result =
      decode_arguments<std::string, int, Author, std::optional<bool>>(came.args(), in);
  ASSERT_TRUE(result) << in.error();
  EXPECT_EQ(std::get<0>(*result), "text");
  EXPECT_EQ(std::get<1>(*result), 2);
  EXPECT_EQ(std::get<2>(*result).name, "Ada");
  EXPECT_FALSE(std::get<3>(*result));
}

TEST(Arguments, MissingOnesAreErrorsAndFurtherOnesIgnored) {
  EXPECT_EQ((argument_misfit<int>({"1", "2", "3"})), "");
  EXPECT_EQ((argument_misfit<>({"1"})), "");
  EXPECT_EQ((argument_misfit<int, std::string>({"1"})), "[1]: missing");
  EXPECT_EQ((argument_misfit<int, std::optional<std::string>>({"1", "null"})), "");
  EXPECT_EQ((argument_misfit<int, Author>({"1", R"({"name":[]})"})), "[1].name: string expected");
  EXPECT_EQ((argument_misfit<boost::json::value>({})), "[0]: missing");
  EXPECT_EQ((argument_misfit<JsonText>({})), "[0]: missing");
}

TEST(Arguments, DynamicValuesOutliveTheMessage) {
  ValueReader in;
  auto came = std::make_unique<Message>(
      std::vector<std::string>{R"({"a":["a text that is too long for the short form"]})", "[ 1 ]"});
  const auto result = decode_arguments<boost::json::value, JsonText>(came->args(), in);
  came.reset();
  ASSERT_TRUE(result);
  EXPECT_EQ(print(std::get<0>(*result)), R"({"a":["a text that is too long for the short form"]})");
  EXPECT_EQ(std::get<1>(*result).text(), "[ 1 ]");
}

TEST(Arguments, ArgsAndRawArgsTakeTheRest) {
  const Message came({"1", "\"x\"", R"({"_placeholder":true,"num":0})"},
                     {Binary(std::string_view("b"))});
  ValueReader in(came.attachments());
  const auto dynamic = decode_arguments<int, Args>(came.args(), in);
  ASSERT_TRUE(dynamic);
  EXPECT_EQ(std::get<1>(*dynamic).size(), 2U);
  EXPECT_EQ(std::get<1>(*dynamic).binary(1)->view(), "b");
  const auto raw = decode_arguments<int, RawArgs>(came.args(), in);
  ASSERT_TRUE(raw);
  const RawArgs& rest = std::get<1>(*raw);
  EXPECT_EQ(rest.text(), R"("x",{"_placeholder":true,"num":0})");
  EXPECT_EQ(rest.size(), 2U);
  const Message two({"1", "2"});
  const auto none_left = decode_arguments<int, int, RawArgs>(two.args(), in);
  ASSERT_TRUE(none_left);
  EXPECT_TRUE(static_cast<const RawArgs&>(std::get<2>(*none_left)).empty());
}

TEST(Arguments, RawArgsByReferenceBorrowAndByValueOwn) {
  const Message came({"\"relayed\""});
  ValueReader in;
  auto tuple = decode_arguments<RawArgs>(came.args(), in);
  ASSERT_TRUE(tuple);
  std::apply([&](const RawArgs& args) { EXPECT_EQ(args.text().data(), came.text().data()); },
             *tuple);
  std::apply([&](RawArgs args) { EXPECT_NE(args.text().data(), came.text().data()); }, *tuple);
  std::apply([&](RawArgs args) { EXPECT_NE(args.text().data(), came.text().data()); },
             std::move(*tuple));
}

}  // namespace
}  // namespace socketio
