#pragma once

// Registration of handlers for one socket. Included by socket.hpp only, last.

#include "socketio/detail/handler.hpp"

namespace socketio {
namespace detail {

template <class H>
void append(SocketCore& socket, HandlerList<H> Listeners::*list, H handler) {
  if (Listeners* const own = listeners_of(socket)) append(own->*list, std::move(handler));
}
template <class H>
void prepend(SocketCore& socket, HandlerList<H> Listeners::*list, H handler) {
  if (Listeners* const own = listeners_of(socket)) prepend(own->*list, std::move(handler));
}

}  // namespace detail

template <class F>
const Socket& Socket::on(std::string_view event, F handler) const {
  detail::require_handled_event(event, true);
  auto made = detail::make_event_handler(std::move(handler));
  if (detail::Listeners* const own = detail::listeners_of(*core_))
    detail::append(own->events[std::string(event)], std::move(made));
  return *this;
}

template <class F>
const Socket& Socket::once(std::string_view event, F handler) const {
  detail::require_handled_event(event, true);
  detail::append_once(*core_, event, detail::make_event_handler(std::move(handler)));
  return *this;
}

template <class F>
const Socket& Socket::on_any(F handler) const {
  detail::append(*core_, &detail::Listeners::any, detail::make_any_handler(std::move(handler)));
  return *this;
}

template <class F>
const Socket& Socket::prepend_any(F handler) const {
  detail::prepend(*core_, &detail::Listeners::any, detail::make_any_handler(std::move(handler)));
  return *this;
}

template <class F>
const Socket& Socket::on_any_outgoing(F handler) const {
  detail::append(*core_, &detail::Listeners::any_outgoing,
                 detail::make_any_handler(std::move(handler)));
  return *this;
}

template <class F>
const Socket& Socket::on_disconnecting(F handler) const {
  detail::append(*core_, &detail::Listeners::disconnecting,
                 detail::make_disconnect_handler(std::move(handler)));
  return *this;
}

template <class F>
const Socket& Socket::on_disconnect(F handler) const {
  detail::append(*core_, &detail::Listeners::disconnect,
                 detail::make_disconnect_handler(std::move(handler)));
  return *this;
}

template <class F>
const Socket& Socket::on_error(F handler) const {
  detail::append(*core_, &detail::Listeners::error, detail::make_error_handler(std::move(handler)));
  return *this;
}

template <class F>
const Socket& Socket::use(F middleware) const {
  detail::append(*core_, &detail::Listeners::event_middlewares,
                 detail::make_event_middleware(std::move(middleware)));
  return *this;
}

}  // namespace socketio
