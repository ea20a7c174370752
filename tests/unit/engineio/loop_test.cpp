#include "engineio/loop.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace engineio {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

class Task final : public TurnTask {
 public:
  explicit Task(std::function<void()> run) : run_(std::move(run)) {}

 private:
  void end_of_turn() override { run_(); }
  std::function<void()> run_;
};

class LoopTest : public testing::Test {
 protected:
  std::function<void()> noting(std::string name) {
    return [this, name] { names.push_back(name); };
  }

  Names names;
  boost::asio::io_context context{1};
  Loop loop{context, 2, 5};
};

TEST_F(LoopTest, knows_its_place) {
  EXPECT_EQ(loop.index(), 2U);
  EXPECT_EQ(loop.count(), 5U);
  EXPECT_EQ(&loop.context(), &context);
}

TEST_F(LoopTest, knows_how_long_its_turn_lasts) {
  const Loop::Turn turn(loop);
  const TimePoint began = loop.now();
  EXPECT_TRUE(loop.turn_lasts(0ms));
  EXPECT_FALSE(loop.turn_lasts(1h));
  while (Clock::now() - began < 2ms) {
  }
  EXPECT_TRUE(loop.turn_lasts(2ms));
  EXPECT_FALSE(loop.turn_lasts(1h));
}

TEST_F(LoopTest, runs_tasks_at_the_end_of_the_turn_once_and_in_order) {
  Task a(noting("a"));
  Task b(noting("b"));
  {
    const Loop::Turn turn(loop);
    loop.at_end_of_turn(b);
    loop.at_end_of_turn(a);
    loop.at_end_of_turn(b);
    names.push_back("work");
  }
  EXPECT_EQ(names, (Names{"work", "b", "a"}));
  { const Loop::Turn turn(loop); }
  EXPECT_EQ(names.size(), 3U);
}

TEST_F(LoopTest, ends_the_turn_with_its_outermost_scope) {
  Task a(noting("a"));
  {
    const Loop::Turn outer(loop);
    {
      const Loop::Turn inner(loop);
      loop.at_end_of_turn(a);
    }
    names.push_back("still the turn");
  }
  EXPECT_EQ(names, (Names{"still the turn", "a"}));
}

TEST_F(LoopTest, runs_what_tasks_register_in_the_same_turn) {
  int rounds = 0;
  std::optional<Task> again;
  Task other(noting("other"));
  again.emplace([&] {
    names.push_back("again");
    if (++rounds < 3) loop.at_end_of_turn(*again);
    if (rounds == 1) loop.at_end_of_turn(other);
  });
  {
    const Loop::Turn turn(loop);
    loop.at_end_of_turn(*again);
  }
  EXPECT_EQ(names, (Names{"again", "again", "other", "again"}));
}

TEST_F(LoopTest, ends_a_turn_though_a_task_always_registers_itself) {
  int rounds = 0;
  std::optional<Task> again;
  again.emplace([&] {
    ++rounds;
    loop.at_end_of_turn(*again);
  });
  const auto kept = std::make_shared<int>(1);
  {
    const Loop::Turn turn(loop);
    loop.at_end_of_turn(*again);
    loop.keep_until_end_of_turn(kept);
  }
  const int of_one_turn = rounds;
  EXPECT_GT(of_one_turn, 1);
  EXPECT_EQ(kept.use_count(), 2);
  loop.post(noting("another's turn"));
  EXPECT_EQ(context.run_one(), 1U);
  EXPECT_EQ(rounds, 2 * of_one_turn);
  EXPECT_EQ(context.run_one(), 1U);
  EXPECT_EQ(names, Names{"another's turn"});
  again.reset();
  context.poll();
  EXPECT_EQ(kept.use_count(), 1);
}

// Below such a call there may be callers which still use what it lets go of.
TEST_F(LoopTest, ends_a_call_from_outside_of_a_turn_in_a_turn_of_its_own) {
  Task task(noting("end of turn"));
  const auto kept = std::make_shared<int>(1);
  {
    const Loop::Call call(loop);
    loop.at_end_of_turn(task);
    {
      const Loop::Turn turn(loop);
      loop.keep_until_end_of_turn(kept);
    }
  }
  names.push_back("caller");
  EXPECT_EQ(kept.use_count(), 2);
  EXPECT_EQ(context.poll(), 1U);
  EXPECT_EQ(names, (Names{"caller", "end of turn"}));
  EXPECT_EQ(kept.use_count(), 1);
  context.restart();
  {
    const Loop::Turn turn(loop);
    const Loop::Call call(loop);
    loop.at_end_of_turn(task);
  }
  EXPECT_EQ(names, (Names{"caller", "end of turn", "end of turn"}));
  EXPECT_EQ(context.poll(), 0U);
}

TEST_F(LoopTest, forgets_a_task_that_is_destroyed_before_the_end) {
  {
    const Loop::Turn turn(loop);
    auto gone = std::make_unique<Task>(noting("gone"));
    loop.at_end_of_turn(*gone);
  }
  EXPECT_EQ(names, Names{});
}

TEST_F(LoopTest, gives_work_outside_of_a_turn_a_turn_of_its_own) {
  Task a(noting("a"));
  Task b(noting("b"));
  loop.at_end_of_turn(a);
  loop.at_end_of_turn(b);
  EXPECT_EQ(names, Names{});
  EXPECT_EQ(context.poll(), 1U);  // one job for both
  EXPECT_EQ(names, (Names{"a", "b"}));
  loop.at_end_of_turn(a);
  context.restart();
  EXPECT_EQ(context.poll(), 1U);
  EXPECT_EQ(names, (Names{"a", "b", "a"}));
}

TEST_F(LoopTest, keeps_objects_until_the_turn_has_ended) {
  const auto object = std::make_shared<int>(1);
  Task task([&] { names.push_back(object.use_count() == 2 ? "kept" : "gone"); });
  {
    const Loop::Turn turn(loop);
    loop.keep_until_end_of_turn(object);
    loop.at_end_of_turn(task);
  }
  EXPECT_EQ(names, Names{"kept"});
  EXPECT_EQ(object.use_count(), 1);
  loop.keep_until_end_of_turn(object);  // outside of any turn
  EXPECT_EQ(object.use_count(), 2);
  context.poll();
  EXPECT_EQ(object.use_count(), 1);
}

TEST_F(LoopTest, runs_what_destructors_of_kept_objects_register) {
  Task task(noting("task"));
  {
    const Loop::Turn turn(loop);
    loop.keep_until_end_of_turn(std::shared_ptr<int>(new int(1), [&](const int* made) {
      delete made;
      loop.at_end_of_turn(task);
      loop.keep_until_end_of_turn(std::make_shared<int>(2));
    }));
  }
  EXPECT_EQ(names, Names{"task"});
}

TEST_F(LoopTest, posts_in_order_each_in_a_turn_of_its_own) {
  Task task(noting("end of turn"));
  loop.post([&] {
    names.push_back("first");
    loop.at_end_of_turn(task);
  });
  loop.post(noting("second"));
  EXPECT_EQ(names, Names{});
  context.poll();
  EXPECT_EQ(names, (Names{"first", "end of turn", "second"}));
}

TEST_F(LoopTest, dispatches_at_once_on_its_own_thread_only) {
  loop.dispatch(noting("elsewhere"));
  EXPECT_EQ(names, Names{});
  loop.post([&] {
    loop.dispatch(noting("here"));
    names.push_back("after");
  });
  context.poll();
  EXPECT_EQ(names, (Names{"elsewhere", "here", "after"}));
}

TEST_F(LoopTest, keeps_the_order_of_one_thread_s_posts) {
  std::thread thread([&] {
    for (int i = 0; i < 100; ++i) loop.dispatch(noting(std::to_string(i)));
  });
  thread.join();
  context.poll();
  ASSERT_EQ(names.size(), 100U);
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(names[i], std::to_string(i));
}

TEST_F(LoopTest, reads_the_clock_once_a_turn) {
  const Loop::Turn turn(loop);
  const TimePoint first = loop.now();
  while (Clock::now() == first) {
  }
  EXPECT_EQ(loop.now(), first);
}

class Alarm final : public Deadline {
 public:
  explicit Alarm(std::function<void()> run) : run_(std::move(run)) {}

 private:
  void expired() override { run_(); }
  std::function<void()> run_;
};

TEST_F(LoopTest, fires_deadlines_in_a_turn) {
  Task task(noting("end of turn"));
  Alarm late([&] {
    names.push_back("late");
    loop.stop_timer();
  });
  Alarm early([&] {
    names.push_back("early");
    loop.at_end_of_turn(task);
    loop.arm(late, 1ms);
  });
  Alarm cancelled(noting("cancelled"));
  {
    const Loop::Turn turn(loop);
    loop.arm(cancelled, 1ms);
    loop.arm(early, 1ms);
  }
  cancelled.cancel();
  context.run();
  EXPECT_EQ(names, (Names{"early", "end of turn", "late"}));
}

// After the timer has fired it rests, and what becomes due meanwhile shares one turn.
TEST_F(LoopTest, meets_deadlines_that_follow_each_other_closely_in_one_turn) {
  Task task(noting("end of turn"));
  Alarm second(noting("second"));
  Alarm third([&] {
    names.push_back("third");
    loop.stop_timer();
  });
  Alarm with_second([&] { loop.at_end_of_turn(task); });
  Alarm first([&] {
    loop.arm(second, 1ms);
    loop.arm(with_second, 1ms);
    loop.arm(third, 3ms);
  });
  loop.arm(first, 1ms);
  context.run();
  EXPECT_EQ(names, (Names{"second", "third", "end of turn"}));
}

TEST_F(LoopTest, leaves_the_context_without_work_once_the_timer_is_stopped) {
  Alarm far(noting("far"));
  loop.arm(far, 1h);
  loop.stop_timer();
  context.run();  // returns
  EXPECT_EQ(names, Names{});
}

TEST(LoopLife, drops_what_is_posted_when_it_is_destroyed) {
  boost::asio::io_context context{1};
  bool ran = false;
  const auto object = std::make_shared<int>(1);
  {
    Loop loop(context, 0, 1);
    Alarm alarm([&] { ran = true; });
    Task task([&] { ran = true; });
    loop.arm(alarm, 0s);
    loop.post([&ran, object] { ran = true; });
    loop.at_end_of_turn(task);
    loop.keep_until_end_of_turn(object);
  }
  context.run();
  EXPECT_FALSE(ran);
  EXPECT_EQ(object.use_count(), 1);
}

}  // namespace
}  // namespace engineio
