#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engineio/error.hpp"
#include "engineio/options.hpp"
#include "engineio/request.hpp"
#include "engineio/transport.hpp"

namespace engineio {

/// The answer to a request on the engine's path: which checks it passes, in the order of JavaScript
/// servers; the first that fails decides. A value; no state, no I/O.
struct Admission {
  enum class Outcome : std::uint8_t {
    refused,           ///< answer with `error` and `message()`; report `context`
    existing_session,  ///< belongs to the session that was found
    undecided,         ///< a handshake that Options::allow_request must be asked about; then call
                       ///< decide_handshake
    handshake,         ///< opens a new session
  };

  Outcome outcome = Outcome::refused;
  /// The transport that was asked for; meaningless when `transport_unknown` is the error. `polling`
  /// in an upgrade request is admitted, as JavaScript servers do: they complete the upgrade and
  /// then close the WebSocket.
  TransportKind transport = TransportKind::polling;
  AdmissionError error = AdmissionError::bad_request;  ///< when refused
  std::string own_message = {};  ///< the application's text for `forbidden`; empty: the usual one
  /// What the failed check looked at, for the log: printable, short, session ids cut.
  std::string context = {};

  std::string_view message() const noexcept {
    return own_message.empty() ? message_of(error) : std::string_view(own_message);
  }
};

/// True when the request opens a WebSocket: it asks for the upgrade and the server has that
/// transport. Without the transport it is treated as a plain request.
bool is_websocket_upgrade(const Request& request, const Options& options) noexcept;

/// The id that the request names; empty when it asks for a new session (an empty `sid` does too).
inline std::string_view session_id_of(const Request& request) noexcept {
  return request.query.get("sid");
}

/// Checks `request`. `found`: the transport in use of the live session that session_id_of() names,
/// if there is one.
///
///   transport known? ► Origin printable? ┬ with sid: session known? ► same transport, or upgrade?
///                                        │           ► EIO is 4?
///                                        └ without: GET? ► websocket only as upgrade?
///                                                    ► allow_request ► EIO is 4?
Admission admit(const Request& request, const Options& options, std::optional<TransportKind> found);

/// Goes on with an `undecided` admission after allow_request has decided.
Admission decide_handshake(const Request& request, const Admission& undecided,
                           const Decision& decision);

/// The refusal when Options::generate_id threw; `what` is the exception's text.
Admission refuse_failed_id(std::string_view what);

}  // namespace engineio
