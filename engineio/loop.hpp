#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "engineio/deadline_queue.hpp"

namespace engineio {

/// Work that waits for the end of the loop's turn, so that everything a turn produced leaves in one
/// write.
class TurnTask : public boost::intrusive::list_base_hook<
                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  TurnTask() = default;
  TurnTask(const TurnTask&) = delete;
  TurnTask& operator=(const TurnTask&) = delete;

 protected:
  virtual ~TurnTask() = default;

 private:
  friend class Loop;
  /// Called once for each Loop::at_end_of_turn. The owner must outlive the call; it may register
  /// itself again inside.
  virtual void end_of_turn() = 0;
};

/// One thread's event loop: an io_context, the deadlines of everything that lives on it, and the
/// notion of a *turn*.
///
/// A turn is the handling of what has come: the bytes of some sockets, all deadlines that are due,
/// a posted call. Every entry point opens a Loop::Turn; when the outermost ends, the registered
/// TurnTasks run. Calls from outside of a turn (a coroutine that waited for a timer, the user's own
/// code on the io_context) are a Loop::Call, and what they leave for the end of the turn gets a
/// turn of its own by one posted job.
///
/// Owned by the server, outlives everything on it. All members but `post`, `dispatch`,
/// `running_here`, `index`, `count` and `context` are for the loop's thread only.
class Loop {
 public:
  /// Uses `context`, which only one thread may run.
  Loop(boost::asio::io_context& context, std::size_t index, std::size_t count);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  ~Loop();

  boost::asio::io_context& context() noexcept { return context_; }
  /// Position among the `count()` loops of the server.
  std::size_t index() const noexcept { return index_; }
  std::size_t count() const noexcept { return count_; }

  /// Runs `function` on the loop in a turn of its own, in the order of the calls of one thread. Any
  /// thread. Calls that are still pending when the loop is destroyed are dropped.
  template <class Function>
  void post(Function&& function) {
    boost::asio::post(context_, [self = self_, run = std::forward<Function>(function)]() mutable {
      if (!*self) return;
      Turn turn(**self);
      run();
    });
  }
  /// The loop, for what may outlive it: null once it is destroyed.
  std::shared_ptr<Loop* const> handle() const noexcept { return self_; }
  /// True inside a handler that this loop's io_context runs. Any thread.
  bool running_here() noexcept { return context_.get_executor().running_in_this_thread(); }
  /// Runs `function` at once on the loop's own thread, posts it elsewhere.
  template <class Function>
  void dispatch(Function&& function) {
    if (!running_here()) return post(std::forward<Function>(function));
    Turn turn(*this);
    std::forward<Function>(function)();
  }

  /// The time of this turn (read once a turn).
  TimePoint now() noexcept;
  /// The turn goes on for that long already, since its time was first asked for. Looks at the
  /// clock.
  bool turn_lasts(Duration time) noexcept {
    const TimePoint began = now();
    return Clock::now() - began >= time;
  }
  /// A deadline is at most some milliseconds late: those that are due shortly after each other are
  /// met together.
  void arm(Deadline& deadline, Duration after);
  /// Registers `task` for the end of the running turn; once, however often it is called. A task
  /// that others register again and again while the turn ends goes on in the next one.
  void at_end_of_turn(TurnTask& task);
  /// Keeps `object` alive until the running turn has ended: for owners that are dropped by their
  /// own callback.
  void keep_until_end_of_turn(std::shared_ptr<const void> object);
  /// Stops the timer so that the io_context can run out of work. Armed deadlines no longer fire.
  void stop_timer();

  /// Scope of one entry into the loop. Nests.
  class Turn {
   public:
    explicit Turn(Loop& loop) noexcept : loop_(loop) { ++loop_.depth_; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn();

   private:
    Loop& loop_;
  };
  /// Scope of a call that may come from outside of a turn. What is kept until the end of the turn
  /// lives longer than the call then, and the callers below it.
  class Call {
   public:
    explicit Call(Loop& loop) noexcept : loop_(loop) { ++loop_.depth_; }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    ~Call() {
      if (--loop_.depth_ == 0) loop_.finish_call();
    }

   private:
    Loop& loop_;
  };

 private:
  using TaskList = boost::intrusive::list<TurnTask, boost::intrusive::constant_time_size<false>>;
  void finish_turn();
  void finish_call();
  void need_turn();
  void run_tasks();
  void schedule_timer();
  void on_timer();

  boost::asio::io_context& context_;
  std::size_t index_;
  std::size_t count_;
  DeadlineQueue deadlines_;
  boost::asio::steady_timer timer_;
  TimePoint timer_at_ = TimePoint::max();  // when timer_ will fire; max: not waiting
  TimePoint timer_fired_{};                // when it did last
  std::shared_ptr<Loop*> self_;            // null once destroyed, for handlers that come later
  TaskList tasks_;
  std::vector<std::shared_ptr<const void>> kept_;
  std::vector<std::shared_ptr<const void>> dropped_;  // empty but while the turn ends
  TimePoint now_{};
  int depth_ = 0;
  bool now_known_ = false;
  bool turn_posted_ = false;
  bool timer_stopped_ = false;
};

}  // namespace engineio
