#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engineio/query.hpp"

namespace engineio {

/// One header field of an HTTP request, as sent.
struct HeaderField {
  std::string name;
  std::string value;
};

/// The head of an HTTP request. Immutable once it was handed out: a session keeps the request that
/// opened it.
struct Request {
  std::string method;                ///< as sent, e.g. "GET"
  std::string target;                ///< the raw request target: path and query, byte for byte
  std::vector<HeaderField> headers;  ///< in the order of arrival, names as sent
  Query query;                       ///< the decoded parameters of `target`
  std::string remote_address;  ///< the peer's IP address; IPv4 on a dual-stack socket shows as
                               ///< ::ffff:a.b.c.d
  std::uint16_t remote_port = 0;
  bool secure = false;                         ///< came over TLS
  bool upgrade = false;                        ///< asks for `Upgrade: websocket`
  std::chrono::system_clock::time_point time;  ///< when the head was complete

  /// The first header field of that name (any case); empty when there is none.
  std::string_view header(std::string_view name) const noexcept;
  bool has_header(std::string_view name) const noexcept;
  /// The target without its query.
  std::string_view path() const noexcept {
    return std::string_view(target).substr(0, target.find('?'));
  }
};

/// Case-insensitive comparison of ASCII text, as HTTP compares field names.
bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// What a header field's value may be (RFC 9110, 5.5): visible characters, space, tab, and bytes of
/// other character sets.
bool is_field_text(std::string_view text) noexcept;

}  // namespace engineio
