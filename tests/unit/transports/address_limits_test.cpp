#include "transports/address_limits.hpp"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace engineio::transports {
namespace {

using namespace std::chrono_literals;

class AddressLimitsTest : public testing::Test {
 protected:
  Limits limits;
  std::shared_ptr<AddressLimits> address_limits = std::make_shared<AddressLimits>(limits);
  TimePoint start = TimePoint() + 1h;
};

TEST_F(AddressLimitsTest, counts_nothing_unless_told_to) {
  std::vector<std::shared_ptr<const void>> places;
  for (int i = 0; i < 10'000; ++i) {
    places.push_back(address_limits->admit_connection("1.2.3.4"));
    EXPECT_NE(places.back(), nullptr);
    EXPECT_TRUE(address_limits->admit_session("1.2.3.4", start));
    EXPECT_TRUE(address_limits->admit_guess("1.2.3.4", start, false));
  }
}

TEST_F(AddressLimitsTest, admits_connections_up_to_the_limit_and_takes_places_back) {
  limits.connections_per_address = 2;
  auto first = address_limits->admit_connection("1.2.3.4");
  auto second = address_limits->admit_connection("1.2.3.4");
  const auto copy = second;
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(address_limits->admit_connection("1.2.3.4"), nullptr);
  EXPECT_NE(address_limits->admit_connection("1.2.3.5"), nullptr);
  second.reset();
  EXPECT_EQ(address_limits->admit_connection("1.2.3.4"), nullptr);  // a copy holds the place
  first.reset();
  EXPECT_NE(address_limits->admit_connection("1.2.3.4"), nullptr);
}

TEST_F(AddressLimitsTest, outlives_its_last_user_for_the_places_it_gave) {
  limits.connections_per_address = 1;
  const auto place = address_limits->admit_connection("1.2.3.4");
  address_limits.reset();
  EXPECT_EQ(place.use_count(), 1);
}

TEST_F(AddressLimitsTest, admits_sessions_up_to_the_limit_each_second) {
  limits.sessions_per_second_per_address = 2;
  EXPECT_TRUE(address_limits->admit_session("1.2.3.4", start));
  EXPECT_TRUE(address_limits->admit_session("1.2.3.4", start + 500ms));
  EXPECT_FALSE(address_limits->admit_session("1.2.3.4", start + 999ms));
  EXPECT_TRUE(address_limits->admit_session("1.2.3.5", start + 999ms));
  EXPECT_TRUE(address_limits->admit_session("1.2.3.4", start + 1s));
}

TEST_F(AddressLimitsTest, T29_admits_wrong_guesses_up_to_the_limit_each_second) {
  limits.unknown_sessions_per_second_per_address = 2;
  const auto guess = [&](TimePoint now, bool exists = false) {
    return address_limits->admit_guess("1.2.3.4", now, exists);
  };
  EXPECT_TRUE(guess(start));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(guess(start, true));  // a session of another address
  EXPECT_TRUE(guess(start + 999ms));
  EXPECT_FALSE(guess(start + 999ms));
  EXPECT_FALSE(guess(start + 999ms, true));  // the answer would tell that it hit
  EXPECT_TRUE(address_limits->admit_guess("1.2.3.5", start + 999ms, false));
  EXPECT_TRUE(address_limits->admit_session("1.2.3.4", start + 999ms));
  EXPECT_TRUE(guess(start + 1s, true));
}

TEST_F(AddressLimitsTest, forgets_addresses_that_are_long_gone) {
  limits.sessions_per_second_per_address = 1;
  for (int i = 0; i < 20'000; ++i) {
    const std::string address = "10." + std::to_string(i / 65536) + '.' +
                                std::to_string(i / 256 % 256) + '.' + std::to_string(i % 256);
    EXPECT_TRUE(address_limits->admit_session(address, start + i * 1ms));
    EXPECT_FALSE(address_limits->admit_session(address, start + i * 1ms));
  }
}

TEST_F(AddressLimitsTest, is_used_by_all_loops) {
  limits.connections_per_address = 3;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 1000; ++round) {
        const auto place = address_limits->admit_connection("1.2.3.4");
        (void)address_limits->admit_connection("1.2.3.4");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::shared_ptr<const void>> places;
  for (int i = 0; i < 3; ++i)
    EXPECT_NE(places.emplace_back(address_limits->admit_connection("1.2.3.4")), nullptr);
  EXPECT_EQ(address_limits->admit_connection("1.2.3.4"), nullptr);
}

TEST(AddressGroup, is_the_address_or_its_64) {
  struct Case {
    const char* address;
    const char* group;
  };
  for (const Case& one :
       {Case{"1.2.3.4", "1.2.3.4"}, Case{"::ffff:1.2.3.4", "1.2.3.4"},
        Case{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"}, Case{"2001:db8:1:2::", "2001:db8:1:2::"},
        Case{"2001:db8:1:3::1", "2001:db8:1:3::"}, Case{"::1", "::"},
        Case{"no address", "no address"}, Case{"", ""}}) {
    EXPECT_EQ(AddressLimits::group_of(one.address), one.group) << one.address;
  }
}

}  // namespace
}  // namespace engineio::transports
