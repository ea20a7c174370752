#include "engineio/detail/block_memory.hpp"

#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace engineio::detail {
namespace {

TEST(BlockMemory, has_room_for_what_was_asked_for) {
  release_kept_blocks();
  for (const std::size_t bytes :
       {1U, 63U, 64U, 65U, 2'048U, 2'049U, 65'472U, 65'473U, 1'000'000U, 5'000'000U}) {
    const BlockMemory memory = allocate_block(bytes);
    EXPECT_GE(memory.capacity, bytes);
    EXPECT_LT(memory.capacity, bytes + 64);
    EXPECT_EQ(memory.capacity, block_capacity(bytes));
    std::memset(memory.bytes, 'x', memory.capacity);
    free_block(memory);
  }
}

TEST(BlockMemory, gives_no_more_than_twice_of_what_was_asked_for) {
  release_kept_blocks();
  std::size_t kept = 64 * 1024;
  for (int i = 0; i < 200; ++i, kept = kept * 21 / 20) free_block(allocate_block(kept));
  for (std::size_t bytes = 64 * 1024; bytes < 8'000'000; bytes += 99'999) {
    const BlockMemory memory = allocate_block(bytes);
    EXPECT_GE(memory.capacity, bytes);
    EXPECT_LE(memory.capacity / 2, bytes + 64);
    std::memset(memory.bytes, 'x', memory.capacity);
    free_block(memory);
  }
}

TEST(BlockMemory, is_nobody_elses_while_it_is_in_use) {
  std::set<void*> seen;
  std::vector<BlockMemory> all;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 1'000; ++i) {
      all.push_back(allocate_block(100));
      EXPECT_TRUE(seen.insert(all.back().bytes).second);
    }
    for (const BlockMemory& memory : all) free_block(memory);
    all.clear();
    seen.clear();
  }
}

TEST(BlockMemory, of_large_blocks_is_nobody_elses_either) {
  for (int round = 0; round < 3; ++round) {
    std::set<void*> seen;
    std::vector<BlockMemory> all;
    for (std::size_t i = 0; i < 100; ++i) {
      all.push_back(allocate_block(64 * 1024 + i * 3'000));
      EXPECT_TRUE(seen.insert(all.back().bytes).second);
    }
    for (const BlockMemory& memory : all) free_block(memory);
  }
}

TEST(BlockMemory, may_be_freed_by_another_thread_which_may_end) {
  std::vector<BlockMemory> all;
  for (int i = 0; i < 100; ++i) all.push_back(allocate_block(300));
  std::thread([&] {
    for (const BlockMemory& memory : all) free_block(memory);
    free_block(allocate_block(300));
  }).join();
}

TEST(BlockMemory, serves_containers) {
  std::vector<int, BlockAllocator<int>> numbers;
  for (int i = 0; i < 10'000; ++i) numbers.push_back(i);
  for (int i = 0; i < 10'000; ++i) ASSERT_EQ(numbers[static_cast<std::size_t>(i)], i);
  const auto copy = numbers;
  EXPECT_EQ(copy, numbers);
}

}  // namespace
}  // namespace engineio::detail
