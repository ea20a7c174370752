#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/deferred.hpp>
#include <boost/json/value.hpp>

#include "socketio/audience.hpp"
#include "socketio/detail/collect.hpp"
#include "socketio/detail/reply.hpp"
#include "socketio/packet.hpp"

namespace socketio {

class RemoteSocket;
class TimedBroadcast;

/// Who is meant, and what to do with them: `io.to("news").except(author.id()).emit("headline",
/// text)`.
///
/// Each call of to, in and except returns a new object that means more rooms or exceptions; rooms
/// unite, each socket is reached once, unknown rooms are empty. Without rooms the whole namespace
/// is meant. A packet is encoded once for all.
///
/// A value that may be kept and used again, as long as the Server lives. Threads: any. Sockets of
/// the calling thread's own loop are reached at once, those of other loops by one posted call each.
class Broadcast {
 public:
  /// For the library. `nsp` outlives the object.
  Broadcast(detail::NamespaceCore& nsp, Audience audience) noexcept
      : nsp_(&nsp), audience_(std::move(audience)) {}

  /// Those in these rooms too. `in` is another name for it.
  Broadcast to(std::string_view room) const;
  Broadcast to(const std::vector<std::string>& rooms) const;
  Broadcast to(std::initializer_list<std::string_view> rooms) const;
  Broadcast in(std::string_view room) const { return to(room); }
  Broadcast in(const std::vector<std::string>& rooms) const { return to(rooms); }
  Broadcast in(std::initializer_list<std::string_view> rooms) const { return to(rooms); }
  /// But nobody who is in one of these rooms; a socket's id is a room.
  Broadcast except(std::string_view room) const;
  Broadcast except(const std::vector<std::string>& rooms) const;
  Broadcast except(std::initializer_list<std::string_view> rooms) const;
  /// In this server process only.
  Broadcast local() const;
  /// Drop it for those that can't be written to at once; the others get it.
  Broadcast volatile_() const;
  /// False: it is not worth compressing.
  Broadcast compress(bool compress) const;
  /// With these flags.
  Broadcast with(const Flags& flags) const;
  /// Replies are collected for so long: needed before anything that asks for them.
  TimedBroadcast timeout(engineio::Duration limit) const;

  /// Sends an event: see Socket::emit.
  template <class... A>
  void emit(std::string_view event, const A&... arguments) const {
    static_assert(
        !detail::ends_with_callback<A...>,
        "a broadcast that asks for replies needs a time limit: .timeout(5s).emit(…, callback)");
    detail::require_event_name(event);
    detail::broadcast(*nsp_, audience_,
                      encode_event(detail::name_of(*nsp_), std::nullopt, event, arguments...));
  }
  /// Sends the event `message`.
  template <class... A>
  void send(const A&... arguments) const {
    emit("message", arguments...);
  }

  /// Lets them all join or leave rooms. It happens at once on the caller's own loop and soon on
  /// others; given a completion token for (error_code), the operation completes when it has
  /// happened everywhere.
  void sockets_join(std::string_view room) const;
  void sockets_join(std::vector<std::string> rooms) const;
  void sockets_join(std::initializer_list<std::string_view> rooms) const;
  template <class Token>
  auto sockets_join(std::string_view room, Token&& token) const {
    return sockets_join(std::vector<std::string>{std::string(room)}, std::forward<Token>(token));
  }
  template <class Token>
  auto sockets_join(std::initializer_list<std::string_view> rooms, Token&& token) const {
    return sockets_join(std::vector<std::string>(rooms.begin(), rooms.end()),
                        std::forward<Token>(token));
  }
  template <class Token>
  auto sockets_join(std::vector<std::string> rooms, Token&& token) const {
    return detail::start_update<Token>(*nsp_, audience_, detail::Update::join(std::move(rooms)),
                                       token);
  }
  void sockets_leave(std::string_view room) const;
  void sockets_leave(std::vector<std::string> rooms) const;
  void sockets_leave(std::initializer_list<std::string_view> rooms) const;
  template <class Token>
  auto sockets_leave(std::string_view room, Token&& token) const {
    return sockets_leave(std::vector<std::string>{std::string(room)}, std::forward<Token>(token));
  }
  template <class Token>
  auto sockets_leave(std::initializer_list<std::string_view> rooms, Token&& token) const {
    return sockets_leave(std::vector<std::string>(rooms.begin(), rooms.end()),
                         std::forward<Token>(token));
  }
  template <class Token>
  auto sockets_leave(std::vector<std::string> rooms, Token&& token) const {
    return detail::start_update<Token>(*nsp_, audience_, detail::Update::leave(std::move(rooms)),
                                       token);
  }
  /// Disconnects them all: see Socket::disconnect. On each loop a hundred at once, and the others a
  /// hundred a turn, so that everybody else is served meanwhile.
  void disconnect_sockets(bool close = false) const;
  template <class Token>
  auto disconnect_sockets(bool close, Token&& token) const {
    return detail::start_update<Token>(*nsp_, audience_, detail::Update::disconnect(close), token);
  }

  /// Who they are: completes with (error_code, std::vector<RemoteSocket>). `co_await
  /// io.in("news").fetch_sockets()`, or give a completion token such as a callback.
  template <class Token = const boost::asio::deferred_t&>
  [[nodiscard]] auto fetch_sockets(Token&& token = boost::asio::deferred) const {
    return detail::start_fetch<Token, RemoteSocket>(*nsp_, audience_, token);
  }
  /// How many they are: completes with (error_code, std::size_t).
  template <class Token = const boost::asio::deferred_t&>
  [[nodiscard]] auto count_sockets(Token&& token = boost::asio::deferred) const {
    return detail::start_count<Token>(*nsp_, audience_, token);
  }

  const Audience& audience() const noexcept { return audience_; }

 private:
  detail::NamespaceCore* nsp_;
  Audience audience_;
};

/// A Broadcast that collects replies for a limited time: `co_await
/// io.timeout(5s).emit_with_ack<Vote>("poll", question)`.
class TimedBroadcast {
 public:
  TimedBroadcast(detail::NamespaceCore& nsp, Audience audience, engineio::Duration limit) noexcept
      : nsp_(&nsp), audience_(std::move(audience)), limit_(limit) {}

  /// Sends an event and collects everybody's reply (its first value, decoded to T), in the order of
  /// arrival: an Asio operation that completes with (error_code, std::vector<T>). With
  /// Errc::timed_out the vector has the replies that came in time; co_await throws them away,
  /// unless the token is as_tuple. Nobody meant: no replies, no error. A client that leaves without
  /// a reply is waited for until the end, as in the JavaScript server. Errc::arguments_mismatch:
  /// all came, and those that are no T were left out.
  template <class T = boost::json::value, class... A>
  [[nodiscard]] auto emit_with_ack(std::string_view event, const A&... arguments) const {
    static_assert(!detail::ends_with_callback<A...>,
                  "emit_with_ack returns what waits: it takes no callback");
    detail::require_event_name(event);
    return detail::start_collection<T>(*nsp_, audience_, encode(event, arguments...), limit_);
  }
  /// The same with a function as last argument: `void (error_code, std::vector<T>)`. It runs on the
  /// loop of the caller, or on the first one if the caller's thread is none of the server's.
  /// Without a function it is a plain Broadcast::emit.
  template <class... A>
  void emit(std::string_view event, A&&... arguments) const {
    if constexpr (!detail::ends_with_callback<A...>) {
      Broadcast(*nsp_, audience_).emit(event, arguments...);
    } else {
      detail::require_event_name(event);
      emit_then(event, std::forward_as_tuple(std::forward<A>(arguments)...),
                std::make_index_sequence<sizeof...(A) - 1>{});
    }
  }

 private:
  template <class... A>
  EncodedPacket encode(std::string_view event, const A&... arguments) const {
    return encode_event(detail::name_of(*nsp_), 0, event, arguments...);
  }
  template <class Tuple, std::size_t... Index>
  void emit_then(std::string_view event, const Tuple& arguments,
                 std::index_sequence<Index...>) const {
    auto function = std::get<sizeof...(Index)>(arguments);
    using T = detail::collected_t<decltype(function)>;
    detail::start_collection<T>(*nsp_, audience_, encode(event, std::get<Index>(arguments)...),
                                limit_)(std::move(function));
  }

  detail::NamespaceCore* nsp_;
  Audience audience_;
  engineio::Duration limit_;
};

}  // namespace socketio
