#include "transports/departures.hpp"

#include <algorithm>

#include "engineio/loop.hpp"
#include "transports/connection.hpp"

namespace engineio::transports {
namespace {

constexpr std::size_t at_once_per_round = 16;
// Few, since a round may also have as many sockets to look at as the poller tells at a time: one in
// 128 of those that wait, and at least 4.
constexpr std::size_t least_per_round = 4;
constexpr std::size_t share_per_round = 128;

}  // namespace

bool Departures::at_once(Connection& connection, std::uint64_t round) {
  if (round != round_) {
    round_ = round;
    in_round_ = 0;
  }
  if (waiting_.empty() && ++in_round_ <= at_once_per_round) return true;
  if (waiting_.empty()) loop_.post([this] { work_off(); });
  waiting_.push_back(connection);
  return false;
}

void Departures::forget(Connection& connection) noexcept {
  if (connection.DepartureHook::is_linked()) waiting_.erase(waiting_.iterator_to(connection));
}

void Departures::work_off() {
  std::size_t count = std::max(least_per_round, waiting_.size() / share_per_round);
  for (; count > 0 && !waiting_.empty(); --count) waiting_.front().abort();
  if (!waiting_.empty()) loop_.post([this] { work_off(); });
}

}  // namespace engineio::transports
