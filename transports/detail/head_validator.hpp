#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace engineio::transports {

/// Why a request is refused by HTTP itself, before anybody looks at what it wants.
struct HttpFault {
  int status = 400;              ///< of the answer; the connection closes after it
  std::string_view reason = {};  ///< for the log; lives as long as the program
};

namespace detail {

/// The strict check of a request's head (HTTP/1.1 and 1.0), from its first byte to the empty line,
/// before any parser sees it. Whatever two servers could read differently is refused, because a
/// proxy in front may be the other one:
///
/// - line ends other than CR LF, an empty line in front, continuation lines, control characters, a
///   space before a colon;
/// - a version other than HTTP/1.1 and HTTP/1.0; no Host (on 1.1), two, an empty one, or one with
///   characters of no host;
/// - a target with a dot segment, `#`, or bytes that are not printable ASCII;
/// - a body length that is not one Content-Length of digits, or one `Transfer-Encoding: chunked`
///   on 1.1 without it.
///
/// All that is 400. A target that is no path (absolute form, `*`) is 404, a head over its limits
/// 431.
///
/// Sees each byte once, keeps none, allocates nothing; the verdict does not depend on how the bytes
/// were split.
class HeadValidator {
 public:
  enum class Verdict : std::uint8_t {
    need_more,  ///< good so far
    complete,   ///< a head that can be trusted; size() bytes long
    refused,    ///< see fault()
  };

  /// `max_bytes` counts everything from the first byte through the empty line.
  HeadValidator(std::size_t max_bytes, std::size_t max_fields) noexcept
      : max_bytes_(max_bytes), max_fields_(max_fields) {}

  /// `head`: all that came of the request, from its first byte; each time the same bytes and more.
  /// What follows the head does no harm. Not to be called again after another verdict than
  /// need_more.
  Verdict advance(std::string_view head) noexcept;

  /// When complete: bytes through the empty line.
  std::size_t size() const noexcept { return line_start_; }
  const HttpFault& fault() const noexcept { return fault_; }

  std::size_t fields() const noexcept { return fields_; }
  /// HTTP/1.1; else 1.0.
  bool is_1_1() const noexcept { return is_1_1_; }
  bool chunked() const noexcept { return chunked_; }
  std::optional<std::uint64_t> content_length() const noexcept { return content_length_; }

 private:
  Verdict scan(std::string_view head, std::size_t end) noexcept;
  bool end_line(std::string_view line) noexcept;
  bool request_line(std::string_view line) noexcept;
  bool target(std::string_view target) noexcept;
  bool field_line(std::string_view line) noexcept;
  bool framing_field(std::string_view name, std::string_view value) noexcept;
  bool host(std::string_view value) noexcept;
  bool content_length(std::string_view value) noexcept;
  bool transfer_encoding(std::string_view value) noexcept;
  bool end_of_head() noexcept;
  bool refuse(int status, std::string_view reason) noexcept {
    fault_ = {status, reason};
    return false;
  }

  std::size_t max_bytes_;
  std::size_t max_fields_;
  std::size_t scanned_ = 0;
  std::size_t line_start_ = 0;
  std::size_t fields_ = 0;
  std::optional<std::uint64_t> content_length_;
  HttpFault fault_;
  bool has_request_line_ = false;
  bool ended_ = false;
  bool is_path_ = true;
  bool is_1_1_ = false;
  bool has_host_ = false;
  bool chunked_ = false;
};

/// RFC 9110 5.6.2: what methods and field names are made of.
bool is_token_character(char c) noexcept;
/// Without the spaces and tabs that may surround a field's value or a list's element.
std::string_view trimmed(std::string_view value) noexcept;

}  // namespace detail
}  // namespace engineio::transports
