#pragma once

#include <string>
#include <string_view>

#include "socketio/adapter.hpp"
#include "socketio/admission.hpp"
#include "socketio/broadcast.hpp"
#include "socketio/remote_socket.hpp"
#include "socketio/socket.hpp"

namespace socketio {

/// A channel of its own on the clients' connections, with its own handlers, middlewares and rooms:
/// `io.of("/chat")`. Being a Broadcast, it means everybody in it: `chat.emit(…)`,
/// `chat.to("news").emit(…)`, `co_await chat.fetch_sockets()`.
///
/// Life: made by Server::of before listen(), lives as long as the Server. Handlers are registered
/// once here, for all clients, before listen(); later it throws std::logic_error. Every
/// registration returns the namespace, for chains.
///
/// Threads: handlers of one client run on its loop, in packet order, never two at once; those of
/// different clients run at the same time if there are several loops. Emits and the operators may
/// be called from any thread.
///
/// Handlers never let an exception out: what they throw goes to on_error, and the client stays. A
/// handler may be a coroutine that returns boost::asio::awaitable<void>: it runs in place up to its
/// first suspension, then the next event's turn comes.
class Namespace : public Broadcast {
 public:
  /// For the library.
  explicit Namespace(detail::NamespaceCore& core) noexcept : Broadcast(core, {}), core_(core) {}
  Namespace(const Namespace&) = delete;
  Namespace& operator=(const Namespace&) = delete;

  /// E.g. "/" or "/chat".
  const std::string& name() const noexcept;

  /// Calls `handler` for each event of that name, with the arguments that its parameters ask for:
  ///
  ///     chat.on("comment", [](Socket socket, Comment comment, Ack<Receipt> ack) { … });
  ///
  /// Parameters: a Socket (may be left out, first); the event's arguments by their C++ types, which
  /// need a Codec, or all the rest as Args (dynamic) or RawArgs (as they came); an Ack<…> (may be
  /// left out, last). By value or const reference. Arguments that don't fit: the handler is not
  /// called, on_error tells where they failed. Missing arguments fit std::optional only, further
  /// ones are ignored. Several handlers of one event run in the order of registration. Throws
  /// std::invalid_argument for names that no client can send, and for "connection": see
  /// on_connection.
  template <class F>
  Namespace& on(std::string_view event, F handler);

  /// A client is in: `void (Socket)`. What it emits comes right after the client's own `connect`
  /// event.
  template <class F>
  Namespace& on_connection(F handler);
  /// A client is about to leave, its rooms are intact: `void (Socket, DisconnectReason, std::string
  /// description)`, of which parameters may be left out from either end. The description details
  /// transport errors, e.g. "invalid content".
  template <class F>
  Namespace& on_disconnecting(F handler);
  /// A client has left: the same parameters. Its rooms are gone, what is emitted to it is dropped.
  template <class F>
  Namespace& on_disconnect(F handler);
  /// Something went wrong with one client: `void (Socket, const Error&)`. Without such a handler it
  /// goes to Options::engine.log, or to standard error when there is none. A malformed packet is
  /// reported to all namespaces of its connection, which is then closed.
  template <class F>
  Namespace& on_error(F handler);

  /// Every event, before its own handlers: `void (Socket, std::string event, Args args, Ack<…>)`,
  /// where everything but the name may be left out, and arguments may have their types.
  template <class F>
  Namespace& on_any(F handler);
  /// The same, ahead of those registered so far.
  template <class F>
  Namespace& prepend_any(F handler);
  /// Every event that is sent to a client, for each client that gets it: the same parameters.
  template <class F>
  Namespace& on_any_outgoing(F handler);

  /// Decides over clients who want in, in the order of registration: `Admission (const
  /// Handshake&)`, `Admission (Socket)`, `Admission (Socket, const Handshake&)`, or an awaitable of
  /// Admission. The socket is not connected yet; rooms that it joins here it keeps when it is
  /// admitted.
  ///
  ///     chat.use([](const Handshake& hello) -> Admission {
  ///       if (hello.auth_field("token") != secret) return Reject{"not authorised"};
  ///       return Admit{};
  ///     });
  template <class F>
  Namespace& use(F middleware);

  /// Watches the rooms of this namespace; a second call replaces the first. What the functions
  /// throw goes to the log.
  Namespace& on_rooms(RoomEvents events);

  /// The Broadcast that this is, as a value.
  Broadcast everyone() const { return *this; }

  Adapter& adapter() const noexcept { return detail::adapter_of(core_); }

 private:
  detail::NamespaceCore& core_;
};

}  // namespace socketio

#include "socketio/detail/namespace_handlers.hpp"
