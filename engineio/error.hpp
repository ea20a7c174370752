#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace engineio {

/// Why a request was not admitted. The numbers go over the wire: `{"code":1,"message":"Session ID
/// unknown"}`.
enum class AdmissionError : std::uint8_t {
  transport_unknown = 0,             ///< `transport` is missing or not one of the server's
  session_id_unknown = 1,            ///< `sid` names no live session
  bad_handshake_method = 2,          ///< a handshake that is not a GET
  bad_request = 3,                   ///< transport, revision or upgrade don't fit the session
  forbidden = 4,                     ///< refused by allow_request
  unsupported_protocol_version = 5,  ///< another Engine.IO revision than the server speaks
};

/// The message that JavaScript servers send, e.g. "Session ID unknown".
std::string_view message_of(AdmissionError error) noexcept;

/// The body of the HTTP answer, `{"code":N,"message":"…"}`; `message` replaces the usual one when
/// it is not empty.
std::string error_body(AdmissionError error, std::string_view message = {});

/// The status of the HTTP answer: 403 for `forbidden`, 400 for the others.
constexpr int http_status(AdmissionError error) noexcept {
  return error == AdmissionError::forbidden ? 403 : 400;
}

}  // namespace engineio
