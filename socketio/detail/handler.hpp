#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "socketio/ack.hpp"
#include "socketio/admission.hpp"
#include "socketio/codec.hpp"
#include "socketio/detail/argument_codec.hpp"
#include "socketio/detail/callable.hpp"
#include "socketio/detail/handler_traits.hpp"
#include "socketio/detail/listeners.hpp"

// Included by socket.hpp only, after Socket.
//
// Turns functions of users, whose parameters say what they want, into the few types of handlers
// that are kept in tables.

namespace socketio::detail {

/// Runs a coroutine of a handler; what it throws goes to the socket's on_error. `kept` lives as
/// long as the coroutine.
void spawn(const SocketPtr& socket, std::string_view event, boost::asio::awaitable<void> coroutine,
           std::shared_ptr<const void> kept);

template <class F, bool with_socket, class AckType, class Values>
decltype(auto) invoke_handler(F& function, const Socket& socket, Values& values, AckType& ack) {
  return std::apply(
      [&](auto&... value) -> decltype(auto) {
        if constexpr (with_socket && is_ack<AckType>) {
          return function(socket, std::move(value)..., std::move(ack));
        } else if constexpr (with_socket) {
          return function(socket, std::move(value)...);
        } else if constexpr (is_ack<AckType>) {
          return function(std::move(value)..., std::move(ack));
        } else {
          return function(std::move(value)...);
        }
      },
      values);
}

struct NoAck {};

/// Calls `function` with decoded values; a coroutine gets both kept for as long as it runs, which
/// may be longer than the table of handlers.
template <class F, class Values>
void run_handler(const std::shared_ptr<F>& function, Incoming& incoming, Values values) {
  using Traits = HandlerTraits<F>;
  using AckType = std::conditional_t<Traits::wants_ack, typename Traits::AckType, NoAck>;
  AckType ack{};
  if constexpr (Traits::wants_ack) ack = AckType(incoming.ack_state());
  if constexpr (Traits::is_coroutine) {
    struct Kept {
      std::shared_ptr<F> function;
      Socket socket;
      Values values;
      AckType ack;
    };
    auto kept = std::make_shared<Kept>(
        Kept{function, Socket(incoming.socket), std::move(values), std::move(ack)});
    auto coroutine = invoke_handler<F, Traits::wants_socket>(*kept->function, kept->socket,
                                                             kept->values, kept->ack);
    spawn(incoming.socket, incoming.event, std::move(coroutine), std::move(kept));
  } else {
    invoke_handler<F, Traits::wants_socket>(*function, incoming.handle, values, ack);
  }
}

template <class F, class... V>
EventHandler event_handler(F given, TypeList<V...>) {
  return [function = std::make_shared<F>(std::move(given))](Incoming& incoming) {
    ValueReader reader(incoming.args.attachments());
    auto values = decode_arguments<V...>(incoming.args, reader);
    if (!values) return report_mismatch(incoming, reader.error());
    run_handler(function, incoming, std::move(*values));
  };
}

/// For on(): the parameters are Socket (optional), the event's arguments, Ack (optional).
template <class F>
EventHandler make_event_handler(F function) {
  static_assert(Callable<F>,
                "a handler's parameter types must be known: no generic lambda (auto parameters), "
                "no overloaded call");
  if constexpr (Callable<F>) {
    return event_handler(std::move(function), typename HandlerTraits<F>::Values{});
  }
}

template <class F, class Name, class... V>
EventHandler any_handler(F given, TypeList<Name, V...>) {
  static_assert(std::is_same_v<Name, std::string> || std::is_same_v<Name, std::string_view>,
                "a catch-all handler's first parameter (after the Socket) is the event's name: "
                "std::string or "
                "std::string_view");
  static_assert(!(HandlerTraits<F>::is_coroutine && std::is_same_v<Name, std::string_view>),
                "a coroutine outlives the event: take its name as std::string");
  return [function = std::make_shared<F>(std::move(given))](Incoming& incoming) {
    ValueReader reader(incoming.args.attachments());
    auto values = decode_arguments<V...>(incoming.args, reader);
    if (!values) return report_mismatch(incoming, reader.error());
    run_handler(function, incoming,
                std::tuple_cat(std::tuple<Name>(incoming.event), std::move(*values)));
  };
}

/// For on_any() and on_any_outgoing(): Socket (optional), the event's name, its arguments, Ack
/// (optional).
template <class F>
EventHandler make_any_handler(F function) {
  static_assert(Callable<F>,
                "a handler's parameter types must be known: no generic lambda (auto parameters), "
                "no overloaded call");
  if constexpr (Callable<F>) {
    static_assert(HandlerTraits<F>::Values::size > 0,
                  "a catch-all handler takes the event's name, at least");
    return any_handler(std::move(function), typename HandlerTraits<F>::Values{});
  }
}

/// Calls `function` with as many of the arguments as it takes, with or without the first, the
/// Socket.
template <class F, class... A>
decltype(auto) call_flexibly(F& function, const Socket& socket, const A&... arguments) {
  if constexpr (std::is_invocable_v<F&, Socket, A...>) {
    return function(socket, arguments...);
  } else if constexpr (std::is_invocable_v<F&, A...>) {
    return function(arguments...);
  } else if constexpr (std::is_invocable_v<F&, Socket>) {
    return function(socket);
  } else {
    static_assert(std::is_invocable_v<F&>,
                  "the handler's parameters are not among those that the documentation lists");
    return function();
  }
}

/// The same; a coroutine is run, and gets all of it kept for as long as it runs.
template <class F, class... A>
void call_or_spawn(const std::shared_ptr<F>& function, const Socket& socket,
                   const A&... arguments) {
  using Result = decltype(call_flexibly(*function, socket, arguments...));
  if constexpr (is_awaitable<Result>) {
    struct Kept {
      std::shared_ptr<F> function;
      Socket socket;
      std::tuple<A...> arguments;
    };
    auto kept = std::make_shared<Kept>(Kept{function, socket, std::tuple<A...>(arguments...)});
    auto coroutine = std::apply(
        [&](const A&... its) { return call_flexibly(*kept->function, kept->socket, its...); },
        kept->arguments);
    spawn(socket.core(), {}, std::move(coroutine), std::move(kept));
  } else {
    call_flexibly(*function, socket, arguments...);
  }
}

template <class F>
ConnectionHandler make_connection_handler(F function) {
  return [function = std::make_shared<F>(std::move(function))](const Socket& socket) {
    call_or_spawn(function, socket);
  };
}

template <class F>
DisconnectHandler make_disconnect_handler(F function) {
  return [function = std::make_shared<F>(std::move(function))](
             const Socket& socket, DisconnectReason reason, const std::string& description) {
    if constexpr (std::is_invocable_v<F&, Socket, DisconnectReason, std::string> ||
                  std::is_invocable_v<F&, DisconnectReason, std::string>) {
      call_or_spawn(function, socket, reason, description);
    } else {
      call_or_spawn(function, socket, reason);
    }
  };
}

template <class F>
ErrorHandler make_error_handler(F function) {
  return [function = std::move(function)](const Socket& socket, const Error& error) mutable {
    static_assert(!is_awaitable<decltype(call_flexibly(function, socket, error))>,
                  "an error handler is no coroutine");
    call_flexibly(function, socket, error);
  };
}

/// The answer of a middleware that may not be ready yet.
template <class Result>
PendingAdmission pending_admission(Result result) {
  if constexpr (is_awaitable<Result>) {
    static_assert(std::is_same_v<Result, boost::asio::awaitable<Admission>>,
                  "a middleware returns Admission, or boost::asio::awaitable<Admission>");
    return PendingAdmission(std::move(result));
  } else {
    static_assert(std::is_convertible_v<Result, Admission>,
                  "a middleware returns Admission, or boost::asio::awaitable<Admission>");
    return PendingAdmission(Admission(std::move(result)));
  }
}

template <class F>
Middleware make_middleware(F function) {
  return [function = std::move(function)](const Socket& socket) mutable -> PendingAdmission {
    constexpr bool decides =
        !std::is_void_v<decltype(call_flexibly(function, socket, socket.handshake()))>;
    static_assert(decides, "a middleware returns Admission: there is no next() to call");
    if constexpr (decides)
      return pending_admission(call_flexibly(function, socket, socket.handshake()));
  };
}

/// Adds a handler to its list.
template <class H>
void append(HandlerList<H>& list, H handler) {
  list.push_back(std::make_shared<const H>(std::move(handler)));
}
template <class H>
void prepend(HandlerList<H>& list, H handler) {
  list.insert(list.begin(), std::make_shared<const H>(std::move(handler)));
}

template <class F>
EventMiddleware make_event_middleware(F function) {
  return [function = std::move(function)](Event& event) mutable -> PendingAdmission {
    return pending_admission(function(event));
  };
}

}  // namespace socketio::detail
