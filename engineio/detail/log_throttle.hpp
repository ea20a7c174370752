#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "engineio/deadline_queue.hpp"

namespace engineio::detail {

/// Lets one of many log lines of a kind through each second, so that who provokes them can't fill
/// the disk. Counts the others.
class LogThrottle {
 public:
  /// Nothing: leave this line out. Else what to end it with: how many were left out before it.
  std::optional<std::string> admit(TimePoint now) {
    if (now < next_) {
      ++left_out_;
      return std::nullopt;
    }
    next_ = now + std::chrono::seconds(1);
    const std::size_t left_out = std::exchange(left_out_, 0);
    return left_out == 0 ? std::string() : " (" + std::to_string(left_out) + " more not shown)";
  }

 private:
  TimePoint next_{};
  std::size_t left_out_ = 0;
};

}  // namespace engineio::detail
