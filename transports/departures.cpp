#include "transports/departures.hpp"

#include "engineio/loop.hpp"
#include "transports/connection.hpp"

namespace engineio::transports {
namespace {

constexpr std::size_t at_once_per_round = 16;
// Few, since a round may also have as many sockets to look at as the poller tells at a time.
constexpr std::size_t later_per_round = 4;

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

void Departures::work_off() {
  for (std::size_t i = 0; i < later_per_round && !waiting_.empty(); ++i) {
    Connection& connection = waiting_.front();
    waiting_.pop_front();
    connection.abort();
  }
  if (!waiting_.empty()) loop_.post([this] { work_off(); });
}

}  // namespace engineio::transports
