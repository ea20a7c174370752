#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engineio/block.hpp"
#include "engineio/request.hpp"

namespace engineio::transports {

/// An answer to an HTTP request. Content-Length and Connection are added when it is sent; such
/// fields, and Transfer-Encoding, in `headers` are left out.
struct HttpResponse {
  int status = 200;
  std::vector<HeaderField> headers = {};
  std::string body = {};
  std::string content_type = {};  ///< empty: no Content-Type
  bool close = false;             ///< the connection is closed after this answer
};

/// What the connection and the request say about the way an answer is sent.
struct ResponseFraming {
  bool keep_alive = true;  ///< the connection stays open after this answer
  bool is_1_0 = false;     ///< the client speaks HTTP/1.0
  bool is_head = false;  ///< the request's method is HEAD: no body is sent, but its length is told
};

/// Whether a header field can be sent: its name is a token, its value without control characters.
bool is_valid(const HeaderField& field) noexcept;

/// The phrase of the status line, e.g. "Not Found" for 404.
std::string_view reason_phrase(int status) noexcept;

/// Appends the head of `response` to `out`: status line, Content-Type, its fields, Content-Length
/// with `body_bytes` (the response's own body is not looked at), Connection where it is needed. A
/// 1xx answer, such as 101, has no length, and its Connection field is the caller's; 304 has no
/// length, 204 and 205 that of nothing. Appends nothing and returns false when a name is no token,
/// or a value or the content type has a control character in it, such as a line break that would
/// begin another field.
[[nodiscard]] bool append_response_head(BlockBuilder& out, const HttpResponse& response,
                                        std::size_t body_bytes, const ResponseFraming& framing);

/// Whether a body follows that head: a 1xx answer, 204, 205 and 304 have none, nor has the answer
/// to HEAD.
bool has_body(int status, const ResponseFraming& framing) noexcept;

}  // namespace engineio::transports
