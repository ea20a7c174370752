#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engineio/deadline_queue.hpp"
#include "engineio/options.hpp"

namespace engineio::transports {

/// Counts what one address has: connections, and in the last second new sessions and requests for
/// unknown ones. An IPv6 address counts with its /64, the least that one customer gets. All limits
/// are off by default; then nothing is counted.
///
/// The one lock of the server; taken when a connection begins or ends, a session begins, or a
/// stranger asks for one, never on the message path.
class AddressLimits : public std::enable_shared_from_this<AddressLimits> {
 public:
  explicit AddressLimits(const Limits& limits) : limits_(limits) {}

  /// A place for one connection, given back when the last copy is destroyed; null when the address
  /// has as many as it may.
  std::shared_ptr<const void> admit_connection(std::string_view address);
  /// Whether the address may open one more session now.
  bool admit_session(std::string_view address, TimePoint now);
  /// Whether a request may be answered that names a session which its address has not opened: one
  /// of another address when `exists`, else none at all, which counts.
  bool admit_guess(std::string_view address, TimePoint now, bool exists);

  /// The part of an address that is counted: a whole IPv4 address (also mapped into IPv6), or the
  /// first 64 bits.
  static std::string group_of(std::string_view address);
  static bool same_group(std::string_view a, std::string_view b) {
    return a == b || group_of(a) == group_of(b);
  }

 private:
  struct Window {
    TimePoint begin;
    std::size_t count = 0;
  };
  struct Windows {
    std::unordered_map<std::string, Window> of;  // an address
    TimePoint cleaned = {};
  };
  void give_back(const std::string& group);
  static std::size_t& count_of(Windows& windows, std::string_view address, TimePoint now);

  const Limits& limits_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> connections_;
  Windows sessions_;
  Windows guesses_;
};

}  // namespace engineio::transports
