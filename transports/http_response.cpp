#include "transports/http_response.hpp"

#include <algorithm>
#include <string>

#include "transports/detail/head_validator.hpp"

namespace engineio::transports {
namespace {

struct Status {
  int code;
  std::string_view phrase;
};

constexpr Status statuses[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Payload Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Entity"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

bool is_framing(std::string_view name, bool informational) noexcept {
  switch (name.size()) {
    case 10:
      return !informational &&
             (equals_ignoring_case(name, "Connection") || equals_ignoring_case(name, "Keep-Alive"));
    case 14: return equals_ignoring_case(name, "Content-Length");
    case 17: return equals_ignoring_case(name, "Transfer-Encoding");
    default: return false;
  }
}

void append_status_line(BlockBuilder& out, int status) {
  if (status == 200) return out.append("HTTP/1.1 200 OK\r\n");
  out.append("HTTP/1.1 ");
  out.append(std::to_string(std::clamp(status, 100, 999)));
  out.push_back(' ');
  out.append(reason_phrase(status));
  out.append("\r\n");
}

void append_field(BlockBuilder& out, std::string_view name, std::string_view value) {
  out.append(name);
  out.append(": ");
  out.append(value);
  out.append("\r\n");
}

bool may_have_body(int status) noexcept {
  return status >= 200 && status != 204 && status != 205 && status != 304;
}

void append_framing(BlockBuilder& out, int status, std::size_t body_bytes,
                    const ResponseFraming& framing) {
  if (status < 200) return;
  if (status != 304) {
    out.append("Content-Length: ");
    out.append(std::to_string(may_have_body(status) ? body_bytes : 0));
    out.append("\r\n");
  }
  if (!framing.keep_alive) {
    out.append("Connection: close\r\n");
  } else if (framing.is_1_0) {
    out.append("Connection: keep-alive\r\n");
  }
}

}  // namespace

bool is_valid(const HeaderField& field) noexcept {
  return !field.name.empty() &&
         std::all_of(field.name.begin(), field.name.end(), detail::is_token_character) &&
         is_field_text(field.value);
}

std::string_view reason_phrase(int status) noexcept {
  const auto* found =
      std::lower_bound(std::begin(statuses), std::end(statuses), status,
                       [](const Status& entry, int code) { return entry.code < code; });
  return found != std::end(statuses) && found->code == status ? found->phrase : "Unknown";
}

bool append_response_head(BlockBuilder& out, const HttpResponse& response, std::size_t body_bytes,
                          const ResponseFraming& framing) {
  if (!is_field_text(response.content_type) ||
      !std::all_of(response.headers.begin(), response.headers.end(), is_valid)) {
    return false;
  }
  append_status_line(out, response.status);
  if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) {
    if (!is_framing(name, response.status < 200)) append_field(out, name, value);
  }
  append_framing(out, response.status, body_bytes, framing);
  out.append("\r\n");
  return true;
}

bool has_body(int status, const ResponseFraming& framing) noexcept {
  return may_have_body(status) && !framing.is_head;
}

}  // namespace engineio::transports
