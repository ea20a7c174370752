#include "engineio/error.hpp"

#include "engineio/detail/json_text.hpp"

namespace engineio {

std::string_view message_of(AdmissionError error) noexcept {
  switch (error) {
    case AdmissionError::transport_unknown: return "Transport unknown";
    case AdmissionError::session_id_unknown: return "Session ID unknown";
    case AdmissionError::bad_handshake_method: return "Bad handshake method";
    case AdmissionError::bad_request: return "Bad request";
    case AdmissionError::forbidden: return "Forbidden";
    case AdmissionError::unsupported_protocol_version: return "Unsupported protocol version";
  }
  return "Bad request";
}

std::string error_body(AdmissionError error, std::string_view message) {
  std::string body = "{\"code\":";
  body += static_cast<char>('0' + static_cast<int>(error));
  body += ",\"message\":";
  detail::append_json_string(body, message.empty() ? message_of(error) : message);
  body += '}';
  return body;
}

}  // namespace engineio
