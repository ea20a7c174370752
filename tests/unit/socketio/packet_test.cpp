#include "socketio/packet.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace socketio {
namespace {

std::string text_of(const EncodedPacket& packet) {
  EXPECT_EQ(packet.text.kind(), engineio::BlockKind::text);
  return std::string(packet.text.payload());
}

TEST(SocketioPacket, EventsCarryNameAndArguments) {
  EXPECT_EQ(text_of(encode_event("/", std::nullopt, "e")), R"(42["e"])");
  EXPECT_EQ(text_of(encode_event("", std::nullopt, "e")), R"(42["e"])");
  EXPECT_EQ(text_of(encode_event("/a", std::nullopt, "e")), R"(42/a,["e"])");
  EXPECT_EQ(text_of(encode_event("/a", 12, "e", 1, "two", nullptr, true, std::vector<int>{},
                                 std::optional<int>{})),
            R"(42/a,12["e",1,"two",null,true,[],null])");
  EXPECT_EQ(text_of(encode_event("/", 0, "say \"hi\"\n", std::string("x"))),
            R"(420["say \"hi\"\n","x"])");
}

TEST(SocketioPacket, AcksCarryIdAndArguments) {
  EXPECT_EQ(text_of(encode_ack("/", 0)), "430[]");
  EXPECT_EQ(text_of(encode_ack("/a", 7, 1.5, "x")), R"(43/a,7[1.5,"x"])");
  EXPECT_EQ(text_of(encode_ack("/", std::numeric_limits<std::uint64_t>::max())),
            "4318446744073709551615[]");
}

TEST(SocketioPacket, AttachmentsMakeThePacketBinary) {
  const Binary one(std::string_view("1"));
  const Binary empty;
  const EncodedPacket event = encode_event("/a", 7, "e", one, std::vector<Binary>{one, empty});
  EXPECT_EQ(text_of(event), R"(453-/a,7["e",{"_placeholder":true,"num":0},)"
                            R"([{"_placeholder":true,"num":1},{"_placeholder":true,"num":2}]])");
  ASSERT_EQ(event.attachments.size(), 3U);
  EXPECT_EQ(event.attachments[1].payload().data(), one.view().data());
  EXPECT_EQ(event.attachments[2].payload(), "");
  EXPECT_EQ(event.size(), event.text.size() + 2);
  EXPECT_EQ(text_of(encode_ack("/", 15, one)), R"(461-15[{"_placeholder":true,"num":0}])");
  const std::vector<Binary> many(11, one);
  EXPECT_TRUE(text_of(encode_event("/", std::nullopt, "e", many)).starts_with(R"(4511-["e",[{)"));
}

TEST(SocketioPacket, NamespacesAreGrantedRefusedAndLeft) {
  EXPECT_EQ(text_of(encode_connect("/", "abc")), R"(40{"sid":"abc"})");
  EXPECT_EQ(text_of(encode_connect("/a", "abc")), R"(40/a,{"sid":"abc"})");
  EXPECT_EQ(text_of(encode_connect_error("/zz", "Invalid namespace")),
            R"(44/zz,{"message":"Invalid namespace"})");
  const boost::json::value data = {{"code", 7}};
  EXPECT_EQ(text_of(encode_connect_error("/", "denied", &data)),
            R"(44{"message":"denied","data":{"code":7}})");
  EXPECT_EQ(text_of(encode_disconnect("/")), "41");
  EXPECT_EQ(text_of(encode_disconnect("/a")), "41/a,");
}

TEST(SocketioPacket, FramesAreReadyForWebSocket) {
  const EncodedPacket packet = encode_event("/", std::nullopt, "e");
  EXPECT_EQ(packet.text.frame(), std::string("\x81\x07") + R"(42["e"])");
}

TEST(SocketioPacket, SixEventNamesAreReserved) {
  for (const char* name : {"connect", "connect_error", "disconnect", "disconnecting", "newListener",
                           "removeListener"}) {
    EXPECT_TRUE(is_reserved_event(name)) << name;
  }
  for (const char* name : {"connection", "error", "", "Connect", "connect "})
    EXPECT_FALSE(is_reserved_event(name)) << name;
}

}  // namespace
}  // namespace socketio
