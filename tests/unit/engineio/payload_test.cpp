#include "engineio/payload.hpp"

#include <string>

#include <gtest/gtest.h>

#include "tests/vectors/read_vectors.hpp"

namespace engineio {
namespace {

TEST(Payload, SplitsAsEngineIoParserDoes) {
  for (const auto& row : vectors::read("engineio_payloads.txt")) {
    PayloadReader reader(row.at(0));
    for (std::size_t i = 1; i < row.size(); ++i) {
      EXPECT_FALSE(reader.done());
      EXPECT_EQ(reader.next(), row[i]) << '"' << row[0] << "\" packet " << i;
    }
    EXPECT_TRUE(reader.done()) << row[0];
    EXPECT_EQ(reader.next(), std::nullopt);
    EXPECT_EQ(reader.next(), std::nullopt);
  }
}

TEST(Payload, GivesAnEmptyPacketForAnEmptyBody) {
  PayloadReader reader{std::string()};
  EXPECT_EQ(reader.next(), "");
  EXPECT_EQ(reader.next(), std::nullopt);
}

TEST(Payload, SurvivesMovingBetweenTwoPackets) {
  PayloadReader first(
      "4a\x1e"
      "4b");
  EXPECT_EQ(first.next(), "4a");
  PayloadReader second = std::move(first);
  EXPECT_EQ(second.next(), "4b");
  EXPECT_EQ(second.next(), std::nullopt);
}

TEST(Payload, CountsEverySeparator) {
  PayloadReader reader(std::string(200'000, payload_separator));
  std::size_t packets = 0;
  while (const auto packet = reader.next()) {
    EXPECT_EQ(*packet, "");
    ++packets;
  }
  EXPECT_EQ(packets, 200'001U);
}

}  // namespace
}  // namespace engineio
