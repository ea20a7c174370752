#pragma once

#include <cstdint>
#include <string_view>

namespace engineio {

/// Why an Engine.IO session ended. The names on the wire and in logs are those of the JavaScript
/// server.
enum class CloseReason : std::uint8_t {
  transport_error,  ///< the transport failed or the client broke its rules; the description says
                    ///< how
  transport_close,  ///< the client closed the transport, or the TCP connection ended
  ping_timeout,     ///< no pong came within the ping timeout
  parse_error,      ///< the client sent something that is not an Engine.IO packet
  forced_close,     ///< this side closed the session
};

/// The exact string that JavaScript servers report, e.g. "ping timeout".
constexpr std::string_view to_string(CloseReason reason) noexcept {
  switch (reason) {
    case CloseReason::transport_error: return "transport error";
    case CloseReason::transport_close: return "transport close";
    case CloseReason::ping_timeout: return "ping timeout";
    case CloseReason::parse_error: return "parse error";
    case CloseReason::forced_close: return "forced close";
  }
  return "forced close";
}

}  // namespace engineio
