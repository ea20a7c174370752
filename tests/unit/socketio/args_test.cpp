#include "socketio/args.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "socketio/decoder.hpp"
#include "socketio/packet.hpp"

namespace socketio {
namespace {

Binary bytes(std::string_view text) { return Binary(text); }

std::string text_of(const EncodedPacket& packet) { return std::string(packet.text.payload()); }

// A packet as a client sent it, decoded.
struct Received {
  explicit Received(std::string message, const std::vector<std::string>& attachments = {})
      : text(std::move(message)) {
    DecodeStatus status = decoder.feed_text(text, packet);
    for (const auto& attachment : attachments)
      status = decoder.feed_binary(Binary(attachment).block(), packet);
    EXPECT_EQ(status, DecodeStatus::packet) << decoder.error();
  }
  std::string text;
  DecoderLimits limits;
  Decoder decoder{limits};
  DecodedPacket packet;
};

TEST(BinaryTest, CopiesTheBytesOnceAndSharesThem) {
  const std::string source("\0\x01\xff", 3);
  const Binary binary(source);
  EXPECT_EQ(binary.view(), source);
  EXPECT_EQ(binary.size(), 3U);
  EXPECT_EQ(binary.bytes()[2], std::byte{0xff});
  const Binary copy = binary;
  EXPECT_EQ(copy.view().data(), binary.view().data());
  EXPECT_EQ(copy.block().payload().data(), binary.view().data());
  EXPECT_EQ(copy.block().kind(), engineio::BlockKind::binary);
}

TEST(BinaryTest, ComesFromAnyBytesAndComparesByThem) {
  const std::vector<unsigned char> numbers = {'a', 'b'};
  const std::vector<std::byte> raw = {std::byte{'a'}, std::byte{'b'}};
  EXPECT_EQ(Binary(numbers), bytes("ab"));
  EXPECT_EQ(Binary(raw), bytes("ab"));
  EXPECT_EQ(Binary(std::span(raw)), bytes("ab"));
  EXPECT_NE(bytes("a"), bytes("b"));
  EXPECT_EQ(Binary(), bytes(""));
  EXPECT_TRUE(Binary().empty());
  EXPECT_EQ(Binary().block().kind(), engineio::BlockKind::binary);
  EXPECT_EQ(Binary().block().frame().size(), 2U);
}

TEST(ArgsTest, StandForTheirBinaryValues) {
  Args args;
  args.values.push_back(1);
  args.values.push_back(args.add_binary(bytes("first")));
  args.values.push_back(boost::json::object{{"deep", args.add_binary(bytes("second"))}});
  EXPECT_EQ(args.size(), 3U);
  EXPECT_EQ(args.binary(0), nullptr);
  EXPECT_EQ(args.binary(1)->view(), "first");
  EXPECT_EQ(args.binary(2), nullptr);
  EXPECT_EQ(args.binary(args[2].at("deep"))->view(), "second");
  EXPECT_EQ(args.binary(9), nullptr);
}

TEST(ArgsTest, OnlyRightPlaceholdersStandForSomething) {
  Args args;
  args.add_binary(bytes("x"));
  const auto stands = [&](const char* json) { return args.binary(*parse_json(json)) != nullptr; };
  EXPECT_TRUE(stands(R"({"_placeholder":true,"num":0})"));
  EXPECT_TRUE(stands(R"({"num":0.0,"_placeholder":true,"more":1})"));
  for (const char* json :
       {R"({"_placeholder":true,"num":1})", R"({"_placeholder":true,"num":-1})",
        R"({"_placeholder":true,"num":0.5})", R"({"_placeholder":true,"num":"0"})",
        R"({"_placeholder":true})", R"({"_placeholder":1,"num":0})",
        R"({"_placeholder":false,"num":0})", R"({"num":0})", "[]", "0",
        R"({"_placeholder":true,"num":18446744073709551615})"}) {
    EXPECT_FALSE(stands(json)) << json;
  }
}

TEST(ArgsTest, AreEncodedInPlaceWithNumbersOfThePacket) {
  Args args;
  args.values.push_back("a");
  args.values.push_back(boost::json::object{{"x", args.add_binary(bytes("1"))},
                                            {"y", {{"_placeholder", true}, {"num", 7}}}});
  const EncodedPacket packet = encode_event("/", std::nullopt, "e", bytes("0"), args, 5);
  EXPECT_EQ(text_of(packet),
            R"(452-["e",{"_placeholder":true,"num":0},"a",{"x":{"_placeholder":true,"num":1},)"
            R"("y":null},5])");
  EXPECT_EQ(packet.attachments[1].payload(), "1");
  EXPECT_EQ(text_of(encode_event("/", 3, "e", Args{}, 1)), R"(423["e",1])");
  EXPECT_EQ(text_of(encode_ack("/", 3, Args{})), "433[]");
}

TEST(RawArgsTest, ARelaySplicesTheTextAndSharesTheAttachments) {
  const Received plain(R"(2["say",{ "a": 1.0 },"x"])");
  EXPECT_EQ(text_of(encode_event("/", std::nullopt, "said", plain.packet.args())),
            R"(42["said",{ "a": 1.0 },"x"])");
  const Received binary(
      R"(52-["say",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]])",
      {"zero", "one"});
  const EncodedPacket relayed = encode_event("/", std::nullopt, "said", binary.packet.args());
  EXPECT_EQ(text_of(relayed),
            R"(452-["said",{"_placeholder":true,"num":1},[{"_placeholder":true,"num":0}]])");
  ASSERT_EQ(relayed.attachments.size(), 2U);
  EXPECT_EQ(relayed.attachments[0].payload().data(), binary.packet.attachments()[0].view().data());
}

TEST(RawArgsTest, PlaceholdersAreRenumberedBehindOtherAttachments) {
  const Received came(
      R"(52-["say", {"num":1,"_placeholder":true} ,{"a":[{"_placeholder":true,"num":0,"more":{}}]}])",
      {"zero", "one"});
  const EncodedPacket relayed =
      encode_event("/", std::nullopt, "said", bytes("mine"), came.packet.args());
  EXPECT_EQ(text_of(relayed),
            R"(453-["said",{"_placeholder":true,"num":0},{"_placeholder":true,"num":2},)"
            R"({"a":[{"_placeholder":true,"num":1}]}])");
  ASSERT_EQ(relayed.attachments.size(), 3U);
  EXPECT_EQ(relayed.attachments[0].payload(), "mine");
  EXPECT_EQ(relayed.attachments[2].payload(), "one");
}

TEST(RawArgsTest, PlainTextThatLooksLikeAPlaceholderIsLeftAlone) {
  const Received came(R"(2["say",{"_placeholder":true,"num":0}])");
  EXPECT_EQ(text_of(encode_event("/", std::nullopt, "said", bytes("x"), came.packet.args())),
            R"(451-["said",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}])");
}

// What one client sends must not end the connections of those who receive it.
TEST(RawArgsTest, ForeignPlaceholdersOfNothingBecomeNull) {
  const Received came(
      R"(2["say",{"_placeholder":true,"num":1},[{"_placeholder":true},{"a":{"_placeholder":true,"num":"x"}}]])");
  EXPECT_EQ(
      text_of(encode_event("/a", 7, "said", came.packet.args())),
      R"(42/a,7["said",{"_placeholder":true,"num":1},[{"_placeholder":true},{"a":{"_placeholder":true,"num":"x"}}]])");
  EXPECT_EQ(text_of(encode_event("/a", 7, "said", bytes("x"), came.packet.args())),
            R"(451-/a,7["said",{"_placeholder":true,"num":0},null,[null,{"a":null}]])");
  const boost::json::value value = came.packet.args().parse()[0];
  EXPECT_EQ(text_of(encode_ack("/", 7, value, bytes("x"))),
            R"(461-7[null,{"_placeholder":true,"num":0}])");
}

TEST(RawArgsTest, NoArgumentsLeaveNoComma) {
  const Received came(R"(2["say"])");
  EXPECT_EQ(text_of(encode_event("/", std::nullopt, "said", came.packet.args())), R"(42["said"])");
  EXPECT_EQ(text_of(encode_event("/", std::nullopt, "said", came.packet.args(), 1)),
            R"(42["said",1])");
  EXPECT_EQ(text_of(encode_event("/", std::nullopt, "said", 1, RawArgs())), R"(42["said",1])");
}

TEST(RawArgsTest, CopiesOwnTheirBytes) {
  auto came = std::make_unique<Received>(R"(51-["say","text",{"_placeholder":true,"num":0}])",
                                         std::vector<std::string>{"b"});
  RawArgs copy = came->packet.args();
  RawArgs moved = std::move(copy);
  RawArgs assigned;
  assigned = moved;
  came.reset();
  for (const RawArgs* args : {&moved, &assigned}) {
    ASSERT_EQ(args->size(), 2U);
    EXPECT_EQ((*args)[0], "\"text\"");
    EXPECT_EQ(args->text(), R"("text",{"_placeholder":true,"num":0})");
    EXPECT_EQ(args->attachments()[0].view(), "b");
    EXPECT_EQ(args->parse().binary(1)->view(), "b");
  }
  EXPECT_EQ(moved.text().data(), assigned.text().data());  // copies of an owner share
}

TEST(RawArgsTest, CopiesOwnAttachmentsThatNoArgumentRefersTo) {
  auto came = std::make_unique<Received>(R"(51-["e"])", std::vector<std::string>{"A"});
  const RawArgs& borrowed = came->packet.args();
  const RawArgs copy = borrowed;
  came.reset();
  EXPECT_TRUE(copy.empty());
  ASSERT_EQ(copy.attachments().size(), 1U);
  EXPECT_EQ(copy.attachments()[0], bytes("A"));
}

TEST(RawArgsTest, EveryNamedObjectOwns) {
  const Received came(R"(2["say","text"])");
  const RawArgs& borrowed = RawArgs(RawArgs::Borrowed{came.packet.args().from(0)});
  EXPECT_EQ(borrowed.text().data(), came.text.data() + 8);
  const RawArgs copy = borrowed;
  EXPECT_NE(copy.text().data(), came.text.data() + 8);
  EXPECT_EQ(RawArgs(came.packet.args().from(1)).size(), 0U);
}

}  // namespace
}  // namespace socketio
