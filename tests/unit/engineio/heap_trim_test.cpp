#include "engineio/detail/heap_trim.hpp"

#include <gtest/gtest.h>

namespace engineio::detail {
namespace {

using namespace std::chrono_literals;

HeapTrim after_peak(std::size_t sessions) {
  HeapTrim heap;
  for (std::size_t i = 1; i <= sessions; ++i) heap.session_opened(i);
  return heap;
}

TEST(HeapTrim, is_due_when_half_of_many_sessions_have_ended) {
  const HeapTrim heap = after_peak(10'000);
  EXPECT_FALSE(heap.due(10'000, 0));
  EXPECT_FALSE(heap.due(5'001, 0));
  EXPECT_TRUE(heap.due(5'000, 0));
  EXPECT_TRUE(heap.due(0, 0));
}

TEST(HeapTrim, is_not_due_for_fewer_than_a_thousand) {
  EXPECT_FALSE(after_peak(999).due(0, 0));
  EXPECT_TRUE(after_peak(1'000).due(0, 0));
  EXPECT_FALSE(after_peak(1'500).due(501, 0));
  EXPECT_TRUE(after_peak(1'500).due(500, 0));
}

TEST(HeapTrim, is_due_when_much_has_become_free) {
  HeapTrim heap;
  EXPECT_FALSE(heap.due(0, 31'999'999));
  EXPECT_TRUE(heap.due(0, 32'000'000));
  heap.trim(0);
  const std::size_t kept = HeapTrim::free_bytes();
  EXPECT_FALSE(heap.due(0, kept + 31'000'000));
  EXPECT_TRUE(heap.due(0, kept + 33'000'000));
}

TEST(HeapTrim, is_not_due_again_until_there_were_many_again) {
  HeapTrim heap = after_peak(10'000);
  heap.trim(100);
  EXPECT_FALSE(heap.due(0, 0));
  for (std::size_t i = 101; i <= 2'000; ++i) heap.session_opened(i);
  EXPECT_FALSE(heap.due(1'001, 0));
  EXPECT_TRUE(heap.due(1'000, 0));
}

TEST(HeapTrim, looks_a_second_after_a_session_has_ended_and_then_rests) {
  HeapTrim heap = after_peak(10);
  const TimePoint start{std::chrono::hours(1)};
  EXPECT_EQ(heap.next_look(9, start), start + 1s);
  heap.look(9, 0, start + 1s);
  EXPECT_EQ(heap.next_look(8, start + 2s), start + 11s);
  EXPECT_EQ(heap.next_look(7, start + 10s), start + 11s);
  EXPECT_EQ(heap.next_look(6, start + 11s), start + 12s);
}

TEST(HeapTrim, does_not_rest_when_many_have_ended) {
  HeapTrim heap = after_peak(2'000);
  const TimePoint start{std::chrono::hours(1)};
  heap.look(1'999, 0, start);
  EXPECT_EQ(heap.next_look(1'001, start + 2s), start + 10s);
  EXPECT_EQ(heap.next_look(1'000, start + 2s), start + 3s);
}

}  // namespace
}  // namespace engineio::detail
