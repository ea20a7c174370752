#pragma once

#include <cstdint>
#include <ostream>
#include <string_view>

#include "engineio/close_reason.hpp"

namespace socketio {

/// Why a socket left its namespace, as the server sees it. The names are those of the JavaScript
/// server.
enum class DisconnectReason : std::uint8_t {
  transport_error,       ///< the connection failed, or the client broke the rules of Engine.IO
  transport_close,       ///< the client closed the connection, or it was lost
  forced_close,          ///< this side closed the connection, or the client sent a malformed packet
  ping_timeout,          ///< the client did not answer a ping in time
  parse_error,           ///< the client sent something that is not an Engine.IO packet
  server_shutting_down,  ///< Server::close
  forced_server_close,   ///< this side closes a long-polling connection that has no request pending
  client_namespace_disconnect,  ///< the client left the namespace: `socket.disconnect()` there
  server_namespace_disconnect,  ///< Socket::disconnect here
};

/// The exact string that JavaScript servers report, e.g. "client namespace disconnect".
constexpr std::string_view to_string(DisconnectReason reason) noexcept {
  switch (reason) {
    case DisconnectReason::transport_error: return "transport error";
    case DisconnectReason::transport_close: return "transport close";
    case DisconnectReason::forced_close: return "forced close";
    case DisconnectReason::ping_timeout: return "ping timeout";
    case DisconnectReason::parse_error: return "parse error";
    case DisconnectReason::server_shutting_down: return "server shutting down";
    case DisconnectReason::forced_server_close: return "forced server close";
    case DisconnectReason::client_namespace_disconnect: return "client namespace disconnect";
    case DisconnectReason::server_namespace_disconnect: return "server namespace disconnect";
  }
  return "forced close";
}

/// The reason of every socket of a connection that ended by itself.
constexpr DisconnectReason from_close_reason(engineio::CloseReason reason) noexcept {
  switch (reason) {
    case engineio::CloseReason::transport_error: return DisconnectReason::transport_error;
    case engineio::CloseReason::transport_close: return DisconnectReason::transport_close;
    case engineio::CloseReason::ping_timeout: return DisconnectReason::ping_timeout;
    case engineio::CloseReason::parse_error: return DisconnectReason::parse_error;
    case engineio::CloseReason::forced_close: return DisconnectReason::forced_close;
  }
  return DisconnectReason::forced_close;
}

inline std::ostream& operator<<(std::ostream& out, DisconnectReason reason) {
  return out << to_string(reason);
}

}  // namespace socketio
