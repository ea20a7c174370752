#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace interop {

/// While it lives, SIGTERM and SIGINT call `stop` once, on a thread of its own.
class StopOnSignal {
 public:
  /// Keeps both signals from ending the process. To be called first thing, before any thread is
  /// started.
  static void block();

  explicit StopOnSignal(std::function<void()> stop);
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;
  ~StopOnSignal();

 private:
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace interop
