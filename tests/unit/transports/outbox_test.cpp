#include "transports/outbox.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/transports/allocated_bytes.hpp"
#include "tests/unit/transports/socket_pair.hpp"

namespace engineio::transports {
namespace {

void push(Outbox& outbox, std::string_view text) {
  const Block block = Block::copy_of(text);
  outbox.push(block, block.payload());
}

TEST(Outbox, is_empty_at_first) {
  SocketPair sockets;
  Outbox outbox;
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.bytes(), 0U);
  EXPECT_EQ(outbox.write_to(sockets.here()), Outbox::Progress::emptied);
}

TEST(Outbox, writes_pieces_in_order) {
  SocketPair sockets;
  Outbox outbox;
  push(outbox, "one ");
  outbox.push(Block(), "two ");
  push(outbox, "");
  push(outbox, "three");
  EXPECT_EQ(outbox.bytes(), 13U);
  EXPECT_EQ(outbox.front(), "one ");
  EXPECT_EQ(outbox.write_to(sockets.here()), Outbox::Progress::emptied);
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.bytes(), 0U);
  EXPECT_EQ(sockets.read_there(), "one two three");
}

TEST(Outbox, writes_more_pieces_than_fit_into_one_call) {
  SocketPair sockets;
  Outbox outbox;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    push(outbox, std::to_string(i) + ' ');
    expected += std::to_string(i) + ' ';
  }
  EXPECT_EQ(outbox.write_to(sockets.here()), Outbox::Progress::emptied);
  EXPECT_EQ(sockets.read_there(), expected);
}

TEST(Outbox, goes_on_where_the_socket_was_full) {
  SocketPair sockets(4096);
  Outbox outbox;
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    const std::string piece = std::string(1000, static_cast<char>('a' + i % 26));
    push(outbox, piece);
    expected += piece;
  }
  std::string received;
  auto progress = outbox.write_to(sockets.here());
  EXPECT_EQ(progress, Outbox::Progress::blocked);
  while (progress == Outbox::Progress::blocked) {
    received += sockets.read_there();
    EXPECT_EQ(received.size() + outbox.bytes(), expected.size());
    progress = outbox.write_to(sockets.here());
  }
  received += sockets.read_there();
  EXPECT_EQ(progress, Outbox::Progress::emptied);
  EXPECT_TRUE(received == expected);
}

TEST(Outbox, takes_more_while_it_is_blocked) {
  SocketPair sockets(4096);
  Outbox outbox;
  push(outbox, std::string(100'000, 'x'));
  EXPECT_EQ(outbox.write_to(sockets.here()), Outbox::Progress::blocked);
  push(outbox, "end");
  std::string received;
  while (outbox.write_to(sockets.here()) == Outbox::Progress::blocked)
    received += sockets.read_there();
  received += sockets.read_there();
  EXPECT_EQ(received.size(), 100'003U);
  EXPECT_TRUE(received.ends_with("xend"));
}

TEST(Outbox, tells_a_broken_connection) {
  SocketPair sockets;
  Outbox outbox;
  push(outbox, "x");
  sockets.close_there();
  EXPECT_EQ(outbox.write_to(sockets.here()), Outbox::Progress::failed);
}

TEST(Outbox, gives_bytes_away_in_pieces) {
  Outbox outbox;
  push(outbox, "abc");
  push(outbox, "defg");
  outbox.consume(2);
  EXPECT_EQ(outbox.front(), "c");
  EXPECT_EQ(outbox.bytes(), 5U);
  outbox.consume(3);
  EXPECT_EQ(outbox.front(), "fg");
  outbox.consume(2);
  EXPECT_TRUE(outbox.empty());
}

// A client that reads as fast as others write, never faster.
TEST(Outbox, does_not_grow_with_what_has_left) {
  Outbox outbox;
  outbox.push(Block(), "first");
  const std::size_t before = allocated_bytes();
  for (int i = 0; i < 100'000; ++i) {
    outbox.push(Block(), "12345");
    outbox.consume(5);
  }
  EXPECT_EQ(outbox.bytes(), 5U);
  EXPECT_LT(allocated_bytes(), before + 100'000);
}

TEST(Outbox, keeps_no_memory_once_everything_has_left) {
  Outbox outbox;
  const std::size_t before = allocated_bytes();
  for (int i = 0; i < 1'000; ++i) outbox.push(Block(), "12345");
  outbox.consume(5'000);
  EXPECT_TRUE(outbox.empty());
  EXPECT_LE(allocated_bytes(), before);
}

TEST(Outbox, keeps_its_order_while_it_never_empties) {
  Outbox outbox;
  std::vector<std::string> texts;
  for (int i = 0; i < 3'000; ++i) texts.push_back(std::to_string(i));
  std::size_t next = 0;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    outbox.push(Block(), texts[i]);
    if (i < 700) continue;
    EXPECT_EQ(outbox.front(), texts[next]);
    outbox.consume(texts[next++].size());
  }
  for (; next < texts.size(); ++next) {
    ASSERT_EQ(outbox.front(), texts[next]);
    outbox.consume(texts[next].size());
  }
  EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, keeps_what_it_refers_to_alive_until_it_has_left) {
  Outbox outbox;
  {
    const Block block = Block::copy_of("4kept");
    outbox.push(block, block.frame());
  }
  EXPECT_EQ(outbox.front(),
            "\x81\x05"
            "4kept");
  outbox.clear();
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.bytes(), 0U);
}

}  // namespace
}  // namespace engineio::transports
