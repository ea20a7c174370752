#include "interop/profiles/stop_on_signal.hpp"

#include <pthread.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX signals, which csignal has not

#include <utility>

namespace interop {
namespace {

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void StopOnSignal::block() {
  const sigset_t set = signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

StopOnSignal::StopOnSignal(std::function<void()> stop)
    : thread_([this, stop = std::move(stop)] {
        const sigset_t set = signals();
        int signal = 0;
        sigwait(&set, &signal);
        if (!over_) stop();
      }) {}

StopOnSignal::~StopOnSignal() {
  over_ = true;
  // Wakes the thread if no signal has; a thread that has ended is not joined yet, so its handle is
  // still good. The signal is blocked, so it ends nothing.
  // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread)
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
}

}  // namespace interop
