#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>

#include "socketio/detail/socket_core.hpp"

namespace socketio::detail {

/// An event on its way through Socket::use. It has been parsed for that: they may change it.
class EventAttempt final : public std::enable_shared_from_this<EventAttempt> {
 public:
  EventAttempt(Incoming& incoming, HandlerList<EventMiddleware> middlewares);

  /// Asks the middlewares from the next one on, until one needs time or refuses; then runs the
  /// handlers.
  void proceed();

 private:
  bool ask(const EventMiddleware& middleware);
  void wait(boost::asio::awaitable<Admission> pending);
  void answered(const std::exception_ptr& exception, const Admission& admission);
  void refuse(const Reject& reject);
  void run_handlers();

  SocketPtr socket_;
  Event event_;
  std::optional<std::uint64_t> id_;
  std::shared_ptr<AckState> ack_;
  HandlerList<EventMiddleware> middlewares_;
  std::size_t next_ = 0;
  bool refused_ = false;
};

}  // namespace socketio::detail
