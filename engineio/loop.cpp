#include "engineio/loop.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace engineio {
namespace {

// Between two times that the timer fires. With thousands of clients their heartbeats are due all
// the time: what is due within this time is done in one turn.
constexpr Duration timer_rest = std::chrono::milliseconds(5);

// Somebody who sends whenever what was sent has left would keep all others from their turn.
constexpr int passes_per_turn = 16;

// Of the lists of what a turn drops.
constexpr std::size_t capacity_to_keep = 256;

}  // namespace

Loop::Loop(boost::asio::io_context& context, std::size_t index, std::size_t count)
    : context_(context),
      index_(index),
      count_(count),
      timer_(context),
      self_(std::make_shared<Loop*>(this)) {}

Loop::~Loop() {
  *self_ = nullptr;
  tasks_.clear();
}

Loop::Turn::~Turn() {
  if (--loop_.depth_ == 0) loop_.finish_turn();
}

TimePoint Loop::now() noexcept {
  if (depth_ == 0) return Clock::now();
  if (!now_known_) {
    now_ = Clock::now();
    now_known_ = true;
  }
  return now_;
}

void Loop::arm(Deadline& deadline, Duration after) {
  deadlines_.arm(deadline, after, now());
  if (depth_ == 0) schedule_timer();
}

void Loop::at_end_of_turn(TurnTask& task) {
  if (task.is_linked()) return;
  tasks_.push_back(task);
  need_turn();
}

void Loop::keep_until_end_of_turn(std::shared_ptr<const void> object) {
  kept_.push_back(std::move(object));
  need_turn();
}

// For what is to happen at the end of one, when there is none.
void Loop::need_turn() {
  if (depth_ > 0 || std::exchange(turn_posted_, true)) return;
  post([this] { turn_posted_ = false; });
}

void Loop::stop_timer() {
  timer_stopped_ = true;
  timer_.cancel();
}

void Loop::finish_turn() {
  ++depth_;  // what the tasks call belongs to this turn
  run_tasks();
  --depth_;
  finish_call();
}

void Loop::finish_call() {
  now_known_ = false;
  if (!tasks_.empty() || !kept_.empty()) need_turn();
  schedule_timer();
}

void Loop::run_tasks() {
  int passes = 0;
  while (!tasks_.empty() || !kept_.empty()) {
    while (!tasks_.empty()) {
      if (passes++ == passes_per_turn) return;  // the rest gets a turn of its own
      TaskList pass;
      pass.swap(tasks_);
      while (!pass.empty()) {
        TurnTask& task = pass.front();
        task.unlink();
        task.end_of_turn();
      }
    }
    // Destructors may register more work.
    dropped_.swap(kept_);
    dropped_.clear();
  }
  if (dropped_.capacity() > capacity_to_keep) dropped_.shrink_to_fit();
}

void Loop::schedule_timer() {
  if (timer_stopped_) return;
  const auto next = deadlines_.next();
  // A timer that fires too early costs one spare wake-up; moving it for every cancelled deadline
  // costs one each time.
  if (!next) return;
  const TimePoint at = std::max(*next, timer_fired_ + timer_rest);
  if (at >= timer_at_) return;
  timer_at_ = at;
  timer_.expires_at(at);
  timer_.async_wait([alive = self_](boost::system::error_code error) {
    if (!error && *alive) (*alive)->on_timer();
  });
}

void Loop::on_timer() {
  timer_at_ = TimePoint::max();
  Turn turn(*this);
  timer_fired_ = now();
  deadlines_.expire(timer_fired_);
}

}  // namespace engineio
