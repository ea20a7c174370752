#include "engineio/packet.hpp"

#include <string>

#include <gtest/gtest.h>

#include "tests/vectors/read_vectors.hpp"

namespace engineio {
namespace {

TEST(Packet, DecodesAsEngineIoParserDoes) {
  for (const auto& row : vectors::read("engineio_packets.txt")) {
    std::string scratch = "left over";
    const auto packet = decode_packet(row.at(0), scratch);
    ASSERT_EQ(packet.has_value(), row.at(1) != "error") << '"' << row.at(0) << '"';
    if (!packet) continue;
    EXPECT_EQ(std::to_string(static_cast<int>(packet->type)), row.at(1)) << row.at(0);
    EXPECT_EQ(packet->binary, row.at(2) == "binary") << row.at(0);
    EXPECT_EQ(packet->data, row.at(3)) << row.at(0);
  }
}

TEST(Packet, KnowsNoOtherFirstBytes) {
  for (int c = 0; c < 256; ++c) {
    std::string scratch;
    const bool known = (c >= '0' && c <= '6') || c == 'b';
    EXPECT_EQ(decode_packet(std::string(1, static_cast<char>(c)), scratch).has_value(), known) << c;
  }
}

TEST(Packet, PointsIntoItsInputWithoutACopy) {
  const std::string text = "4hello";
  std::string scratch;
  EXPECT_EQ(decode_packet(text, scratch)->data.data(), text.data() + 1);
}

TEST(Packet, IsNotBase64OfNothing) {
  std::string scratch;
  EXPECT_TRUE(decode_packet("b", scratch)) << "an empty binary message";
  EXPECT_FALSE(decode_packet("b!!!!", scratch));
  EXPECT_FALSE(decode_packet("b====", scratch));
  EXPECT_FALSE(decode_packet("bA", scratch));
  EXPECT_TRUE(decode_packet("bAA", scratch));
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
