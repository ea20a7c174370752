#include "engineio/handshake.hpp"

#include <gtest/gtest.h>

namespace engineio {
namespace {

using enum TransportKind;

constexpr const char* id = "lv_VI97HAXpY6yYWAAAB";

TEST(Handshake, HasTheExactKeysInTheExactOrder) {
  const Block packet = open_packet(id, polling, Options());
  EXPECT_EQ(
      packet.payload(),
      R"(0{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,)"
      R"("maxPayload":1000000})");
  EXPECT_EQ(packet.size(), 118U) << "what JavaScript servers send with default settings";
  EXPECT_EQ(packet.kind(), BlockKind::text);
}

TEST(Handshake, OffersAnUpgradeOnlyWhereThereIsOne) {
  const auto offers = [](TransportKind kind, const Options& options) {
    return open_packet(id, kind, options).payload().find(R"("upgrades":["websocket"])") !=
           std::string_view::npos;
  };
  EXPECT_TRUE(offers(polling, {}));
  EXPECT_FALSE(offers(websocket, {}));
  EXPECT_FALSE(offers(polling, {.allow_upgrades = false}));
  EXPECT_FALSE(offers(polling, {.transports = {polling}}));
  EXPECT_NE(open_packet(id, websocket, {}).payload().find(R"("upgrades":[],)"),
            std::string_view::npos);
}

TEST(Handshake, TellsTheServersSettings) {
  const Options options{
      .ping_interval = milliseconds(300), .ping_timeout = milliseconds(200), .max_payload = 7};
  EXPECT_EQ(open_packet("x", websocket, options).payload(),
            R"(0{"sid":"x","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":7})");
}

TEST(Handshake, EscapesAnIdOfTheApplications) {
  EXPECT_EQ(open_packet("a\"\\\n", websocket, {}).payload().substr(0, 19),
            R"(0{"sid":"a\"\\\n",")");
}

}  // namespace
}  // namespace engineio
