#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include "engineio/detail/log_throttle.hpp"
#include "transports/address_limits.hpp"
#include "transports/io_loop.hpp"
#include "transports/poller.hpp"
#include "transports/tls.hpp"

namespace engineio::transports {

/// Accepts connections on one address and deals them out to the loops in turn.
///
/// One loop accepts: a socket per loop (SO_REUSEPORT) would let a second server bind the same port
/// unnoticed. When the process is out of descriptors one is freed to turn the next client away, and
/// accepting rests for a moment; so it does when the system is out of memory.
class Listener final : private Poller::Handler {
 public:
  struct Settings {
    int backlog = 4096;
    std::optional<TlsContext> tls = {};
    /// How long accepting rests when the system has no more to give.
    Duration rest = std::chrono::milliseconds(100);
    /// The system call, as tests may replace it.
    int (*accept)(int socket, sockaddr* address, socklen_t* size, int flags) = &::accept4;
  };

  /// Opens, binds and listens; `error` says what failed. `loops[0]` accepts, once `start` was
  /// called.
  Listener(std::vector<IoLoop*> loops, AddressLimits& address_limits,
           const boost::asio::ip::tcp::endpoint& endpoint, bool dual_stack,
           const Settings& settings, boost::system::error_code& error);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  /// The port that was bound.
  std::uint16_t port() const;
  /// On the accepting loop, or before it runs.
  void start();
  /// On the accepting loop, or when it runs no more.
  void stop();

 private:
  void on_ready(Ready ready) override;
  struct AcceptedSocket;
  bool accept_one();
  void admit(AcceptedSocket& socket, const sockaddr_storage& address);
  void rest(int error);
  void rest_is_over();

  std::vector<IoLoop*> loops_;
  AddressLimits& address_limits_;
  Settings settings_;
  int socket_ = -1;
  int spare_ = -1;  // a descriptor to give up when there is no other
  std::size_t next_ = 0;
  bool started_ = false;
  engineio::detail::LogThrottle complaints_;
  MemberDeadline<Listener, &Listener::rest_is_over> rest_{*this};
};

}  // namespace engineio::transports
