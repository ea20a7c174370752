#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engineio/socket.hpp"
#include "socketio/ack.hpp"
#include "socketio/broadcast.hpp"
#include "socketio/detail/data_slot.hpp"
#include "socketio/detail/reply.hpp"
#include "socketio/disconnect_reason.hpp"
#include "socketio/handshake.hpp"

namespace socketio {

class Emitter;
class TimedEmitter;

/// Handle to one client in one namespace: what a handler gets as its first parameter.
///
/// Life: the client asked for the namespace, its middlewares admitted it, `on_connection` ran; then
/// events come and go until one disconnect, by either side or by the loss of the connection. A
/// handle is a pointer: copy it, keep it in containers (compare and hash go by id), use it after
/// the disconnect, when emits are dropped, and after the Server's end, when a callback or operation
/// that waits for a reply fails with operation_aborted inside the call or on its own executor. What
/// `to`, `broadcast` and the like return may then still emit, to nobody; anything else of it needs
/// the Server. A handle keeps memory alive, never the connection. A default-constructed one refers
/// to nobody: only assign to it, compare it and ask `if (socket)`.
///
/// Threads: id, handshake, nsp, connected, emit…, send, join, leave, disconnect and the operators
/// (to, in, except, broadcast, volatile_, compress, local, timeout) from any thread. On the
/// client's own loop, where its handlers run, they act at once; elsewhere they are posted there, in
/// the order of the calling thread. rooms, data, buffered_bytes, transport, connection_id, conn and
/// the registration of handlers belong into the client's own handlers.
class Socket {
 public:
  Socket() = default;
  /// For the library.
  explicit Socket(detail::SocketPtr core) noexcept : core_(std::move(core)) {}

  explicit operator bool() const noexcept { return core_ != nullptr; }

  /// 20 random characters, of this namespace only: the client's `socket.id`. It names a room that
  /// the socket is in.
  const std::string& id() const noexcept;
  /// How the client came in.
  const Handshake& handshake() const noexcept;
  /// The namespace's name, e.g. "/" or "/chat".
  const std::string& nsp() const noexcept;
  /// In the namespace: from before on_connection until after the `disconnecting` handlers.
  bool connected() const noexcept;
  /// The id of the connection below, which all namespaces of a client share; empty after the
  /// disconnect handlers.
  std::string_view connection_id() const noexcept;
  /// "polling" or "websocket"; empty after the disconnect handlers.
  std::string_view transport() const noexcept;
  /// The connection below as Engine.IO sees it: its id, its request, and listeners for its packets,
  /// flushes, heartbeats, upgrade and close. Refers to nobody after the disconnect handlers. What
  /// is sent on it directly is no Socket.IO packet: leave that to those who know.
  engineio::Socket conn() const;
  /// Bytes sent to this client that have not left the process, of all its namespaces.
  /// Over Limits::send_queue_hard_bytes of the engine options it is disconnected.
  std::size_t buffered_bytes() const noexcept;

  /// This client's own data: one T, default-constructed at the first call. T is up to you, but the
  /// same in every call; another one throws std::bad_any_cast. Lives as long as the last handle.
  template <class T>
  T& data() const {
    return data_slot().template get<T>();
  }

  /// Sends an event. Arguments are of any type that has a Codec; Args and RawArgs stand for all of
  /// theirs. A function as last argument receives the client's reply, decoded to its parameters, on
  /// the client's loop:
  ///
  ///     socket.emit("poll", question, [](std::string answer) { … });
  ///
  /// It is called at most once, and never if the client leaves before it replies: see timeout.
  /// Throws std::invalid_argument for a reserved name: connect, connect_error, disconnect,
  /// disconnecting, newListener, removeListener. What is emitted before the connection handler
  /// reaches the client before it knows it is connected.
  template <class... A>
  void emit(std::string_view event, A&&... arguments) const {
    detail::emit<false>({*core_}, event, std::forward<A>(arguments)...);
  }
  /// Sends the event `message`.
  template <class... A>
  void send(A&&... arguments) const {
    emit("message", std::forward<A>(arguments)...);
  }
  /// Sends an event and waits for the reply: an Asio operation that completes with (error_code,
  /// T...), for co_await or any completion token; the event is sent when the operation is started.
  ///
  ///     std::string answer = co_await socket.emit_with_ack<std::string>("poll", question);
  ///
  /// Without types (`emit_with_ack("saved")`) it completes with the error_code alone. Another token
  /// is given to what the call returns: `socket.emit_with_ack<int>("e")(boost::asio::use_future)`.
  /// It cannot be cancelled: where a client may never answer, use timeout(). Errors:
  /// operation_aborted when the client leaves first, Errc::timed_out (after timeout),
  /// Errc::arguments_mismatch, Errc::too_many_acks. With g++ 12 pass named values only: see
  /// docs/threading.md.
  template <class... T, class... A>
  [[nodiscard]] auto emit_with_ack(std::string_view event, const A&... arguments) const {
    return detail::emit_with_ack<T...>(core_, {*core_}, event, arguments...);
  }

  /// What comes next is dropped for a client that can't be written to at once.
  Emitter volatile_() const;
  /// False: what comes next is not worth compressing.
  Emitter compress(bool compress) const;
  /// What comes next waits for its reply no longer than this. Of very many different limits at a
  /// time some are up to an eighth longer.
  TimedEmitter timeout(engineio::Duration limit) const;

  /// Everybody else in the namespace.
  Broadcast broadcast() const;
  /// Everybody else in these rooms. `in` is another name for it.
  Broadcast to(std::string_view room) const { return broadcast().to(room); }
  Broadcast to(const std::vector<std::string>& rooms) const { return broadcast().to(rooms); }
  Broadcast to(std::initializer_list<std::string_view> rooms) const {
    return broadcast().to(rooms);
  }
  Broadcast in(std::string_view room) const { return broadcast().to(room); }
  Broadcast in(const std::vector<std::string>& rooms) const { return broadcast().to(rooms); }
  Broadcast in(std::initializer_list<std::string_view> rooms) const {
    return broadcast().to(rooms);
  }
  /// Everybody else who is in none of these rooms.
  Broadcast except(std::string_view room) const { return broadcast().except(room); }
  Broadcast except(const std::vector<std::string>& rooms) const {
    return broadcast().except(rooms);
  }
  Broadcast except(std::initializer_list<std::string_view> rooms) const {
    return broadcast().except(rooms);
  }
  /// Everybody else, in this server process.
  Broadcast local() const { return broadcast().local(); }

  /// Joins rooms; those it is in already stay as they are, and after the disconnect nothing
  /// happens. Over Limits::rooms_per_socket the rest is left out, and on_error reports
  /// Errc::too_many_rooms.
  void join(std::string_view room) const;
  void join(const std::vector<std::string>& rooms) const;
  void join(std::initializer_list<std::string_view> rooms) const;
  void leave(std::string_view room) const;
  void leave(const std::vector<std::string>& rooms) const;
  void leave(std::initializer_list<std::string_view> rooms) const;
  /// The rooms it is in, in the order of joining: its own first, but for those that it joined
  /// during the middlewares. None after the disconnect.
  std::vector<std::string> rooms() const;

  /// Takes the client out of this namespace, which it is told: it will not reconnect by itself.
  /// With `close` out of all its namespaces, and the connection is closed.
  void disconnect(bool close = false) const;

  /// Handlers of this client only, for code ported from Node; Namespace::on registers once for all
  /// clients. Same rules as there. They are dropped at the disconnect, so that they may hold
  /// handles; after it nothing is added.
  template <class F>
  const Socket& on(std::string_view event, F handler) const;
  /// The same for the first such event only.
  template <class F>
  const Socket& once(std::string_view event, F handler) const;
  template <class F>
  const Socket& on_any(F handler) const;
  template <class F>
  const Socket& prepend_any(F handler) const;
  template <class F>
  const Socket& on_any_outgoing(F handler) const;
  template <class F>
  const Socket& on_disconnecting(F handler) const;
  template <class F>
  const Socket& on_disconnect(F handler) const;
  template <class F>
  const Socket& on_error(F handler) const;
  /// Drops this socket's own handlers: of one event, or the catch-all ones. Those of the namespace
  /// stay.
  const Socket& off(std::string_view event) const;
  const Socket& off_any() const;
  const Socket& off_any_outgoing() const;
  /// Decides over each event of this client, after the catch-all handlers and before the others:
  /// `Admission (Event&)`, or an awaitable of it. May change the event. A Reject drops the event
  /// and goes to on_error.
  template <class F>
  const Socket& use(F middleware) const;

  /// Same client and namespace. The order is that of the ids.
  friend bool operator==(const Socket& a, const Socket& b) noexcept { return a.core_ == b.core_; }
  friend std::strong_ordering operator<=>(const Socket& a, const Socket& b) noexcept {
    return a.compare(b);
  }

  /// For the library.
  const detail::SocketPtr& core() const noexcept { return core_; }

 private:
  detail::DataSlot& data_slot() const;
  std::strong_ordering compare(const Socket& other) const noexcept;

  detail::SocketPtr core_;
};

/// A Socket with flags for what comes next: `socket.volatile_().emit("position", x, y)`. A value;
/// same rules as Socket.
class Emitter {
 public:
  Emitter(Socket socket, Flags flags) noexcept : socket_(std::move(socket)), flags_(flags) {}

  Emitter volatile_() const;
  Emitter compress(bool compress) const;
  TimedEmitter timeout(engineio::Duration limit) const;

  template <class... A>
  void emit(std::string_view event, A&&... arguments) const {
    detail::emit<false>({*socket_.core(), flags_}, event, std::forward<A>(arguments)...);
  }
  template <class... A>
  void send(A&&... arguments) const {
    emit("message", std::forward<A>(arguments)...);
  }
  template <class... T, class... A>
  [[nodiscard]] auto emit_with_ack(std::string_view event, const A&... arguments) const {
    return detail::emit_with_ack<T...>(socket_.core(), {*socket_.core(), flags_}, event,
                                       arguments...);
  }

  Broadcast broadcast() const { return socket_.broadcast().with(flags_); }
  Broadcast to(std::string_view room) const { return broadcast().to(room); }
  Broadcast to(const std::vector<std::string>& rooms) const { return broadcast().to(rooms); }
  Broadcast to(std::initializer_list<std::string_view> rooms) const {
    return broadcast().to(rooms);
  }
  Broadcast in(std::string_view room) const { return broadcast().to(room); }
  Broadcast in(const std::vector<std::string>& rooms) const { return broadcast().to(rooms); }
  Broadcast in(std::initializer_list<std::string_view> rooms) const {
    return broadcast().to(rooms);
  }
  Broadcast except(std::string_view room) const { return broadcast().except(room); }
  Broadcast except(const std::vector<std::string>& rooms) const {
    return broadcast().except(rooms);
  }
  Broadcast except(std::initializer_list<std::string_view> rooms) const {
    return broadcast().except(rooms);
  }
  Broadcast local() const { return broadcast().local(); }

 private:
  Socket socket_;
  Flags flags_;
};

/// A Socket whose next emit waits for the reply for a limited time. A value; same rules as Socket.
class TimedEmitter {
 public:
  TimedEmitter(Socket socket, Flags flags, engineio::Duration limit) noexcept
      : socket_(std::move(socket)), flags_(flags), limit_(limit) {}

  /// As Socket::emit; the function's first parameter is the outcome, a boost::system::error_code.
  /// It is called exactly once, with Errc::timed_out also when the client has left meanwhile, and
  /// with operation_aborted when the server closes before; only a Server that is destroyed without
  /// that drops it. A reply that comes later is ignored.
  ///
  ///     socket.timeout(5s).emit("poll", question, [](error_code error, std::string answer) { … });
  template <class... A>
  void emit(std::string_view event, A&&... arguments) const {
    detail::emit<true>({*socket_.core(), flags_, limit_}, event, std::forward<A>(arguments)...);
  }
  /// As Socket::emit_with_ack; fails with Errc::timed_out when the time is over, and with
  /// operation_aborted at once when the client leaves.
  template <class... T, class... A>
  [[nodiscard]] auto emit_with_ack(std::string_view event, const A&... arguments) const {
    return detail::emit_with_ack<T...>(socket_.core(), {*socket_.core(), flags_, limit_}, event,
                                       arguments...);
  }

 private:
  Socket socket_;
  Flags flags_;
  engineio::Duration limit_;
};

}  // namespace socketio

template <>
struct std::hash<socketio::Socket> {
  std::size_t operator()(const socketio::Socket& socket) const noexcept {
    return std::hash<std::string_view>{}(socket ? std::string_view(socket.id())
                                                : std::string_view{});
  }
};

#include "socketio/detail/socket_handlers.hpp"
