#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace bench {

/// Latencies in nanoseconds, in buckets of 1/16 of a power of two: about 6 % exact, no memory per
/// sample.
class Histogram {
 public:
  void add(std::uint64_t nanoseconds) noexcept {
    ++counts_[bucket(nanoseconds)];
    ++total_;
    most_ = std::max(most_, nanoseconds);
  }
  std::uint64_t most() const noexcept { return most_; }

  /// The value below which `share` (0 to 1) of the samples lie.
  std::uint64_t quantile(double share) const noexcept {
    auto wanted = static_cast<std::uint64_t>(share * static_cast<double>(total_));
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      if (wanted < counts_[i]) return lower_bound(i);
      wanted -= counts_[i];
    }
    return 0;
  }

 private:
  static constexpr std::size_t steps = 16;

  static std::size_t bucket(std::uint64_t value) noexcept {
    if (value < steps) return static_cast<std::size_t>(value);
    const auto exponent = static_cast<std::size_t>(std::bit_width(value)) - 5;
    return exponent * steps + static_cast<std::size_t>(value >> exponent);
  }
  static std::uint64_t lower_bound(std::size_t bucket) noexcept {
    if (bucket < 2 * steps) return bucket;
    const std::size_t exponent = bucket / steps - 1;
    return (bucket % steps + steps) << exponent;
  }

  std::array<std::uint64_t, 64 * steps> counts_{};
  std::uint64_t total_ = 0;
  std::uint64_t most_ = 0;
};

}  // namespace bench
