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
                "a handler's parameter types must be known: no auto parameters, no overloaded "
                "call; a member function or std::bind goes into a lambda that names them");
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
                "a handler's parameter types must be known: no auto parameters, no overloaded "
                "call; a member function or std::bind goes into a lambda that names them");
  if constexpr (Callable<F>) {
    static_assert(HandlerTraits<F>::Values::size > 0,
                  "a catch-all handler takes the event's name, at least");
    if constexpr (HandlerTraits<F>::Values::size > 0)
      return any_handler(std::move(function), typename HandlerTraits<F>::Values{});
  }
}

/// `function` can be called with the arguments or without them, after a Socket or without one.
template <class F, class... A>
inline constexpr bool is_callable_flexibly =
    std::is_invocable_v<F&, Socket, A...> || std::is_invocable_v<F&, A...> ||
    std::is_invocable_v<F&, Socket> || std::is_invocable_v<F&>;

/// Calls it so. Requires: is_callable_flexibly.
template <class F, class... A>
decltype(auto) call_flexibly(F& function, const Socket& socket, const A&... arguments) {
  if constexpr (std::is_invocable_v<F&, Socket, A...>) {
    return function(socket, arguments...);
  } else if constexpr (std::is_invocable_v<F&, A...>) {
    return function(arguments...);
  } else if constexpr (std::is_invocable_v<F&, Socket>) {
    return function(socket);
  } else if constexpr (std::is_invocable_v<F&>) {
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
  static_assert(is_callable_flexibly<F>, "the only parameter is Socket (optional)");
  return [function = std::make_shared<F>(std::move(function))](const Socket& socket) {
    call_or_spawn(function, socket);
  };
}

template <class F>
DisconnectHandler make_disconnect_handler(F function) {
  static_assert(is_callable_flexibly<F, DisconnectReason, std::string> ||
                    is_callable_flexibly<F, DisconnectReason>,
                "the parameters are: Socket (optional, first), DisconnectReason (optional) and "
                "after it std::string description (optional); to_string(reason) is JavaScript's "
                "text");
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
ErrorHandler make_error_handler(F given) {
  static_assert(is_callable_flexibly<F, Error>,
                "the parameters are: Socket (optional, first), const Error& (optional)");
  return
      [function = std::make_shared<F>(std::move(given))](const Socket& socket, const Error& error) {
        static_assert(!is_awaitable<decltype(call_flexibly(*function, socket, error))>,
                      "an error handler is no coroutine");
        call_flexibly(*function, socket, error);
      };
}

/// The answer of a middleware that may not be ready yet.
template <class Ask>
PendingAdmission pending_admission(Ask ask) {
  using Result = decltype(ask());
  constexpr bool waits = std::is_same_v<Result, boost::asio::awaitable<Admission>>;
  constexpr bool decides = std::is_convertible_v<Result, Admission>;
  static_assert(waits || decides,
                "a middleware returns Admission, or boost::asio::awaitable<Admission>; a lambda "
                "with Admit{} here and Reject{…} there says so: -> Admission");
  if constexpr (waits) {
    return PendingAdmission(ask());
  } else if constexpr (decides) {
    return PendingAdmission(Admission(ask()));
  }
}

template <class F>
Middleware make_middleware(F given) {
  static_assert(is_callable_flexibly<F, Handshake>,
                "a middleware's parameters are: Socket (optional, first), const Handshake& "
                "(optional); there is no next() to call, it returns Admission");
  return
      [function = std::make_shared<F>(std::move(given))](const Socket& socket) -> PendingAdmission {
        if constexpr (is_callable_flexibly<F, Handshake>)
          return pending_admission(
              [&] { return call_flexibly(*function, socket, socket.handshake()); });
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
EventMiddleware make_event_middleware(F given) {
  static_assert(std::is_invocable_v<F&, Event&>,
                "the parameter of a middleware for events is Event&; it returns Admission");
  return [function = std::make_shared<F>(std::move(given))](Event& event) -> PendingAdmission {
    if constexpr (std::is_invocable_v<F&, Event&>)
      return pending_admission([&] { return (*function)(event); });
  };
}

}  // namespace socketio::detail
