#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

#include "engineio/deadline_queue.hpp"

namespace engineio::transports {

/// Lets one of many log lines of a kind through each second, so that who provokes them can't fill
/// the disk. Counts the others.
class LogThrottle {
 public:
  /// Nothing: leave this line out. Else how many were left out before it.
  std::optional<std::size_t> admit(TimePoint now) noexcept {
    if (now < next_) {
      ++left_out_;
      return std::nullopt;
    }
    next_ = now + std::chrono::seconds(1);
    return std::exchange(left_out_, 0);
  }

 private:
  TimePoint next_{};
  std::size_t left_out_ = 0;
};

}  // namespace engineio::transports
