#pragma once

#include <cstddef>
#include <type_traits>

namespace socketio::detail {

template <class... T>
struct TypeList {
  static constexpr std::size_t size = sizeof...(T);
};

/// The result and the parameters of a lambda, function object or function. Undefined for a generic
/// lambda or an overloaded function object, whose parameters nobody can know.
template <class F>
struct Signature;

template <class R, class... P>
struct Signature<R(P...)> {
  using Result = R;
  using Parameters = TypeList<P...>;
};

template <class M>
struct MemberSignature;
template <class R, class C, class... P>
struct MemberSignature<R (C::*)(P...)> : Signature<R(P...)> {};
template <class R, class C, class... P>
struct MemberSignature<R (C::*)(P...) const> : Signature<R(P...)> {};
template <class R, class C, class... P>
struct MemberSignature<R (C::*)(P...) noexcept> : Signature<R(P...)> {};
template <class R, class C, class... P>
struct MemberSignature<R (C::*)(P...) const noexcept> : Signature<R(P...)> {};
template <class R, class C, class... P>
struct MemberSignature<R (C::*)(P...)&> : Signature<R(P...)> {};
template <class R, class C, class... P>
struct MemberSignature<R (C::*)(P...) const&> : Signature<R(P...)> {};
template <class R, class C, class... P>
struct MemberSignature<R (C::*)(P...)& noexcept> : Signature<R(P...)> {};
template <class R, class C, class... P>
struct MemberSignature<R (C::*)(P...) const& noexcept> : Signature<R(P...)> {};

template <class F>
requires requires { &F::operator(); }
struct Signature<F> : MemberSignature<decltype(&F::operator())> {};
template <class R, class... P>
struct Signature<R (*)(P...)> : Signature<R(P...)> {};
template <class R, class... P>
struct Signature<R (*)(P...) noexcept> : Signature<R(P...)> {};

/// F has parameters that can be known.
template <class F>
concept Callable = requires {
  typename Signature<std::decay_t<F>>::Parameters;
};

template <class... T>
struct LastOf {
  using Type = void;
};
template <class First, class... Rest>
struct LastOf<First, Rest...> : LastOf<Rest...> {};
template <class Last>
struct LastOf<Last> {
  using Type = Last;
};

/// The last of the arguments is a function: Node's way of asking for a reply.
template <class... T>
inline constexpr bool ends_with_callback = Callable<typename LastOf<T...>::Type>;
template <>
inline constexpr bool ends_with_callback<> = false;

/// The parameter types of a reply's callback, without references.
template <class List>
struct Decayed;
template <class... P>
struct Decayed<TypeList<P...>> {
  using Type = TypeList<std::remove_cvref_t<P>...>;
};
template <class F>
using callback_parameters_t =
    typename Decayed<typename Signature<std::decay_t<F>>::Parameters>::Type;

}  // namespace socketio::detail
