#pragma once

// Registration of handlers for a whole namespace. Included by namespace.hpp only, last.

namespace socketio {
namespace detail {

/// The handlers that only a namespace has.
struct NamespaceListeners : Listeners {
  HandlerList<ConnectionHandler> connection;
  HandlerList<Middleware> middlewares;
};

/// The table of handlers, to be added to. Throws std::logic_error once the server listens.
NamespaceListeners& open_listeners(NamespaceCore& nsp);

}  // namespace detail

template <class F>
Namespace& Namespace::on(std::string_view event, F handler) {
  detail::require_handled_event(event, false);
  detail::append(detail::open_listeners(core_).events[std::string(event)],
                 detail::make_event_handler(std::move(handler)));
  return *this;
}

template <class F>
Namespace& Namespace::on_connection(F handler) {
  detail::append(detail::open_listeners(core_).connection,
                 detail::make_connection_handler(std::move(handler)));
  return *this;
}

template <class F>
Namespace& Namespace::on_disconnecting(F handler) {
  detail::append(detail::open_listeners(core_).disconnecting,
                 detail::make_disconnect_handler(std::move(handler)));
  return *this;
}

template <class F>
Namespace& Namespace::on_disconnect(F handler) {
  detail::append(detail::open_listeners(core_).disconnect,
                 detail::make_disconnect_handler(std::move(handler)));
  return *this;
}

template <class F>
Namespace& Namespace::on_error(F handler) {
  detail::append(detail::open_listeners(core_).error,
                 detail::make_error_handler(std::move(handler)));
  return *this;
}

template <class F>
Namespace& Namespace::on_any(F handler) {
  detail::append(detail::open_listeners(core_).any, detail::make_any_handler(std::move(handler)));
  return *this;
}

template <class F>
Namespace& Namespace::prepend_any(F handler) {
  detail::prepend(detail::open_listeners(core_).any, detail::make_any_handler(std::move(handler)));
  return *this;
}

template <class F>
Namespace& Namespace::on_any_outgoing(F handler) {
  detail::append(detail::open_listeners(core_).any_outgoing,
                 detail::make_any_handler(std::move(handler)));
  return *this;
}

template <class F>
Namespace& Namespace::use(F middleware) {
  detail::append(detail::open_listeners(core_).middlewares,
                 detail::make_middleware(std::move(middleware)));
  return *this;
}

}  // namespace socketio
