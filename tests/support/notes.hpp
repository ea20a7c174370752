#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/raw_client.hpp"

namespace support {

/// What happened on other threads.
template <class T>
class Notes {
 public:
  void add(T note) {
    const std::lock_guard lock(mutex_);
    all_.push_back(std::move(note));
    changed_.notify_all();
  }
  /// Waits until there are so many.
  std::vector<T> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, patience, [&] { return all_.size() >= count; }));
    return all_;
  }
  std::vector<T> all() {
    const std::lock_guard lock(mutex_);
    return all_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<T> all_;
};

}  // namespace support
