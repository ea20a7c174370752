#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <thread>

namespace comment_server {

/// Ends the program in order at SIGTERM or SIGINT, and whatever happens at the end of a grace
/// period.
///
// clang-format off
///     signal ──► begin() ──► the program ends by itself, its Shutdown is destroyed
///                   ├──► the grace period is over: overdue() says with which exit code the process ends on the spot
///                   └──► a second signal: it ends on the spot, with 128 and the signal's number
// clang-format on
///
/// Both functions are called on a thread of its own, not in a signal handler: they may do what they
/// like.
class Shutdown {
 public:
  using Clock = std::chrono::steady_clock;

  /// Keeps both signals from ending the process. To be called first thing, before any thread is
  /// started.
  static void block_signals();

  Shutdown(std::chrono::milliseconds grace_period, std::function<void()> begin,
           std::function<int()> overdue);
  ~Shutdown();
  Shutdown(const Shutdown&) = delete;
  Shutdown& operator=(const Shutdown&) = delete;

  /// How much of the grace period is left; all of it before a signal.
  std::chrono::milliseconds left() const;

 private:
  void watch();

  const std::chrono::milliseconds grace_period_;
  const std::function<void()> begin_;
  const std::function<int()> overdue_;
  std::atomic<Clock::time_point> deadline_ = Clock::time_point::max();
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace comment_server
