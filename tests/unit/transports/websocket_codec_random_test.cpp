#include <algorithm>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/transports/allocated_bytes.hpp"
#include "tests/unit/transports/websocket_codec_script.hpp"
#include "tests/unit/transports/websocket_frames.hpp"

namespace engineio::transports {
namespace {

using Random = std::mt19937;

std::size_t up_to(Random& random, std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(0, most)(random);
}

/// Mostly short, sometimes around the sizes at which something changes.
std::size_t random_size(Random& random) {
  static constexpr std::size_t edges[] = {0,    1,    7,    8,     125,   126,   127,
                                          1535, 1536, 1537, 65535, 65536, 70'000};
  return up_to(random, 3) > 0 ? up_to(random, 40) : edges[up_to(random, std::size(edges) - 1)];
}

std::string random_text(Random& random, std::size_t about) {
  static const std::vector<std::string> pieces = {"a", "Z", " ", "\n", "é", "߿",
                                                  "ࠀ", "€", "�", "𐀀",  "😀", "\xf4\x8f\xbf\xbf"};
  std::string text;
  while (text.size() < about) text += pieces[up_to(random, pieces.size() - 1)];
  return text;
}

std::string random_bytes(Random& random, std::size_t size) {
  std::string bytes(size, '\0');
  std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(up_to(random, 255)); });
  return bytes;
}

/// A client's stream and what a server must make of it.
struct Conversation {
  std::string stream;
  Events expected;
};

void add_control_frames(Random& random, Conversation& out) {
  while (up_to(random, 4) == 0) {
    const std::string payload = random_bytes(random, up_to(random, 125));
    const bool ping = up_to(random, 2) > 0;
    out.stream +=
        to_bytes({.opcode = static_cast<unsigned char>(ping ? 9 : 10), .payload = payload});
    if (ping) out.expected.push_back("out " + server_pong(payload));
  }
}

void add_message(Random& random, Conversation& out) {
  const bool text = up_to(random, 1) == 0;
  const std::string content =
      text ? random_text(random, random_size(random)) : random_bytes(random, random_size(random));
  auto opcode = static_cast<unsigned char>(text ? 1 : 2);
  std::size_t at = 0;
  for (std::size_t fragments = up_to(random, 2) == 0 ? up_to(random, 4) : 0; fragments > 0;
       --fragments, opcode = 0) {
    const std::size_t size = up_to(random, content.size() - at);
    out.stream += fragment(opcode, std::string_view(content).substr(at, size));
    at += size;
    add_control_frames(random, out);
  }
  const auto mask = random_bytes(random, 4);
  out.stream += to_bytes({.opcode = opcode,
                          .payload = std::string_view(content).substr(at),
                          .mask = {mask[0], mask[1], mask[2], mask[3]}});
  out.expected.push_back((text ? "text " : "binary ") + content);
}

Conversation random_conversation(Random& random) {
  Conversation made;
  for (std::size_t messages = up_to(random, 12); messages > 0; --messages) {
    add_control_frames(random, made);
    add_message(random, made);
  }
  if (up_to(random, 1) == 0) {
    made.stream += client_close(1000);
    made.expected.insert(made.expected.end(), {"out " + server_close(1000), "closed 1000"});
  }
  return made;
}

Events run_randomly_split(Random& random, const std::string& stream) {
  CodecRun run;
  const std::size_t most = std::vector<std::size_t>{3, 20, 100, 3000, 100'000}[up_to(random, 4)];
  for (std::size_t at = 0; at < stream.size();) {
    const std::size_t size = 1 + up_to(random, most);
    run.feed(stream.substr(at, size));
    at += size;
  }
  return run.events();
}

TEST(WebSocketCodecRandom, ValidStreamsGiveTheirMessages) {
  Random random(1);
  for (int round = 0; round < 50; ++round) {
    const Conversation conversation = random_conversation(random);
    ASSERT_EQ(run(conversation.stream), conversation.expected) << "round " << round;
    ASSERT_EQ(run_randomly_split(random, conversation.stream), conversation.expected)
        << "round " << round;
  }
}

// Whole frames are read in place, pieces of frames put together, fragments read by Beast: all must
// come to the same verdict on anything.
TEST(WebSocketCodecRandom, DamagedStreamsGiveTheSameHoweverSplit) {
  Random random(2);
  std::size_t faults = 0;
  for (int round = 0; round < 300; ++round) {
    std::string stream = random_conversation(random).stream.substr(0, 200);
    for (std::size_t damages = 1 + up_to(random, 3); damages > 0 && !stream.empty(); --damages) {
      stream[up_to(random, stream.size() - 1)] = static_cast<char>(up_to(random, 255));
    }
    const Events whole = run(stream);
    ASSERT_EQ(CodecRun().feed_in_pieces(stream, 0, 1).events(), whole) << "round " << round;
    ASSERT_EQ(run_randomly_split(random, stream), whole) << "round " << round;
    if (!whole.empty() && whole.back().starts_with("fault")) ++faults;
  }
  EXPECT_GT(faults, 75U);
}

TEST(WebSocketCodecRandom, CodecsOfDifferentThreadsAreIndependent) {
  std::vector<std::thread> threads;
  for (unsigned seed = 10; seed < 14; ++seed) {
    threads.emplace_back([seed] {
      Random random(seed);
      for (int round = 0; round < 5; ++round) {
        const Conversation conversation = random_conversation(random);
        EXPECT_EQ(run_randomly_split(random, conversation.stream), conversation.expected);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

/// A sink that allocates nothing.
struct Deaf final : WebSocketCodecSink {
  void on_text(std::string_view) override {}
  void on_binary(const Block&) override {}
  void on_output(std::string_view) override {}
  void on_stream_end(const WebSocketEnd&) override {}
  bool turn_is_over() override { return false; }
};

class WebSocketCodecMemory : public ::testing::Test {
 protected:
  WebSocketCodecMemory() {  // what happens once only: registrations in the context, static data
    WebSocketCodec first(context_, sink_, limits_, 1000);
    std::string ping = ping_frame();
    first.feed(ping);
  }

  boost::asio::execution_context context_;
  Deaf sink_;
  Limits limits_;
};

TEST_F(WebSocketCodecMemory, AnIdleCodecOwnsNothing) {
  WebSocketCodec codec(context_, sink_, limits_, 1'000'000);
  std::string stream = binary_frame(std::string(300'000, 'x')) + fragment(1, "a") +
                       last_fragment("b") + ping_frame("p");
  std::string first = ping_frame("p");
  codec.feed(first);  // Beast registers with the context at its first use, once and for all codecs
  const std::size_t before = allocated_bytes();
  for (std::size_t at = 0; at < stream.size(); at += 1000) {
    codec.feed(std::span(stream).subspan(at, std::min<std::size_t>(1000, stream.size() - at)));
  }
  ASSERT_FALSE(codec.message_in_progress());
  // What Beast needs for a frame in pieces is over 4 KB; glibc counts small freed pieces as in use.
  EXPECT_LT(allocated_bytes(), before + 1024);
  EXPECT_LE(sizeof(WebSocketCodec), 192U);
}

TEST_F(WebSocketCodecMemory, AnAnnouncedMessageTakesNoMemoryBeforeItComes) {
  WebSocketCodec codec(context_, sink_, limits_, 1'000'000);
  std::string header = to_bytes({.opcode = 2, .payload = "x", .declared = 1'000'000});
  const std::size_t before = allocated_bytes();
  codec.feed(header);
  ASSERT_TRUE(codec.message_in_progress());
  EXPECT_LT(allocated_bytes() - before, 8'000U);
}

TEST_F(WebSocketCodecMemory, AMessageTakesLittleMoreThanItsBytes) {
  WebSocketCodec codec(context_, sink_, limits_, 1'000'000);
  std::string stream = binary_frame(std::string(1'000'000, 'x'));
  const std::size_t before = allocated_bytes();
  for (std::size_t at = 0; at < 900'000; at += 10'000)
    codec.feed(std::span(stream).subspan(at, 10'000));
  EXPECT_LT(allocated_bytes() - before, 2'100'000U);
}

// T73: empty fragments must not cost memory.
TEST_F(WebSocketCodecMemory, EmptyFragmentsTakeNoMemory) {
  WebSocketCodec codec(context_, sink_, limits_, 1'000'000);
  std::string start = fragment(2, "x");
  codec.feed(start);
  const std::size_t before = allocated_bytes();
  for (int i = 0; i < 10'000; ++i) {
    std::string empty = fragment(0, "");
    codec.feed(empty);
  }
  EXPECT_LE(allocated_bytes(), before);
}

}  // namespace
}  // namespace engineio::transports
