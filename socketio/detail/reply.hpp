#pragma once

#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>

#include "socketio/codec.hpp"
#include "socketio/detail/argument_codec.hpp"
#include "socketio/detail/callable.hpp"
#include "socketio/detail/socket_access.hpp"

// The two ways to wait for a client's reply: a function as last argument of emit, and the operation
// that emit_with_ack is.

namespace socketio::detail {

using boost::system::error_code;

/// A completion handler with the executor that it wants to run on, which is kept running until
/// then.
template <class Handler>
class Completion {
 public:
  Completion(Handler handler, const Executor& fallback)
      : handler_(std::move(handler)),
        work_(boost::asio::get_associated_executor(handler_, fallback)) {}

  /// Runs the handler on its executor; at once if that is possible. To be called once. What a
  /// handler without an executor of its own throws comes out of the call, if it is on the loop.
  template <class... T>
  void operator()(T... values) {
    const auto executor = work_.get_executor();
    if constexpr (std::is_same_v<decltype(executor), const Executor>) {
      if (executor.running_in_this_thread()) {  // dispatch would hand it to the io_context's run()
        Handler handler = std::move(handler_);  // this object may be gone before it returns
        work_.reset();
        return std::move(handler)(std::move(values)...);
      }
    }
    boost::asio::dispatch(executor, [handler = std::move(handler_),
                                     arguments = std::tuple<T...>(std::move(values)...)]() mutable {
      std::apply(std::move(handler), std::move(arguments));
    });
    work_.reset();
  }

 private:
  Handler handler_;
  boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler, Executor>> work_;
};

/// emit("event", …, [](T... reply) { … })
template <class F, class... T>
class PlainCallback final : public PendingAck {
 public:
  explicit PlainCallback(F function) : function_(std::move(function)) {}

  void answered(const RawArgs& args) override {
    ValueReader reader(args.attachments());
    if (auto values = decode_arguments<T...>(args, reader))
      return std::apply(function_, std::move(*values));
    report(*place.owner, {Errc::arguments_mismatch, "acknowledgement: " + reader.error()});
  }
  void timed_out() override {}
  bool disconnected() override { return false; }
  void failed(error_code error) override { report(*place.owner, {error, error.message()}); }

 private:
  F function_;
};

/// timeout(…).emit("event", …, [](error_code error, T... reply) { … })
template <class F, class... T>
class TimedCallback final : public PendingAck {
 public:
  explicit TimedCallback(F function) : function_(std::move(function)) {}

  void answered(const RawArgs& args) override {
    ValueReader reader(args.attachments());
    auto values = decode_arguments<T...>(args, reader);
    if (!values) return function_(Errc::arguments_mismatch, T{}...);
    std::apply(
        [this](auto&&... value) {
          function_(error_code{}, std::forward<decltype(value)>(value)...);
        },
        std::move(*values));
  }
  void timed_out() override { function_(Errc::timed_out, T{}...); }
  bool disconnected() override { return true; }
  void failed(error_code error) override { function_(error, T{}...); }

 private:
  F function_;
};

/// emit_with_ack<T...>("event", …)
template <class Handler, class... T>
class OperationAck final : public PendingAck {
 public:
  OperationAck(Handler handler, const Executor& executor)
      : complete_(std::move(handler), executor) {}

  void answered(const RawArgs& args) override {
    ValueReader reader(args.attachments());
    auto values = decode_arguments<T...>(args, reader);
    if (!values) return failed(Errc::arguments_mismatch);
    std::apply(
        [this](auto&&... value) {
          complete_(error_code{}, T(std::forward<decltype(value)>(value))...);
        },
        std::move(*values));
  }
  void timed_out() override { failed(Errc::timed_out); }
  bool disconnected() override {
    failed(boost::asio::error::operation_aborted);
    return false;
  }
  void failed(error_code error) override { complete_(error, T{}...); }

 private:
  Completion<Handler> complete_;
};

template <class F, class... T>
std::unique_ptr<PendingAck> make_plain_callback(F function, TypeList<T...>) {
  return std::make_unique<PlainCallback<F, T...>>(std::move(function));
}

template <class F, class First, class... T>
std::unique_ptr<PendingAck> make_timed_callback(F function, TypeList<First, T...>) {
  static_assert(std::is_same_v<First, error_code>,
                "after timeout(), the callback's first parameter is a boost::system::error_code");
  return std::make_unique<TimedCallback<F, T...>>(std::move(function));
}

/// What is common to all emits of one kind.
struct Emission {
  SocketCore& socket;
  Flags flags = {};
  std::optional<engineio::Duration> timeout = {};
};

template <class... A>
void emit_plain(const Emission& how, std::string_view event, const A&... arguments) {
  send_from_any_thread(how.socket,
                       encode_event(namespace_of(how.socket), std::nullopt, event, arguments...),
                       how.flags);
}

template <class... A>
void emit_for_reply(const Emission& how, std::unique_ptr<PendingAck> pending,
                    std::string_view event, const A&... arguments) {
  const std::optional<std::uint64_t> id = next_ack_id(how.socket);
  send_with_ack_from_any_thread(
      how.socket, encode_event(namespace_of(how.socket), id.value_or(0), event, arguments...), id,
      std::move(pending), how.timeout, how.flags);
}

template <bool timed, class Tuple, std::size_t... Index>
void emit_with_callback(const Emission& how, std::string_view event, const Tuple& arguments,
                        std::index_sequence<Index...>) {
  using F = std::decay_t<std::tuple_element_t<sizeof...(Index), Tuple>>;
  F function(std::forward<std::tuple_element_t<sizeof...(Index), Tuple>>(
      std::get<sizeof...(Index)>(arguments)));
  std::unique_ptr<PendingAck> pending;
  if constexpr (timed) {
    pending = make_timed_callback(std::move(function), callback_parameters_t<F>{});
  } else {
    pending = make_plain_callback(std::move(function), callback_parameters_t<F>{});
  }
  emit_for_reply(how, std::move(pending), event, std::get<Index>(arguments)...);
}

/// Emits, with the last of the arguments as receiver of the reply if it is a function.
template <bool timed, class... A>
void emit(const Emission& how, std::string_view event, A&&... arguments) {
  require_event_name(event);
  if constexpr (!ends_with_callback<A...>) {
    emit_plain(how, event, arguments...);
  } else {
    emit_with_callback<timed>(how, event, std::forward_as_tuple(std::forward<A>(arguments)...),
                              std::make_index_sequence<sizeof...(A) - 1>{});
  }
}

/// Completes an operation of which nobody could tell the outcome any more: with operation_aborted,
/// on the handler's own executor; here and now if it has none.
template <class Handler, class... T>
void abort_operation(Handler&& handler, T... result) {
  const auto executor = boost::asio::get_associated_executor(handler);
  boost::asio::dispatch(executor, [own = std::decay_t<Handler>(std::forward<Handler>(handler)),
                                   outcome = std::tuple<T...>(std::move(result)...)]() mutable {
    std::apply(
        [&own](T&... values) {
          std::move(own)(error_code(boost::asio::error::operation_aborted), std::move(values)...);
        },
        outcome);
  });
}

/// The id that a packet was encoded with. Who copies the operation, to begin it twice, asks for
/// another.
struct EncodedAckId {
  explicit EncodedAckId(std::optional<std::uint64_t> value) noexcept : id(value) {}
  EncodedAckId(const EncodedAckId&) noexcept {}
  EncodedAckId(EncodedAckId&& other) noexcept : id(std::exchange(other.id, std::nullopt)) {}

  std::optional<std::uint64_t> id;
};

/// Starts emit_with_ack once it is known who waits.
template <class... T>
struct StartEmission {
  SocketPtr socket;
  Flags flags;
  std::optional<engineio::Duration> timeout;
  EncodedAckId own;
  EncodedPacket packet;

  template <class Handler>
  void operator()(Handler&& handler) {
    if (!has_loop(*socket)) return abort_operation(std::forward<Handler>(handler), T{}...);
    using Ack = OperationAck<std::decay_t<Handler>, T...>;
    send_with_ack_from_any_thread(
        *socket, packet, std::exchange(own.id, std::nullopt),
        std::make_unique<Ack>(std::forward<Handler>(handler), executor_of(*socket)), timeout,
        flags);
  }
};

template <class... T, class... A>
auto emit_with_ack(SocketPtr socket, const Emission& how, std::string_view event,
                   const A&... arguments) {
  static_assert(!ends_with_callback<A...>,
                "emit_with_ack returns what waits for the reply: it takes no callback");
  require_event_name(event);
  const std::optional<std::uint64_t> id = next_ack_id(*socket);
  EncodedPacket packet = encode_event(namespace_of(*socket), id.value_or(0), event, arguments...);
  return boost::asio::async_initiate<const boost::asio::deferred_t, void(error_code, T...)>(
      StartEmission<T...>{std::move(socket), how.flags, how.timeout, EncodedAckId(id),
                          std::move(packet)},
      boost::asio::deferred);
}

}  // namespace socketio::detail
