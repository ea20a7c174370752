#include "engineio/block.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace engineio {
namespace {

using namespace std::string_literals;

TEST(Block, is_empty_by_default) {
  const Block block;
  EXPECT_FALSE(block);
  EXPECT_EQ(block.size(), 0U);
  EXPECT_EQ(block.payload(), "");
}

TEST(Block, copies_bytes) {
  std::string text = "4hello";
  const Block block = Block::copy_of(text);
  text = "xxxxxx";
  EXPECT_TRUE(block);
  EXPECT_EQ(block.payload(), "4hello");
  EXPECT_EQ(block.size(), 6U);
  EXPECT_EQ(block.kind(), BlockKind::text);
}

TEST(Block, may_hold_nothing_at_all) {
  const Block block = Block::copy_of("", BlockKind::binary);
  EXPECT_TRUE(block);
  EXPECT_EQ(block.payload(), "");
  EXPECT_EQ(block.frame(), "\x82\x00"s);
}

// RFC 6455 5.2 at the bounds of its three length forms.
TEST(Block, has_the_frame_header_in_front) {
  struct Case {
    std::size_t size;
    std::string header;
  };
  for (const Case& one :
       {Case{1, "\x81\x01"}, Case{125, "\x81\x7d"}, Case{126, "\x81\x7e\x00\x7e"s},
        Case{65535, "\x81\x7e\xff\xff"}, Case{65536, "\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"s},
        Case{0x01020304, "\x81\x7f\x00\x00\x00\x00\x01\x02\x03\x04"s}}) {
    SCOPED_TRACE(one.size);
    const std::string payload(one.size, 'x');
    const Block block = Block::copy_of(payload);
    EXPECT_TRUE(block.frame() == one.header + payload);
    EXPECT_TRUE(block.payload() == payload);
    EXPECT_EQ(block.frame().data() + one.header.size(), block.payload().data());
    EXPECT_EQ(Block::copy_of(payload, BlockKind::binary).frame().front(), '\x82');
  }
}

TEST(Block, shares_bytes_with_its_copies) {
  Block first = Block::copy_of("4shared");
  const char* const at = first.payload().data();
  Block copy = first;
  Block moved = std::move(first);
  EXPECT_FALSE(first);
  EXPECT_EQ(copy.payload().data(), at);
  EXPECT_EQ(moved.payload().data(), at);
  copy = Block::copy_of("4other");
  EXPECT_EQ(moved.payload(), "4shared");
  Block& self = moved;
  moved = self;
  EXPECT_EQ(moved.payload(), "4shared");
  moved = Block();
  EXPECT_FALSE(moved);
}

TEST(Block, is_shared_between_threads) {
  const Block shared = Block::copy_of("4everyone");
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([shared] {
      for (int round = 0; round < 1000; ++round) {
        const Block mine = shared;
        const Block another = mine;
        EXPECT_EQ(another.payload(), "4everyone");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(BlockBuilder, grows_in_place_and_hands_over_without_a_copy) {
  BlockBuilder builder(4);
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    builder.append("piece");
    builder.push_back('0');
    expected += "piece0";
    ASSERT_EQ(builder.size(), expected.size());
  }
  EXPECT_EQ(builder.view(), expected);
  const Block block = builder.finish();
  EXPECT_EQ(block.payload(), expected);
  EXPECT_EQ(builder.size(), 0U);
}

TEST(BlockBuilder, does_not_move_a_block_that_fits) {
  BlockBuilder builder(100);
  builder.append("4fits");
  const char* const at = builder.view().data();
  EXPECT_EQ(builder.finish().payload().data(), at);
}

TEST(BlockBuilder, can_be_used_again) {
  BlockBuilder builder;
  builder.append("4one");
  const Block one = builder.finish();
  builder.append("two");
  const Block two = builder.finish(BlockKind::binary);
  EXPECT_EQ(one.payload(), "4one");
  EXPECT_EQ(two.frame(), "\x82\x03two");
  EXPECT_EQ(builder.finish().payload(), "");
}

TEST(BlockBuilder, extends_and_shrinks) {
  BlockBuilder builder;
  builder.append("4");
  std::copy_n("abcdef", 6, builder.extend(6));
  builder.shrink(4);
  EXPECT_EQ(builder.finish().payload(), "4abc");
}

TEST(BlockBuilder, gives_slack_back) {
  BlockBuilder builder(100'000);
  builder.append("4small");
  EXPECT_EQ(builder.finish().payload(), "4small");
}

TEST(BlockBuilder, takes_its_bytes_along_when_moved) {
  BlockBuilder builder;
  builder.append("4moved");
  BlockBuilder other = std::move(builder);
  EXPECT_EQ(other.finish().payload(), "4moved");
  const BlockBuilder dropped = [] {
    BlockBuilder made;
    made.append("never finished");
    return made;
  }();
  EXPECT_EQ(dropped.view(), "never finished");
}

TEST(BlockBuilder, refuses_more_than_a_block_can_hold) {
  BlockBuilder builder;
  builder.append("4");
  EXPECT_THROW(builder.extend(std::size_t{1} << 32), std::length_error);
  EXPECT_EQ(builder.finish().payload(), "4");  // still good
}

}  // namespace
}  // namespace engineio
