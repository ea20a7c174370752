#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engineio/request.hpp"

namespace engineio::transports::detail {

/// The answer to a request that asks for a WebSocket (RFC 6455, 4.2).
struct WebSocketHandshake {
  /// 101: accepted. Else the status of the refusal: 400, 405 (not a GET) or 426 (another version
  /// than 13).
  int status = 101;
  /// Refused: the body, plain text. Lives as long as the program.
  std::string_view text = {};
  /// What must be in the response, in this order. Accepted: Upgrade, Connection,
  /// Sec-WebSocket-Accept, and the first of the offered subprotocols, if there are any and its name
  /// is a valid token.
  std::vector<HeaderField> headers = {};

  bool accepted() const noexcept { return status == 101; }
};

/// Checks the request's method, `Upgrade`, `Connection`, version and key. Extensions are not
/// negotiated. Total: any text may be in any field.
WebSocketHandshake answer_websocket_handshake(const Request& request);

/// The Sec-WebSocket-Accept for a Sec-WebSocket-Key: base64 of SHA-1 of the key and the protocol's
/// GUID.
std::string websocket_accept_key(std::string_view key);

}  // namespace engineio::transports::detail
