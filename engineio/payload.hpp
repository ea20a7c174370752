#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace engineio {

/// Between the packets of a long-polling payload of revision 4: U+001E, also called the record
/// separator.
inline constexpr char payload_separator = '\x1e';

/// Walks over the packets of one long-polling request body. Owns the text, so that a long payload
/// can be worked off in several turns of the loop. The text must be valid UTF-8 (see
/// to_valid_utf8).
class PayloadReader {
 public:
  explicit PayloadReader(std::string body) : body_(std::move(body)) {}

  /// The next packet's text; empty when all were read. An empty body is one empty packet, and so is
  /// what follows a trailing separator: both are malformed packets to the caller.
  std::optional<std::string_view> next();
  bool done() const noexcept { return done_; }

 private:
  std::string body_;
  std::size_t position_ = 0;
  bool done_ = false;
};

/// Replaces every ill-formed sequence by U+FFFD as the WHATWG decoder does (one per maximal
/// subpart); no copy is made of text that is well formed. A leading byte order mark is kept.
std::string to_valid_utf8(std::string text);

}  // namespace engineio
