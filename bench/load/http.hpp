#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bench {

struct Response {
  std::string_view status;  ///< three digits
  std::string_view body;
};

/// Takes HTTP responses from the bytes of a connection: enough for what Socket.IO servers answer,
/// which is a head with a length, or a 101.
class ResponseReader {
 public:
  /// Takes one response off `input`, or all of `input` when none is complete yet. What it returns
  /// is valid until the next call.
  std::optional<Response> next(std::string_view& input);

 private:
  std::string partial_;  // a response whose rest has not come
  std::string taken_;    // what was handed out last
};

/// The text after `before` up to `end`, or nothing.
std::string_view between(std::string_view text, std::string_view before, char end);

}  // namespace bench
