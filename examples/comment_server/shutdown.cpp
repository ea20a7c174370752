#include "examples/comment_server/shutdown.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <utility>

namespace comment_server {
namespace {

using std::chrono::milliseconds;

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

/// The number of the signal that came, or nothing positive when the time is over.
int wait_for_signal(milliseconds time) {
  const sigset_t set = signals();
  const timespec limit{.tv_sec = time.count() / 1000, .tv_nsec = time.count() % 1000 * 1'000'000};
  return sigtimedwait(&set, nullptr, &limit);
}

}  // namespace

void Shutdown::block_signals() {
  const sigset_t set = signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Shutdown::Shutdown(milliseconds grace_period, std::function<void()> begin,
                   std::function<int()> overdue)
    : grace_period_(grace_period), begin_(std::move(begin)), overdue_(std::move(overdue)) {
  thread_ = std::thread([this] { watch(); });
}

Shutdown::~Shutdown() {
  over_ = true;
  // Wakes the thread if nothing else has. It is not joined yet, so its handle is good even when it
  // has ended; the signal is blocked everywhere, it does nothing but wake.
  // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread)
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

milliseconds Shutdown::left() const {
  const Clock::time_point deadline = deadline_;
  if (deadline == Clock::time_point::max()) return grace_period_;
  return std::max(milliseconds(0),
                  std::chrono::duration_cast<milliseconds>(deadline - Clock::now()));
}

void Shutdown::watch() {
  const sigset_t set = signals();
  int signal = 0;
  sigwait(&set, &signal);
  if (over_) return;
  deadline_ = Clock::now() + grace_period_;
  begin_();
  for (milliseconds rest = left(); rest.count() > 0; rest = left()) {
    signal = wait_for_signal(rest);
    if (over_) return;
    if (signal > 0) std::_Exit(128 + signal);
  }
  std::_Exit(overdue_());
}

}  // namespace comment_server
