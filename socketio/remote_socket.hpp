#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "socketio/adapter.hpp"
#include "socketio/broadcast.hpp"
#include "socketio/handshake.hpp"

namespace socketio {

class TimedRemoteSocket;

/// A socket that fetch_sockets found, on whatever loop: what was known of it then, and the way to
/// reach it.
///
/// A value; use it from any thread, as long as the Server lives. What is sent to a socket that has
/// left meanwhile is dropped.
class RemoteSocket {
 public:
  /// For the library.
  RemoteSocket(detail::NamespaceCore& nsp, SocketSnapshot snapshot)
      : nsp_(&nsp), snapshot_(std::make_shared<const SocketSnapshot>(std::move(snapshot))) {}

  const std::string& id() const noexcept { return snapshot_->id; }
  const Handshake& handshake() const noexcept { return *snapshot_->handshake; }
  /// As they were, in the order of joining.
  const std::vector<std::string>& rooms() const noexcept { return snapshot_->rooms; }
  /// A copy of Socket::data<T>() as it was; null when there was none, it was of another type, or T
  /// can't be copied.
  template <class T>
  const T* data() const noexcept {
    return snapshot_->data.template find<T>();
  }

  template <class... A>
  void emit(std::string_view event, const A&... arguments) const {
    target().emit(event, arguments...);
  }
  /// Needed before emit_with_ack.
  TimedRemoteSocket timeout(engineio::Duration limit) const;

  void join(std::string_view room) const { target().sockets_join(room); }
  void join(std::vector<std::string> rooms) const { target().sockets_join(std::move(rooms)); }
  void join(std::initializer_list<std::string_view> rooms) const { target().sockets_join(rooms); }
  void leave(std::string_view room) const { target().sockets_leave(room); }
  void leave(std::vector<std::string> rooms) const { target().sockets_leave(std::move(rooms)); }
  void leave(std::initializer_list<std::string_view> rooms) const { target().sockets_leave(rooms); }
  void disconnect(bool close = false) const { target().disconnect_sockets(close); }

 private:
  Broadcast target() const { return Broadcast(*nsp_, Audience{.rooms = {id()}}); }

  detail::NamespaceCore* nsp_;
  std::shared_ptr<const SocketSnapshot> snapshot_;
};

/// A RemoteSocket whose reply is waited for, for a limited time.
class TimedRemoteSocket {
 public:
  TimedRemoteSocket(detail::NamespaceCore& nsp, std::string id, engineio::Duration limit)
      : nsp_(&nsp), audience_{.rooms = {std::move(id)}}, limit_(limit) {}

  /// Completes with (error_code, T): the first value of the reply. Errors: Errc::timed_out,
  /// Errc::arguments_mismatch; operation_aborted when the socket had left before.
  template <class T, class... A>
  [[nodiscard]] auto emit_with_ack(std::string_view event, const A&... arguments) const {
    detail::require_event_name(event);
    return detail::start_collection<T, true>(
        *nsp_, audience_, encode_event(detail::name_of(*nsp_), 0, event, arguments...), limit_);
  }

 private:
  detail::NamespaceCore* nsp_;
  Audience audience_;
  engineio::Duration limit_;
};

inline TimedRemoteSocket RemoteSocket::timeout(engineio::Duration limit) const {
  return {*nsp_, id(), limit};
}

}  // namespace socketio
