#include "engineio/deadline_queue.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace engineio {
namespace {

using namespace std::chrono_literals;

class Note final : public Deadline {
 public:
  Note(std::string name, std::vector<std::string>& fired) : name_(std::move(name)), fired_(fired) {}
  std::function<void()> then;

 private:
  void expired() override {
    fired_.push_back(name_);
    if (then) then();
  }
  std::string name_;
  std::vector<std::string>& fired_;
};

class DeadlineQueueTest : public testing::Test {
 protected:
  TimePoint at(Duration after) const { return start_ + after; }

  std::vector<std::string> fired;
  DeadlineQueue queue;
  Note a{"a", fired};
  Note b{"b", fired};
  Note c{"c", fired};

 private:
  TimePoint start_ = TimePoint() + 1h;
};

using Names = std::vector<std::string>;

TEST_F(DeadlineQueueTest, has_nothing_at_first) {
  EXPECT_EQ(queue.next(), std::nullopt);
  queue.expire(at(1h));
  EXPECT_FALSE(a.armed());
}

TEST_F(DeadlineQueueTest, fires_at_the_time_and_not_before) {
  queue.arm(a, 10s, at(0s));
  EXPECT_TRUE(a.armed());
  EXPECT_EQ(a.due(), at(10s));
  EXPECT_EQ(queue.next(), at(10s));
  queue.expire(at(10s) - 1ns);
  EXPECT_EQ(fired, Names{});
  queue.expire(at(10s));
  EXPECT_EQ(fired, Names{"a"});
  EXPECT_FALSE(a.armed());
  EXPECT_EQ(queue.next(), std::nullopt);
}

TEST_F(DeadlineQueueTest, fires_the_earliest_first_across_durations) {
  queue.arm(a, 30s, at(0s));
  queue.arm(b, 10s, at(5s));
  queue.arm(c, 20s, at(6s));
  EXPECT_EQ(queue.next(), at(15s));
  queue.expire(at(1h));
  EXPECT_EQ(fired, (Names{"b", "c", "a"}));
}

TEST_F(DeadlineQueueTest, keeps_the_order_of_arming_within_a_duration) {
  queue.arm(b, 10s, at(0s));
  queue.arm(a, 10s, at(0s));
  queue.arm(c, 10s, at(1s));
  queue.expire(at(10s));
  EXPECT_EQ(fired, (Names{"b", "a"}));
  EXPECT_TRUE(c.armed());
}

TEST_F(DeadlineQueueTest, moves_an_armed_deadline) {
  queue.arm(a, 10s, at(0s));
  queue.arm(b, 10s, at(1s));
  queue.arm(a, 10s, at(2s));
  queue.arm(b, 1s, at(2s));
  EXPECT_EQ(queue.next(), at(3s));
  queue.expire(at(11s));
  EXPECT_EQ(fired, Names{"b"});
  queue.expire(at(12s));
  EXPECT_EQ(fired, (Names{"b", "a"}));
}

TEST_F(DeadlineQueueTest, forgets_what_is_cancelled_or_destroyed) {
  auto gone = std::make_unique<Note>("gone", fired);
  queue.arm(a, 10s, at(0s));
  queue.arm(*gone, 10s, at(0s));
  a.cancel();
  a.cancel();
  gone.reset();
  EXPECT_EQ(queue.next(), std::nullopt);
  queue.expire(at(1h));
  EXPECT_EQ(fired, Names{});
}

TEST_F(DeadlineQueueTest, lets_a_deadline_arm_itself_again) {
  a.then = [&] { queue.arm(a, 10s, at(10s)); };
  queue.arm(a, 10s, at(0s));
  queue.expire(at(10s));
  EXPECT_EQ(fired, Names{"a"});
  EXPECT_EQ(a.due(), at(20s));
}

// Else one that always arms itself for now would keep the loop for ever.
TEST_F(DeadlineQueueTest, leaves_what_is_armed_meanwhile_for_the_next_time) {
  TimePoint now = at(10s);
  a.then = [&] {
    if (fired.size() < 5) queue.arm(a, 0s, now);
  };
  queue.arm(a, 10s, at(0s));
  queue.expire(now);
  EXPECT_EQ(fired, Names{"a"});
  EXPECT_TRUE(a.armed());
  now += 1ns;
  queue.expire(now);
  EXPECT_EQ(fired, (Names{"a", "a"}));
}

TEST_F(DeadlineQueueTest, lets_a_deadline_cancel_and_destroy_others_and_itself) {
  auto self = std::make_unique<Note>("self", fired);
  self->then = [&] {
    b.cancel();
    self.reset();
  };
  queue.arm(*self, 10s, at(0s));
  queue.arm(b, 10s, at(0s));
  queue.arm(c, 10s, at(0s));
  queue.expire(at(10s));
  EXPECT_EQ(fired, (Names{"self", "c"}));
}

// A lane that ran empty serves another duration; what is armed with the old one must not end up
// behind it.
TEST_F(DeadlineQueueTest, reuses_lanes_without_mixing_them) {
  for (int i = 1; i <= 50; ++i) {
    const Duration now = i * 1min;
    queue.arm(a, i * 1s, at(now));
    queue.arm(b, 5s, at(now));
    queue.arm(c, 100s, at(now));
    EXPECT_EQ(queue.next(), at(now + std::min<Duration>(i * 1s, 5s)));
    fired.clear();
    queue.expire(at(now + 59s));
    EXPECT_EQ(fired, i < 5 ? (Names{"a", "b"}) : i == 5 ? (Names{"a", "b"}) : (Names{"b", "a"}));
  }
}

TEST_F(DeadlineQueueTest, shares_lanes_between_many_durations) {
  std::vector<std::unique_ptr<Note>> notes;
  for (int i = 0; i < 10'000; ++i) {
    const Duration after = 1ms + i * 1234567ns;
    queue.arm(*notes.emplace_back(std::make_unique<Note>("note", fired)), after, at(0s));
    EXPECT_GE(notes.back()->due(), at(after));
    EXPECT_LE(notes.back()->due(), at(after + after / 8));
  }
  EXPECT_LT(queue.lanes(), 200U);
  queue.expire(at(1h));
  EXPECT_EQ(fired.size(), notes.size());
  queue.arm(a, 25s, at(1h));
  EXPECT_EQ(a.due(), at(1h + 25s));
  EXPECT_LE(queue.lanes(), 2U);
}

TEST_F(DeadlineQueueTest, takes_any_duration) {
  queue.arm(a, Duration::max(), at(0s));
  queue.arm(b, Duration::min(), at(0s));
  EXPECT_GT(a.due(), at(24h * 365));
  EXPECT_EQ(b.due(), at(1ns));
  queue.expire(at(1ns));
  EXPECT_EQ(fired, Names{"b"});
}

}  // namespace
}  // namespace engineio
