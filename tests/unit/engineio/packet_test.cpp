#include "engineio/packet.hpp"

#include <string>

#include <gtest/gtest.h>

#include "tests/vectors/read_vectors.hpp"

namespace engineio {
namespace {

TEST(Packet, DecodesAsEngineIoParserDoes) {
  for (const auto& row : vectors::read("engineio_packets.txt")) {
    const auto packet = decode_packet(row.at(0));
    ASSERT_EQ(packet.has_value(), row.at(1) != "error") << '"' << row.at(0) << '"';
    if (!packet) continue;
    EXPECT_EQ(std::to_string(static_cast<int>(packet->type)), row.at(1)) << row.at(0);
    EXPECT_EQ(static_cast<bool>(packet->binary), row.at(2) == "binary") << row.at(0);
    EXPECT_EQ(packet->data, row.at(3)) << row.at(0);
  }
}

TEST(Packet, KnowsNoOtherFirstBytes) {
  for (int c = 0; c < 256; ++c) {
    const bool known = (c >= '0' && c <= '6') || c == 'b';
    EXPECT_EQ(decode_packet(std::string(1, static_cast<char>(c))).has_value(), known) << c;
  }
}

TEST(Packet, PointsIntoItsInputWithoutACopy) {
  const std::string text = "4hello";
  EXPECT_EQ(decode_packet(text)->data.data(), text.data() + 1);
}

TEST(Packet, SharesABinaryMessage) {
  const auto decoded = decode_packet("bAQID");
  EXPECT_EQ(decoded->data.data(), decoded->binary.payload().data());
  const Block block = Block::copy_of("4hello", BlockKind::binary);
  EXPECT_EQ(packet_of(block).binary.payload().data(), block.payload().data());
  EXPECT_EQ(packet_of(block).data, "4hello");
}

TEST(Packet, OfATextBlockPointsIntoIt) {
  const Block block = Block::copy_of("4hello");
  EXPECT_EQ(packet_of(block).type, PacketType::message);
  EXPECT_EQ(packet_of(block).data.data(), block.payload().data() + 1);
  EXPECT_FALSE(packet_of(block).binary);
}

TEST(Packet, IsNotBase64OfNothing) {
  EXPECT_TRUE(decode_packet("b")) << "an empty binary message";
  EXPECT_FALSE(decode_packet("b!!!!"));
  EXPECT_FALSE(decode_packet("b===="));
  EXPECT_FALSE(decode_packet("bA"));
  EXPECT_TRUE(decode_packet("bAA"));
}

TEST(Packet, AppendsBinaryMessagesAsText) {
  std::string out = "4a\x1e";
  append_base64_message(out, std::string_view("\x01\x02\x03\x04", 4));
  EXPECT_EQ(out,
            "4a\x1e"
            "bAQIDBA==");
  append_base64_message(out, {});
  EXPECT_EQ(out,
            "4a\x1e"
            "bAQIDBA==b");
}

}  // namespace
}  // namespace engineio
