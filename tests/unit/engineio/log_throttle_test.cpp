#include "engineio/detail/log_throttle.hpp"

#include <gtest/gtest.h>

namespace engineio::detail {
namespace {

using namespace std::chrono_literals;

TEST(LogThrottle, lets_one_line_a_second_through_and_counts_the_others) {
  LogThrottle throttle;
  const TimePoint start = TimePoint() + 1h;
  EXPECT_EQ(throttle.admit(start), "");
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(throttle.admit(start + i * 1us), std::nullopt);
  EXPECT_EQ(throttle.admit(start + 1s - 1ns), std::nullopt);
  EXPECT_EQ(throttle.admit(start + 1s), " (1001 more not shown)");
  EXPECT_EQ(throttle.admit(start + 1s), std::nullopt);
  EXPECT_EQ(throttle.admit(start + 2h), " (1 more not shown)");
  EXPECT_EQ(throttle.admit(start + 3h), "");
}

}  // namespace
}  // namespace engineio::detail
