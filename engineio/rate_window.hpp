#pragma once

#include <chrono>
#include <cstddef>

#include "engineio/deadline_queue.hpp"

namespace engineio {

/// Counts what happens in a second, which begins with the first that is counted after the last one.
class RateWindow {
 public:
  /// Counts one. False: it is over the `limit` of this second.
  bool admit(TimePoint now, std::size_t limit) noexcept {
    if (now - began_ >= std::chrono::seconds(1)) {
      began_ = now;
      count_ = 0;
    }
    return ++count_ <= limit;
  }

 private:
  TimePoint began_{};
  std::size_t count_ = 0;
};

}  // namespace engineio
