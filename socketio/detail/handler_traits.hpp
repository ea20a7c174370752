#pragma once

#include <cstddef>
#include <type_traits>

#include <boost/asio/awaitable.hpp>

#include "socketio/ack.hpp"
#include "socketio/args.hpp"
#include "socketio/detail/callable.hpp"
#include "socketio/disconnect_reason.hpp"

namespace socketio {

class Socket;

namespace detail {

template <class T>
inline constexpr bool is_ack = false;
template <class... T>
inline constexpr bool is_ack<Ack<T...>> = true;

template <class T>
inline constexpr bool is_awaitable = false;
template <class T, class Executor>
inline constexpr bool is_awaitable<boost::asio::awaitable<T, Executor>> = true;

template <class T>
inline constexpr bool takes_the_rest = std::is_same_v<T, Args> || std::is_same_v<T, RawArgs>;

/// Removes a leading Socket.
template <class List>
struct WithoutSocket {
  static constexpr bool had_one = false;
  using Type = List;
};
template <class... P>
struct WithoutSocket<TypeList<Socket, P...>> {
  static constexpr bool had_one = true;
  using Type = TypeList<P...>;
};

/// Splits a trailing Ack from the values.
template <class Values, class... Rest>
struct SplitAck;
template <class... V>
struct SplitAck<TypeList<V...>> {
  using Values = TypeList<V...>;
  using AckType = void;
};
template <class... V, class Last>
struct SplitAck<TypeList<V...>, Last> {
  using Values = std::conditional_t<is_ack<Last>, TypeList<V...>, TypeList<V..., Last>>;
  using AckType = std::conditional_t<is_ack<Last>, Last, void>;
};
template <class... V, class First, class Second, class... Rest>
struct SplitAck<TypeList<V...>, First, Second, Rest...>
    : SplitAck<TypeList<V..., First>, Second, Rest...> {};

template <class List>
struct SplitAckOf;
template <class... P>
struct SplitAckOf<TypeList<P...>> : SplitAck<TypeList<>, P...> {};

template <class... V>
constexpr bool values_are_in_order(TypeList<V...>) {
  std::size_t index = 0;
  bool good = true;
  ((good = good && !std::is_same_v<V, Socket> && !is_ack<V> &&
           (!takes_the_rest<V> || index + 1 == sizeof...(V)),
    ++index),
   ...);
  return good;
}

template <class... V>
constexpr bool takes_a_reason(TypeList<V...>) {
  return (std::is_same_v<V, DisconnectReason> || ...);
}

template <class... P>
constexpr bool can_be_given(TypeList<P...>) {
  return ((!std::is_lvalue_reference_v<P> || std::is_const_v<std::remove_reference_t<P>>)&&...);
}

/// What the signature of an event handler says.
template <class F>
struct HandlerTraits {
  using Given = typename Signature<F>::Parameters;
  using WithoutReferences = typename Decayed<Given>::Type;
  using Socketless = WithoutSocket<WithoutReferences>;
  using Split = SplitAckOf<typename Socketless::Type>;
  using Values = typename Split::Values;
  using AckType = typename Split::AckType;
  using Result = typename Signature<F>::Result;
  static constexpr bool wants_socket = Socketless::had_one;
  static constexpr bool wants_ack = !std::is_void_v<AckType>;
  static constexpr bool is_coroutine = is_awaitable<Result>;

  static_assert(!takes_a_reason(Values{}),
                "no event brings a DisconnectReason: use on_disconnect or on_disconnecting");
  static_assert(can_be_given(Given{}),
                "a handler takes its parameters by value or const reference");
  static_assert(values_are_in_order(Values{}),
                "a handler's parameters are: Socket (optional, first), the event's arguments, with "
                "Args or RawArgs only as "
                "the last of them, and Ack<…> (optional, last)");
  static_assert(std::is_void_v<Result> || std::is_same_v<Result, boost::asio::awaitable<void>>,
                "a handler returns void or boost::asio::awaitable<void>");
};

}  // namespace detail
}  // namespace socketio
