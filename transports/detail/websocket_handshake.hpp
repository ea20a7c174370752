#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engineio/request.hpp"

namespace engineio::transports::detail {

/// Why a request that asks for a WebSocket doesn't get it (RFC 6455, 4.2).
struct WebSocketRefusal {
  /// Of the response: 400, 405 (not a GET) or 426 (another version than 13).
  int status;
  /// The body, plain text. Lives as long as the program.
  std::string_view text;
  /// What must be in the response.
  std::vector<HeaderField> headers = {};
};

/// Checks the request's method, `Upgrade`, `Connection`, version and key. Extensions are not
/// negotiated. Total: any text may be in any field. None: the request is in order.
std::optional<WebSocketRefusal> refuse_websocket(const Request& request);

/// What must be in the 101, in this order: Upgrade, Connection, Sec-WebSocket-Accept, and the first
/// of the offered subprotocols, if there are any and its name is a valid token. Requires:
/// refuse_websocket has nothing against the request.
std::vector<HeaderField> accept_websocket(const Request& request);

/// The Sec-WebSocket-Accept for a Sec-WebSocket-Key: base64 of SHA-1 of the key and the protocol's
/// GUID.
std::string websocket_accept_key(std::string_view key);

}  // namespace engineio::transports::detail
