#include "engineio/admission.hpp"

#include <algorithm>

#include "engineio/detail/log_text.hpp"

namespace engineio {
namespace {

using detail::loggable;

Admission refuse(AdmissionError error, std::string context) {
  Admission result;
  result.error = error;
  result.context = std::move(context);
  return result;
}

Admission pass(Admission::Outcome outcome, TransportKind transport) {
  Admission result;
  result.outcome = outcome;
  result.transport = transport;
  return result;
}

bool has_transport(const Options& options, TransportKind kind) noexcept {
  return std::find(options.transports.begin(), options.transports.end(), kind) !=
         options.transports.end();
}

std::optional<TransportKind> requested_transport(const Request& request,
                                                 const Options& options) noexcept {
  const std::string_view name = request.query.get("transport");
  for (const TransportKind kind : {TransportKind::polling, TransportKind::websocket}) {
    if (name == to_string(kind) && has_transport(options, kind)) return kind;
  }
  return std::nullopt;
}

// Everything but "4", also nothing at all, means revision 3 to JavaScript servers; of those this
// server has none.
bool speaks_revision_4(const Request& request) noexcept { return request.query.get("EIO") == "4"; }

Admission admit_to_session(const Request& request, const Options& options, TransportKind transport,
                           std::optional<TransportKind> found) {
  if (!found) {
    return refuse(AdmissionError::session_id_unknown,
                  "sid=" + detail::loggable_session_id(session_id_of(request)));
  }
  if (!is_websocket_upgrade(request, options) && *found != transport) {
    return refuse(AdmissionError::bad_request,
                  "TRANSPORT_MISMATCH transport=" + std::string(to_string(transport)) +
                      " previousTransport=" + std::string(to_string(*found)));
  }
  if (!speaks_revision_4(request)) {
    return refuse(AdmissionError::bad_request, "PROTOCOL_MISMATCH protocol=3 previousProtocol=4");
  }
  return pass(Admission::Outcome::existing_session, transport);
}

Admission admit_revision(const Request& request, TransportKind transport) {
  if (!speaks_revision_4(request)) {
    return refuse(AdmissionError::unsupported_protocol_version,
                  "protocol=3 EIO=" + loggable(request.query.get("EIO"), 32));
  }
  return pass(Admission::Outcome::handshake, transport);
}

Admission admit_handshake(const Request& request, const Options& options, TransportKind transport) {
  if (request.method != "GET") {
    return refuse(AdmissionError::bad_handshake_method, "method=" + loggable(request.method, 32));
  }
  if (transport == TransportKind::websocket && !is_websocket_upgrade(request, options)) {
    return refuse(AdmissionError::bad_request, "TRANSPORT_HANDSHAKE_ERROR");
  }
  if (options.allow_request) return pass(Admission::Outcome::undecided, transport);
  return admit_revision(request, transport);
}

}  // namespace

bool is_websocket_upgrade(const Request& request, const Options& options) noexcept {
  return request.upgrade && has_transport(options, TransportKind::websocket);
}

Admission admit(const Request& request, const Options& options,
                std::optional<TransportKind> found) {
  const auto transport = requested_transport(request, options);
  if (!transport) {
    return refuse(AdmissionError::transport_unknown,
                  "transport=" + loggable(request.query.get("transport")));
  }
  const std::string_view origin = request.header("Origin");
  // The reader of heads lets no other through; who admits requests need not rely on it.
  if (!is_field_text(origin)) {
    return refuse(AdmissionError::bad_request, "INVALID_ORIGIN origin=" + loggable(origin));
  }
  if (!session_id_of(request).empty()) return admit_to_session(request, options, *transport, found);
  return admit_handshake(request, options, *transport);
}

Admission decide_handshake(const Request& request, const Admission& undecided,
                           const Decision& decision) {
  if (decision.allowed) return admit_revision(request, undecided.transport);
  Admission refusal = refuse(AdmissionError::forbidden, "message=" + loggable(decision.message));
  refusal.own_message = decision.message;
  return refusal;
}

Admission refuse_failed_id(std::string_view what) {
  return refuse(AdmissionError::bad_request, "ID_GENERATION_ERROR error=" + loggable(what));
}

}  // namespace engineio
