#pragma once

// Registration of handlers for one socket. Included by socket.hpp only, last.

#include "socketio/detail/handler.hpp"

namespace socketio {

template <class F>
const Socket& Socket::on(std::string_view event, F handler) const {
  detail::require_handled_event(event, true);
  detail::append(detail::listeners_of(*core_).events[std::string(event)],
                 detail::make_event_handler(std::move(handler)));
  return *this;
}

template <class F>
const Socket& Socket::on_any(F handler) const {
  detail::append(detail::listeners_of(*core_).any, detail::make_any_handler(std::move(handler)));
  return *this;
}

template <class F>
const Socket& Socket::prepend_any(F handler) const {
  detail::prepend(detail::listeners_of(*core_).any, detail::make_any_handler(std::move(handler)));
  return *this;
}

template <class F>
const Socket& Socket::on_any_outgoing(F handler) const {
  detail::append(detail::listeners_of(*core_).any_outgoing,
                 detail::make_any_handler(std::move(handler)));
  return *this;
}

template <class F>
const Socket& Socket::on_disconnecting(F handler) const {
  detail::append(detail::listeners_of(*core_).disconnecting,
                 detail::make_disconnect_handler(std::move(handler)));
  return *this;
}

template <class F>
const Socket& Socket::on_disconnect(F handler) const {
  detail::append(detail::listeners_of(*core_).disconnect,
                 detail::make_disconnect_handler(std::move(handler)));
  return *this;
}

template <class F>
const Socket& Socket::on_error(F handler) const {
  detail::append(detail::listeners_of(*core_).error,
                 detail::make_error_handler(std::move(handler)));
  return *this;
}

template <class F>
const Socket& Socket::use(F middleware) const {
  detail::append(detail::listeners_of(*core_).event_middlewares,
                 detail::make_event_middleware(std::move(middleware)));
  return *this;
}

}  // namespace socketio
