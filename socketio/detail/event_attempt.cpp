#include "socketio/detail/event_attempt.hpp"

#include <boost/asio/co_spawn.hpp>

#include "socketio/detail/outgoing.hpp"
#include "socketio/packet.hpp"

namespace socketio::detail {

EventAttempt::EventAttempt(Incoming& incoming, HandlerList<EventMiddleware> middlewares)
    : socket_(incoming.socket),
      event_{std::string(incoming.event), incoming.args.parse()},
      id_(incoming.id),
      ack_(incoming.ack_state()),
      middlewares_(std::move(middlewares)) {}

void EventAttempt::proceed() {
  while (next_ < middlewares_.size()) {
    if (!ask(*middlewares_[next_++]) || refused_ || !socket_->connected()) return;
  }
  run_handlers();
}

// False: the answer comes later.
bool EventAttempt::ask(const EventMiddleware& middleware) {
  bool ready = true;
  try {
    PendingAdmission answer = middleware(event_);
    if (auto* pending = boost::variant2::get_if<boost::asio::awaitable<Admission>>(&answer)) {
      ready = false;
      wait(std::move(*pending));
    } else if (const auto* reject =
                   boost::variant2::get_if<Reject>(&boost::variant2::get<Admission>(answer))) {
      refuse(*reject);
    }
  } catch (...) {
    refused_ = ready = true;
    socket_->report_exception(event_.name, std::current_exception());
  }
  return ready;
}

void EventAttempt::wait(boost::asio::awaitable<Admission> pending) {
  boost::asio::co_spawn(
      executor_of(*socket_), std::move(pending),
      [self = shared_from_this()](const std::exception_ptr& exception, const Admission& admission) {
        self->answered(exception, admission);
      });
}

void EventAttempt::answered(const std::exception_ptr& exception, const Admission& admission) {
  if (!socket_->connected()) return;  // there may be no loop any more
  const engineio::Loop::Turn turn(socket_->loop());
  if (exception) return socket_->report_exception(event_.name, exception);
  if (const auto* reject = boost::variant2::get_if<Reject>(&admission)) return refuse(*reject);
  proceed();
}

void EventAttempt::refuse(const Reject& reject) {
  refused_ = true;
  Error error{Errc::rejected_by_middleware, reject.message, event_.name};
  error.data = reject.data;
  socket_->report(std::move(error));
}

void EventAttempt::run_handlers() {
  const EncodedPacket encoded = encode_event({}, std::nullopt, event_.name, event_.args);
  DecodedPacket packet;  // points into it
  if (!decode_outgoing(encoded, packet)) {
    return socket_->report(
        {Errc::arguments_mismatch, "a middleware made an event that can't be", event_.name});
  }
  const RawArgs args = packet.args();
  Incoming incoming(socket_, packet.event_name(), args, id_);
  incoming.ack = ack_;
  socket_->run_handlers(incoming);
}

}  // namespace socketio::detail
