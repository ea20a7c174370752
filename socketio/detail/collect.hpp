#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/json/value.hpp>

#include "socketio/adapter.hpp"
#include "socketio/detail/reply.hpp"

// Asio operations over an audience: the parts that depend on a completion token.

namespace socketio::detail {

class NamespaceShard;

Adapter& adapter_of(NamespaceCore& nsp) noexcept;
/// Begins an operation: while it lives the server waits with its end, so that what is posted to its
/// loops is run. False once they have ended, or the server has: what is begun then would never be
/// told of.
class Beginning {
 public:
  explicit Beginning(NamespaceCore& nsp) noexcept;
  Beginning(const Beginning&) = delete;
  Beginning& operator=(const Beginning&) = delete;
  ~Beginning();

  explicit operator bool() const noexcept { return nsp_ != nullptr; }

 private:
  NamespaceCore* nsp_;
};

/// A completion handler that waits for the outcome of an operation over an audience.
template <class Handler, class... T>
class WaitingHandler final : public Receiver<T...> {
 public:
  WaitingHandler(Handler handler, const Executor& executor)
      : complete_(std::move(handler), executor) {}
  void complete(error_code error, T... result) override { complete_(error, std::move(result)...); }

 private:
  Completion<Handler> complete_;
};

/// What sockets_join, sockets_leave and disconnect_sockets do.
struct Update {
  enum class Kind : unsigned char { join, leave, disconnect };
  static Update join(std::vector<std::string> rooms) {
    return {Kind::join, std::move(rooms), false};
  }
  static Update leave(std::vector<std::string> rooms) {
    return {Kind::leave, std::move(rooms), false};
  }
  static Update disconnect(bool close) { return {Kind::disconnect, {}, close}; }

  Kind kind;
  std::vector<std::string> rooms;
  bool close;
};
void update(NamespaceCore& nsp, const Audience& audience, Update update,
            std::shared_ptr<Receiver<>> done);

template <class Token>
auto start_update(NamespaceCore& nsp, const Audience& audience, Update what, Token& token) {
  return boost::asio::async_initiate<Token, void(error_code)>(
      [&nsp](auto&& handler, const Audience& whom, Update change) {
        using Waiting = WaitingHandler<std::decay_t<decltype(handler)>>;
        const Beginning beginning(nsp);
        if (!beginning) return abort_operation(std::forward<decltype(handler)>(handler));
        update(
            nsp, whom, std::move(change),
            std::make_shared<Waiting>(std::forward<decltype(handler)>(handler), executor_of(nsp)));
      },
      token, audience, std::move(what));
}

template <class Token>
auto start_count(NamespaceCore& nsp, const Audience& audience, Token& token) {
  return boost::asio::async_initiate<Token, void(error_code, std::size_t)>(
      [&nsp](auto&& handler, const Audience& whom) {
        using Waiting = WaitingHandler<std::decay_t<decltype(handler)>, std::size_t>;
        const Beginning beginning(nsp);
        if (!beginning)
          return abort_operation(std::forward<decltype(handler)>(handler), std::size_t{0});
        adapter_of(nsp).count(
            whom,
            std::make_shared<Waiting>(std::forward<decltype(handler)>(handler), executor_of(nsp)));
      },
      token, audience);
}

/// Turns snapshots into what users get.
template <class Handler, class Remote>
class WaitingForSockets final : public Receiver<std::vector<SocketSnapshot>> {
 public:
  WaitingForSockets(NamespaceCore& nsp, Handler handler)
      : nsp_(nsp), complete_(std::move(handler), executor_of(nsp)) {}
  void complete(error_code error, std::vector<SocketSnapshot> snapshots) override {
    std::vector<Remote> sockets;
    sockets.reserve(snapshots.size());
    for (SocketSnapshot& snapshot : snapshots) sockets.emplace_back(nsp_, std::move(snapshot));
    complete_(error, std::move(sockets));
  }

 private:
  NamespaceCore& nsp_;
  Completion<Handler> complete_;
};

template <class Token, class Remote>
auto start_fetch(NamespaceCore& nsp, const Audience& audience, Token& token) {
  return boost::asio::async_initiate<Token, void(error_code, std::vector<Remote>)>(
      [&nsp](auto&& handler, const Audience& whom) {
        using Waiting = WaitingForSockets<std::decay_t<decltype(handler)>, Remote>;
        const Beginning beginning(nsp);
        if (!beginning)
          return abort_operation(std::forward<decltype(handler)>(handler), std::vector<Remote>{});
        adapter_of(nsp).fetch(
            whom, std::make_shared<Waiting>(nsp, std::forward<decltype(handler)>(handler)));
      },
      token, audience);
}

/// Collects the replies to one broadcast, until all are there or the time is over. Lives on the
/// loop where the broadcast began, which keeps it until then.
class AckCollector : public ReplyReceiver,
                     public engineio::Deadline,
                     public std::enable_shared_from_this<AckCollector> {
 public:
  void expect(std::size_t clients) final;
  void reply(const RawArgs& args) final;
  /// Ends it: with what has come so far.
  void finish(error_code error);
  /// Who keeps it, and drops it when it has ended. To be called before the first of the others.
  void kept_by(NamespaceShard& shard) noexcept { shard_ = &shard; }

 private:
  void expired() final { finish(Errc::timed_out); }
  void finish_if_all_came();
  virtual void add(const RawArgs& args) = 0;
  virtual void complete(error_code error) = 0;

  NamespaceShard* shard_ = nullptr;
  std::size_t missing_ = 0;  // may wrap around below zero until expect() came
  bool counted_ = false;
  bool done_ = false;
};

/// A collector of T. `single`: of one reply, which is delivered as such.
template <class Handler, class T, bool single>
class TypedCollector final : public AckCollector {
 public:
  TypedCollector(Handler handler, const Executor& executor)
      : complete_(std::move(handler), executor) {}

 private:
  void add(const RawArgs& args) override {
    if constexpr (std::is_same_v<T, boost::json::value>) {
      if (args.empty()) {  // undefined in JavaScript
        replies_.emplace_back();
        return;
      }
    }
    ValueReader reader(args.attachments());
    auto values = decode_arguments<T>(args, reader);
    if (values) {
      replies_.emplace_back(std::move(std::get<0>(*values)));
    } else {
      mismatch_ = true;
    }
  }
  void complete(error_code error) override {
    if (!error && mismatch_) error = Errc::arguments_mismatch;
    if constexpr (single) {
      if (!error && replies_.empty()) error = boost::asio::error::operation_aborted;
      complete_(error, replies_.empty() ? T{} : std::move(replies_.front()));
    } else {
      complete_(error, std::move(replies_));
    }
  }

  Completion<Handler> complete_;
  std::vector<T> replies_;
  bool mismatch_ = false;
};

template <class T, bool single>
struct StartCollection {
  NamespaceCore* nsp;
  Audience audience;
  EncodedPacket packet;
  engineio::Duration limit;

  template <class Handler>
  void operator()(Handler&& handler) {
    using Collector = TypedCollector<std::decay_t<Handler>, T, single>;
    using Result = std::conditional_t<single, T, std::vector<T>>;
    const Beginning beginning(*nsp);
    if (!beginning) return abort_operation(std::forward<Handler>(handler), Result{});
    broadcast_with_ack(
        *nsp, audience, packet,
        std::make_shared<Collector>(std::forward<Handler>(handler), executor_of(*nsp)), limit);
  }
};

template <class T, bool single = false>
auto start_collection(NamespaceCore& nsp, const Audience& audience, EncodedPacket packet,
                      engineio::Duration limit) {
  using Result = std::conditional_t<single, T, std::vector<T>>;
  return boost::asio::async_initiate<const boost::asio::deferred_t, void(error_code, Result)>(
      StartCollection<T, single>{&nsp, audience, std::move(packet), limit}, boost::asio::deferred);
}

template <class List>
struct CollectedBy {
  static_assert(List::size == 2,
                "the callback of a broadcast takes (boost::system::error_code, std::vector<T>)");
};
template <class Element>
struct CollectedBy<TypeList<error_code, std::vector<Element>>> {
  using Type = Element;
};
/// The T of a callback `void (error_code, std::vector<T>)`.
template <class F>
using collected_t = typename CollectedBy<callback_parameters_t<F>>::Type;

}  // namespace socketio::detail
