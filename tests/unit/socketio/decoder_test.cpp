#include "socketio/decoder.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include <gtest/gtest.h>

#include "socketio/json.hpp"
#include "tests/unit/socketio/json_text.hpp"
#include "tests/unit/transports/allocated_bytes.hpp"

namespace socketio {
namespace {

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string_view name_of(PacketType type) {
  switch (type) {
    case PacketType::connect: return "connect";
    case PacketType::disconnect: return "disconnect";
    case PacketType::event: return "event";
    case PacketType::ack: return "ack";
    case PacketType::connect_error: return "connect_error";
    default: return "binary";
  }
}

// A client's decoder, fed with copies of exactly the right size that are gone afterwards.
class Feed {
 public:
  explicit Feed(DecoderLimits limits = {}) : limits_(limits) {}

  DecodeStatus text(std::string_view message) {
    held_.assign(message.begin(), message.end());
    return decoder_.feed_text(std::string_view(held_.data(), held_.size()), packet_);
  }
  // As the network's buffer does, the text goes away before the attachments come.
  DecodeStatus binary(std::string_view bytes) {
    std::fill(held_.begin(), held_.end(), '!');
    return decoder_.feed_binary(engineio::Block::copy_of(bytes, engineio::BlockKind::binary),
                                packet_);
  }
  DecodeStatus any(const boost::json::value& message) {
    if (const auto* text = message.if_string()) return this->text({text->data(), text->size()});
    const auto& hex = message.at("hex").as_string();
    return binary(bytes_of({hex.data(), hex.size()}));
  }
  // The error's text, or "" when the message was accepted.
  std::string refusal(std::string_view message) {
    decoder_.reset();
    return text(message) == DecodeStatus::error ? std::string(decoder_.error()) : "";
  }

  DecodedPacket& packet() { return packet_; }
  Decoder& decoder() { return decoder_; }

 private:
  DecoderLimits limits_;
  Decoder decoder_{limits_};
  DecodedPacket packet_;
  std::vector<char> held_;
};

void expect_packet(const DecodedPacket& packet, const boost::json::object& expected,
                   const std::string& line) {
  EXPECT_EQ(name_of(packet.type()), std::string_view(expected.at("type").as_string().c_str()))
      << line;
  EXPECT_EQ(packet.nsp(), std::string_view(expected.at("nsp").as_string().c_str())) << line;
  const auto* id = expected.at("id").if_int64();
  EXPECT_EQ(packet.id(),
            id ? std::optional<std::uint64_t>(static_cast<std::uint64_t>(*id)) : std::nullopt)
      << line;
  const std::string data = packet.has_data() ? print(*parse_json(packet.data())) : "";
  EXPECT_EQ(boost::json::string(data), expected.at("data").as_string()) << line;
  EXPECT_EQ(packet.attachments().size(), expected.at("attachments").to_number<std::size_t>())
      << line;
}

TEST(SocketioDecoder, AgreesWithTheReferenceOnItsVectors) {
  std::ifstream file("tests/vectors/socketio_packets.txt");
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    const boost::json::object vector = parse_json(line)->as_object();
    Feed feed;
    DecodeStatus status = DecodeStatus::waiting;
    for (const auto& message : vector.at("feed").as_array()) {
      if (status != DecodeStatus::error) status = feed.any(message);
    }
    if (const auto* error = vector.if_contains("error")) {
      EXPECT_EQ(status, DecodeStatus::error) << line;
      EXPECT_EQ(feed.decoder().error(), std::string_view(error->as_string().c_str())) << line;
    } else if (vector.at("packet").is_string()) {
      EXPECT_EQ(status, DecodeStatus::waiting) << line;
    } else {
      ASSERT_EQ(status, DecodeStatus::packet) << line << feed.decoder().error();
      expect_packet(feed.packet(), vector.at("packet").as_object(), line);
    }
  }
  EXPECT_GT(lines, 100U);
}

TEST(SocketioDecoder, TakesAnEventApartWithoutCopies) {
  const std::string message = R"(2/chat,12["say" , {"a":[1,2]},"x" ] )";
  const DecoderLimits limits;
  Decoder decoder(limits);
  DecodedPacket packet;
  ASSERT_EQ(decoder.feed_text(message, packet), DecodeStatus::packet);
  EXPECT_EQ(packet.event_name(), "say");
  EXPECT_EQ(packet.nsp().data(), message.data() + 1);
  EXPECT_EQ(packet.event_name().data(), message.data() + 11);
  const RawArgs args = packet.args();
  ASSERT_EQ(args.size(), 2U);
  EXPECT_EQ(args[0], R"({"a":[1,2]})");
  EXPECT_EQ(args[1], R"("x")");
  EXPECT_EQ(args.text(), R"({"a":[1,2]},"x")");
  EXPECT_EQ(args.text().data(), message.data() + message.find('{'));
}

TEST(SocketioDecoder, NamesEventsAsJavaScriptPropertiesAreNamed) {
  Feed feed;
  const auto name = [&](std::string_view json) {
    EXPECT_EQ(feed.text("2[" + std::string(json) + "]"), DecodeStatus::packet) << json;
    return std::string(feed.packet().event_name());
  };
  EXPECT_EQ(name("5"), "5");
  EXPECT_EQ(name("1.50"), "1.5");
  EXPECT_EQ(name("1e21"), "1e+21");
  EXPECT_EQ(name("-0"), "0");
  EXPECT_EQ(name("123456789012345678"), "123456789012345680");
  EXPECT_EQ(name(R"("a\"b\u00e9")"), "a\"b\xc3\xa9");
  EXPECT_EQ(name(R"("plain")"), "plain");
  EXPECT_EQ(name(R"("")"), "");
}

TEST(SocketioDecoder, AnEventWithoutDataHasNeitherNameNorArguments) {
  Feed feed;
  ASSERT_EQ(feed.text(R"(2["before",1])"), DecodeStatus::packet);
  ASSERT_EQ(feed.text("23"), DecodeStatus::packet);
  EXPECT_FALSE(feed.packet().has_data());
  EXPECT_EQ(feed.packet().event_name(), "");
  EXPECT_TRUE(feed.packet().args().empty());
  EXPECT_EQ(feed.packet().id(), 3U);
}

TEST(SocketioDecoder, AcksHaveNoName) {
  Feed feed;
  ASSERT_EQ(feed.text(R"(37["a",2])"), DecodeStatus::packet);
  EXPECT_EQ(feed.packet().args().size(), 2U);
  EXPECT_EQ(feed.packet().args().text(), R"("a",2)");
  ASSERT_EQ(feed.text("37[]"), DecodeStatus::packet);
  EXPECT_TRUE(feed.packet().has_data());
  EXPECT_TRUE(feed.packet().args().empty());
}

// Where the reference reads numbers as JavaScript's loose comparison does, only digits count here.
TEST(SocketioDecoder, TakesOnlyDigitsForNumbers) {
  Feed feed;
  for (const char* message :
       {"2 [\"e\"]", "27 [\"e\"]", "2 7[\"e\"]", "2\t[\"e\"]", "2\xef\xbb\xbf[\"e\"]",
        "29007199254740992[\"e\"]", "299999999999999999999[\"e\"]", "3 1[]", "0 {}"}) {
    EXPECT_EQ(feed.refusal(message), "invalid payload") << message;
  }
  for (const char* message :
       {"51e0-[\"e\"]", "5 1-[\"e\"]", "5+1-[\"e\"]", "50x1-[\"e\"]", "5\n1-[\"e\"]"}) {
    EXPECT_EQ(feed.refusal(message), "Illegal attachments") << message;
  }
  for (const char* message : {"", " ",
                              "\xef\xbb\xbf"
                              "2[\"e\"]",
                              "+2[\"e\"]"}) {
    EXPECT_EQ(feed.refusal(message), "unknown packet type NaN") << message;
  }
  EXPECT_EQ(feed.refusal("2000000000000000000000000000000000007[\"e\"]"), "");
  EXPECT_EQ(feed.packet().id(), 7U);
}

TEST(SocketioDecoder, RefusesPlaceholdersThatAreNoIndex) {
  for (const char* num : {"1.5", "1e400", "0.0000001", "-1e-400x"}) {
    Feed feed;
    const std::string message = std::string(R"(52-["e",{"_placeholder":true,"num":)") + num + "}]";
    if (feed.text(message) == DecodeStatus::error) continue;
    EXPECT_EQ(feed.binary("a"), DecodeStatus::waiting);
    EXPECT_EQ(feed.binary("b"), DecodeStatus::error) << num;
    EXPECT_EQ(feed.decoder().error(), "illegal attachments") << num;
  }
}

TEST(SocketioDecoder, IgnoresPlaceholdersInsideOfPlaceholders) {
  Feed feed;
  ASSERT_EQ(
      feed.text(R"(51-["e",{"x":{"_placeholder":true,"num":9},"_placeholder":true,"num":0}])"),
      DecodeStatus::waiting);
  EXPECT_EQ(feed.binary("a"), DecodeStatus::packet);
}

TEST(SocketioDecoder, KeepsAPacketThatWaitsForItsAttachments) {
  Feed feed;
  ASSERT_EQ(
      feed.text(
          R"(52-/files,7["up\u006coad",{"a":{"_placeholder":true,"num":1}},"x",{"_placeholder":true,"num":0}])"),
      DecodeStatus::waiting);
  EXPECT_TRUE(feed.decoder().waiting_for_attachments());
  ASSERT_EQ(feed.binary("first"), DecodeStatus::waiting);
  ASSERT_EQ(feed.binary("second"), DecodeStatus::packet);
  EXPECT_FALSE(feed.decoder().waiting_for_attachments());
  EXPECT_EQ(feed.decoder().pending_bytes(), 0U);
  const DecodedPacket& packet = feed.packet();
  EXPECT_EQ(packet.type(), PacketType::event);
  EXPECT_EQ(packet.nsp(), "/files");
  EXPECT_EQ(packet.id(), 7U);
  EXPECT_EQ(packet.event_name(), "upload");
  ASSERT_EQ(packet.args().size(), 3U);
  EXPECT_EQ(packet.args()[1], "\"x\"");
  ASSERT_EQ(packet.attachments().size(), 2U);
  EXPECT_EQ(packet.attachments()[1].view(), "second");
  const Args args = packet.args().parse();
  EXPECT_EQ(args.binary(args[0].at("a"))->view(), "second");
  EXPECT_EQ(args.binary(2)->view(), "first");
  EXPECT_EQ(args.binary(1), nullptr);
}

TEST(SocketioDecoder, KeepsNoViewOfTheMessageWhileWaiting) {
  for (const std::string nsp : {"", "/,", "/a,"}) {
    Feed feed;
    ASSERT_EQ(feed.text("51-" + nsp + R"(["e",{"_placeholder":true,"num":0}])"),
              DecodeStatus::waiting);
    ASSERT_EQ(feed.binary("x"), DecodeStatus::packet);
    EXPECT_EQ(feed.packet().nsp(), nsp == "/a," ? "/a" : "/");
    EXPECT_EQ(feed.packet().event_name(), "e");
    EXPECT_EQ(feed.packet().args().text(), R"({"_placeholder":true,"num":0})");
  }
}

TEST(SocketioDecoder, BoundsWhatAWaitingPacketKeeps) {
  const std::string header = R"(52-["e"])";
  Feed feed({.max_pending_bytes = header.size() + 10});
  ASSERT_EQ(feed.text(header), DecodeStatus::waiting);
  EXPECT_EQ(feed.decoder().pending_bytes(), header.size());
  ASSERT_EQ(feed.binary("123456"), DecodeStatus::waiting);
  EXPECT_EQ(feed.decoder().pending_bytes(), header.size() + 6);
  ASSERT_EQ(feed.binary("12345"), DecodeStatus::error);
  EXPECT_EQ(feed.decoder().error(), "packet too large");
  EXPECT_EQ(feed.decoder().pending_bytes(), 0U);
  EXPECT_FALSE(feed.decoder().waiting_for_attachments());

  feed.decoder().reset();
  for (const char* last : {"1234", "12345"}) {
    ASSERT_EQ(feed.text(header), DecodeStatus::waiting);
    ASSERT_EQ(feed.binary("12345"), DecodeStatus::waiting);
    EXPECT_EQ(feed.binary(last), DecodeStatus::packet);
  }
  EXPECT_EQ(feed.refusal(R"(51-["e", "a text over the limit"])"), "packet too large");
}

TEST(SocketioDecoder, LimitsTheNumberOfAttachments) {
  Feed feed({.max_attachments = 2});
  EXPECT_EQ(feed.refusal(R"(51-["e"])"), "");
  EXPECT_EQ(feed.refusal(R"(52-["e"])"), "");
  EXPECT_EQ(feed.refusal(R"(53-["e"])"), "too many attachments");
  EXPECT_EQ(feed.refusal(R"(518446744073709551617-["e"])"), "too many attachments");
  EXPECT_EQ(Feed({.max_attachments = 0}).refusal(R"(51-["e"])"), "too many attachments");
}

TEST(SocketioDecoder, TakesHugeLimitsAsTheyAre) {
  Feed feed({.max_attachments = std::numeric_limits<std::size_t>::max()});
  EXPECT_EQ(feed.refusal(R"(512-["e"])"), "");
  EXPECT_EQ(feed.refusal(R"(599999999999999999999999999-["e"])"), "");
  EXPECT_TRUE(feed.decoder().waiting_for_attachments());
}

TEST(SocketioDecoder, LimitsNames) {
  Feed feed;
  EXPECT_EQ(feed.refusal("2[\"" + std::string(1023, 'n') + "\"]"), "");
  EXPECT_EQ(feed.refusal("2[\"" + std::string(1024, 'n') + "\"]"), "");
  EXPECT_EQ(feed.refusal("2[\"" + std::string(1025, 'n') + "\"]"), "event name too long");
  std::string escaped;
  for (int i = 0; i < 1024; ++i) escaped += "\\u0041";
  EXPECT_EQ(feed.refusal("2[\"" + escaped + "\"]"), "");
  EXPECT_EQ(feed.refusal("2[\"" + escaped + "A\"]"), "event name too long");
  EXPECT_EQ(feed.refusal("0/" + std::string(254, 'n') + ","), "");
  EXPECT_EQ(feed.refusal("0/" + std::string(255, 'n') + ","), "");
  EXPECT_EQ(feed.refusal("0/" + std::string(256, 'n') + ","), "namespace too long");
  EXPECT_EQ(feed.refusal("0/" + std::string(100'000, 'n')), "namespace too long");
}

TEST(SocketioDecoder, LimitsTheDataOfAConnect) {
  Feed feed;
  const auto connect = [](std::size_t size) {
    return "0{\"a\":\"" + std::string(size - 8, 'x') + "\"}";
  };
  EXPECT_EQ(feed.refusal(connect(16 * 1024 - 1)), "");
  EXPECT_EQ(feed.refusal(connect(16 * 1024)), "");
  EXPECT_EQ(feed.refusal(connect(16 * 1024 + 1)), "packet too large");
  EXPECT_EQ(feed.refusal("2[\"e\",\"" + std::string(100'000, 'x') + "\"]"), "");
}

TEST(SocketioDecoder, LimitsDepthAndDigits) {
  Feed feed;
  EXPECT_EQ(feed.refusal("2[\"a\"," + std::string(126, '[') + std::string(126, ']') + "]"), "");
  EXPECT_EQ(feed.refusal("2[\"a\"," + std::string(127, '[') + std::string(127, ']') + "]"), "");
  EXPECT_EQ(feed.refusal("2[\"a\"," + std::string(128, '[') + std::string(128, ']') + "]"),
            "invalid payload");
  EXPECT_EQ(feed.refusal("2[\"a\"," + std::string(200'000, '[')), "invalid payload");
  EXPECT_EQ(feed.refusal("2[\"a\"," + std::string(10'000, '1') + "]"), "invalid payload");
}

// What is kept until the attachments come is about what is counted.
TEST(DecoderTest, KeepsLittleMoreThanTheTextOfAnUnfinishedPacket) {
  std::string text = R"(51-["e",{"_placeholder":true,"num":0})";
  constexpr std::size_t elements = 100'000;
  for (std::size_t i = 0; i < elements; ++i) text += ",0";
  text += ']';
  const DecoderLimits limits;
  Decoder decoder(limits);
  const engineio::Block attachment = engineio::Block::copy_of("A", engineio::BlockKind::binary);
  DecodedPacket packet;
  const std::size_t before = engineio::transports::allocated_bytes();
  ASSERT_EQ(decoder.feed_text(text, packet), DecodeStatus::waiting);
  packet.clear();
  EXPECT_LT(engineio::transports::allocated_bytes() - before, decoder.pending_bytes() + 10'000);
  ASSERT_EQ(decoder.feed_binary(attachment, packet), DecodeStatus::packet);
  EXPECT_EQ(packet.event_name(), "e");
  EXPECT_EQ(packet.args().size(), elements + 1);
  EXPECT_EQ(packet.args()[0], R"({"_placeholder":true,"num":0})");
  EXPECT_EQ(packet.args()[elements], "0");
}

// It would be called Infinity in JavaScript.
TEST(DecoderTest, RefusesAnEventNamedByANumberThatNoDoubleCanHold) {
  Feed feed;
  for (const char* text :
       {"2[1e400]", "2[-1e400,1]", R"(51-[1e400,{"_placeholder":true,"num":0}])"})
    EXPECT_EQ(feed.refusal(text), "invalid payload") << text;
  EXPECT_EQ(feed.refusal("2[1e4]"), "");
}

// A number that no double can hold would be Infinity at a JavaScript peer, which the reference
// sends as null.
TEST(SocketioDecoder, PassesNumbersBeyondDoubleOnAsNull) {
  Feed feed;
  ASSERT_EQ(feed.text(R"(2/a,3["echo" ,1e400,{"x":[-1e999,1e-999,"1e400"]} ])"),
            DecodeStatus::packet);
  EXPECT_EQ(feed.packet().args().text(), R"(null,{"x":[null,1e-999,"1e400"]})");
  EXPECT_EQ(feed.packet().event_name(), "echo");
  EXPECT_EQ(feed.packet().nsp(), "/a");
  EXPECT_EQ(feed.packet().id(), 3U);
  ASSERT_EQ(feed.text(R"(51-/b,["e",1e400,{"_placeholder":true,"num":0}])"), DecodeStatus::waiting);
  ASSERT_EQ(feed.binary("x"), DecodeStatus::packet);
  EXPECT_EQ(feed.packet().args().text(), R"(null,{"_placeholder":true,"num":0})");
  EXPECT_EQ(feed.packet().nsp(), "/b");
  EXPECT_EQ(feed.text(R"(0{"token":1e400})"), DecodeStatus::packet);
  EXPECT_EQ(feed.packet().data(), R"({"token":null})");
}

TEST(SocketioDecoder, StaysBrokenAfterAnErrorUntilReset) {
  Feed feed;
  ASSERT_EQ(feed.text("2[]"), DecodeStatus::error);
  EXPECT_EQ(feed.text(R"(2["e"])"), DecodeStatus::error);
  EXPECT_EQ(feed.binary("x"), DecodeStatus::error);
  EXPECT_EQ(feed.decoder().error(), "invalid payload");
  feed.decoder().reset();
  EXPECT_EQ(feed.text(R"(2["e"])"), DecodeStatus::packet);
  EXPECT_EQ(feed.decoder().error(), "");
}

TEST(SocketioDecoder, ForgetsAnUnfinishedPacketAtReset) {
  Feed feed;
  ASSERT_EQ(feed.text(R"(51-["e"])"), DecodeStatus::waiting);
  feed.decoder().reset();
  EXPECT_FALSE(feed.decoder().waiting_for_attachments());
  EXPECT_EQ(feed.text(R"(2["e"])"), DecodeStatus::packet);
}

TEST(SocketioDecoder, LetsGoOfAttachmentsWhenAPacketIsCleared) {
  Feed feed;
  ASSERT_EQ(feed.text(R"(51-["e",{"_placeholder":true,"num":0}])"), DecodeStatus::waiting);
  ASSERT_EQ(feed.binary("x"), DecodeStatus::packet);
  feed.packet().clear();
  EXPECT_TRUE(feed.packet().attachments().empty());
  EXPECT_TRUE(feed.packet().args().empty());
}

TEST(SocketioDecoder, IsSmallWhenIdle) { EXPECT_LE(sizeof(Decoder), 3 * sizeof(void*)); }

}  // namespace
}  // namespace socketio
