#pragma once

#include <cstddef>
#include <cstdint>

#include <boost/intrusive/list.hpp>

namespace engineio {
class Loop;
}

namespace engineio::transports {

class Connection;

struct DepartureTag;
using DepartureHook =
    boost::intrusive::list_base_hook<boost::intrusive::tag<DepartureTag>,
                                     boost::intrusive::link_mode<boost::intrusive::safe_link>>;

/// The connections of one loop whose peers have gone and which are still to be ended.
///
/// Ending one takes some time: handlers run, rooms are left, the system frees its buffers. When a
/// proxy with 10,000 clients dies, doing it as the news come would let everybody else wait for all
/// of them. So a few at a time are ended at once, and of the others some in each round of the loop:
/// a share of them, or they would become more and more where many come and go.
class Departures {
 public:
  explicit Departures(Loop& loop) noexcept : loop_(loop) {}
  Departures(const Departures&) = delete;
  Departures& operator=(const Departures&) = delete;

  /// The peer of `connection` has gone, as the loop's `round`-th look at its sockets tells. True:
  /// end it now. False: it will be aborted later; until then nothing more comes from its socket.
  bool at_once(Connection& connection, std::uint64_t round);
  /// It has ended otherwise, or left the loop. Does nothing when it was not waiting.
  void forget(Connection& connection) noexcept;

 private:
  using List = boost::intrusive::list<Connection, boost::intrusive::base_hook<DepartureHook>,
                                      boost::intrusive::constant_time_size<true>>;
  void work_off();

  Loop& loop_;
  List waiting_;
  std::uint64_t round_ = 0;
  std::size_t in_round_ = 0;  // ended at once in it
};

}  // namespace engineio::transports
