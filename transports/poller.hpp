#pragma once

#include <cstdint>
#include <span>

#include <boost/asio/posix/stream_descriptor.hpp>

#include "engineio/loop.hpp"

struct epoll_event;

namespace engineio::transports {

/// Tells when sockets of one loop can be read or written: an epoll set of our own, which the loop's
/// io_context watches as one descriptor. Asio's own reactor would need a system call for every
/// wait; here interest stays registered.
///
/// Some ready sockets together are one turn of the loop, so what they produce leaves together at
/// its end. Used on the loop's thread only.
class Poller {
 public:
  /// What to be told about. The end of the connection is always told.
  struct Interest {
    bool read = true;
    bool write = false;
    /// Tell what begins, not again as long as it lasts: who leaves something unread must call
    /// change() to be told of it again. It saves the kernel a second look at each socket.
    bool edge_triggered = false;
  };

  /// Receives readiness; may remove itself and others, or be destroyed, inside of the call (a
  /// removed one is not called).
  class Handler {
   public:
    struct Ready {
      bool read = false;         ///< bytes or the end of the stream can be read
      bool write = false;        ///< the socket takes bytes again
      bool peer_closed = false;  ///< the peer writes no more; it may still read
      bool broken = false;       ///< nothing goes through any more, in either direction
    };
    virtual void on_ready(Ready ready) = 0;
    /// Has the memory fetched that on_ready will touch, beside the handler itself. Called while
    /// another handler is at work.
    virtual void fetch_ahead() const noexcept {}

   protected:
    ~Handler() = default;
  };

  /// Throws std::system_error when the system has no descriptor left.
  explicit Poller(Loop& loop);
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  ~Poller();

  /// Starts watching. Throws std::system_error when the system refuses.
  void add(int descriptor, Handler& handler, Interest interest);
  /// Changes what `descriptor` is watched for, and tells what is so already.
  void change(int descriptor, Handler& handler, Interest interest);
  /// Stops watching; the handler is not called again.
  void remove(int descriptor, Handler& handler) noexcept;
  /// Counts the rounds of the loop: some turns of sockets that follow each other, then whatever
  /// else the loop has to do.
  std::uint64_t round() const noexcept { return round_; }
  /// Stops everything: no handler is called again and the io_context has nothing left to watch.
  void stop();

 private:
  void wait();
  bool take_turn();
  void fetch_ahead() const noexcept;

  Loop& loop_;
  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> epoll_;
  std::span<epoll_event> batch_;  // the events still to be handled in this turn
  std::uint64_t round_ = 0;
  bool stopped_ = false;
};

}  // namespace engineio::transports
