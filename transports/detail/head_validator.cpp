#include "transports/detail/head_validator.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "engineio/request.hpp"

namespace engineio::transports::detail {
namespace {

// One table for all questions about a character.
enum CharacterClass : unsigned char {
  in_line = 1,   // may stand in a line at all: printable, space, tab, bytes of other character sets
  in_token = 2,  // methods and field names
  in_target =
      4,        // printable ASCII but `#`; clients send more than RFC 3986 names, e.g. `|` and `{`
  in_host = 8,  // reg-name, IPv4, [IPv6] and a port
};

constexpr auto classes = [] {
  std::array<unsigned char, 256> table{};
  const auto mark = [&](std::string_view characters, unsigned value) {
    for (const char c : characters) {
      unsigned char& entry = table[static_cast<unsigned char>(c)];
      entry = static_cast<unsigned char>(entry | value);
    }
  };
  constexpr std::string_view alphanumeric =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  for (unsigned c = 0x20; c <= 0xFF; ++c) table[c] = c == 0x7F ? 0 : in_line;
  table['\t'] = in_line;
  for (unsigned c = 0x21; c <= 0x7E; ++c) table[c] = in_line | (c == '#' ? 0 : in_target);
  mark(alphanumeric, in_token | in_host);
  mark("!#$%&'*+-.^_`|~", in_token);
  mark("-._~%!$&'()*+,;=:[]", in_host);
  return table;
}();

bool is(char c, CharacterClass wanted) noexcept {
  return (classes[static_cast<unsigned char>(c)] & wanted) != 0;
}

bool all_are(std::string_view text, CharacterClass wanted) noexcept {
  return std::all_of(text.begin(), text.end(), [=](char c) { return is(c, wanted); });
}

// Takes a dot, raw or percent-encoded, off the front.
bool skip_dot(std::string_view& segment) noexcept {
  if (segment.starts_with('.')) {
    segment.remove_prefix(1);
    return true;
  }
  if (segment.starts_with("%2e") || segment.starts_with("%2E")) {
    segment.remove_prefix(3);
    return true;
  }
  return false;
}

bool is_dot_segment(std::string_view segment) noexcept {
  if (!skip_dot(segment)) return false;
  if (segment.empty()) return true;
  return skip_dot(segment) && segment.empty();
}

// A backslash counts as a slash, as it does to browsers.
bool has_dot_segment(std::string_view path) noexcept {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find_first_of("/\\"), path.size());
    if (is_dot_segment(path.substr(0, end))) return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

std::optional<std::uint64_t> parse_digits(std::string_view digits) noexcept {
  constexpr std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  if (digits.empty()) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (max - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

}  // namespace

std::string_view trimmed(std::string_view value) noexcept {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!value.empty() && blank(value.front())) value.remove_prefix(1);
  while (!value.empty() && blank(value.back())) value.remove_suffix(1);
  return value;
}

bool is_token_character(char c) noexcept { return is(c, in_token); }

HeadValidator::Verdict HeadValidator::advance(std::string_view head) noexcept {
  const Verdict verdict = scan(head, std::min(head.size(), max_bytes_));
  if (verdict == Verdict::need_more && head.size() > max_bytes_) {
    refuse(431, "request head over the limit of bytes");
    return Verdict::refused;
  }
  return verdict;
}

HeadValidator::Verdict HeadValidator::scan(std::string_view head, std::size_t end) noexcept {
  for (;;) {
    while (scanned_ < end && is(head[scanned_], in_line)) ++scanned_;
    if (scanned_ == end) return Verdict::need_more;
    if (head[scanned_] != '\r') {
      refuse(400, head[scanned_] == '\n' ? "line feed without carriage return"
                                         : "control character in the head");
      return Verdict::refused;
    }
    if (scanned_ + 1 == end) return Verdict::need_more;
    if (head[scanned_ + 1] != '\n') {
      refuse(400, "carriage return without line feed");
      return Verdict::refused;
    }
    const std::string_view line = head.substr(line_start_, scanned_ - line_start_);
    scanned_ += 2;
    line_start_ = scanned_;
    if (!end_line(line)) return Verdict::refused;
    if (ended_) return Verdict::complete;
  }
}

bool HeadValidator::end_line(std::string_view line) noexcept {
  if (!has_request_line_) {
    has_request_line_ = true;
    return request_line(line);
  }
  if (line.empty()) return end_of_head();
  if (++fields_ > max_fields_) return refuse(431, "request head over the limit of fields");
  return field_line(line);
}

bool HeadValidator::request_line(std::string_view line) noexcept {
  if (line.empty()) return refuse(400, "empty line before the request line");
  const std::size_t first_space = line.find(' ');
  const std::size_t last_space = line.rfind(' ');
  if (first_space == std::string_view::npos || first_space == last_space) {
    return refuse(400, "request line without three parts");
  }
  const std::string_view method = line.substr(0, first_space);
  if (method.empty() || !all_are(method, in_token)) return refuse(400, "method is no token");
  const std::string_view version = line.substr(last_space + 1);
  is_1_1_ = version == "HTTP/1.1";
  if (!is_1_1_ && version != "HTTP/1.0")
    return refuse(400, "version is neither HTTP/1.1 nor HTTP/1.0");
  return target(line.substr(first_space + 1, last_space - first_space - 1));
}

bool HeadValidator::target(std::string_view target) noexcept {
  if (target.empty() || !all_are(target, in_target))
    return refuse(400, "target has a character it must not have");
  is_path_ = target.starts_with('/');
  if (is_path_ && has_dot_segment(target.substr(0, target.find('?'))))
    return refuse(400, "dot segment in the target");
  return true;
}

bool HeadValidator::field_line(std::string_view line) noexcept {
  std::size_t end = 0;
  while (end < line.size() && is(line[end], in_token)) ++end;
  if (end == 0) return refuse(400, "field without a name, or a continuation line");
  if (end == line.size() || line[end] != ':') return refuse(400, "field name is no token");
  return framing_field(line.substr(0, end), trimmed(line.substr(end + 1)));
}

bool HeadValidator::framing_field(std::string_view name, std::string_view value) noexcept {
  switch (name.size()) {  // of the three names that matter
    case 4: return !equals_ignoring_case(name, "Host") || host(value);
    case 14: return !equals_ignoring_case(name, "Content-Length") || content_length(value);
    case 17: return !equals_ignoring_case(name, "Transfer-Encoding") || transfer_encoding(value);
    default: return true;
  }
}

bool HeadValidator::host(std::string_view value) noexcept {
  if (has_host_) return refuse(400, "two Host fields");
  has_host_ = true;
  if (value.empty()) return refuse(400, "empty Host");
  return all_are(value, in_host) || refuse(400, "Host has a character it must not have");
}

bool HeadValidator::content_length(std::string_view value) noexcept {
  if (content_length_) return refuse(400, "two Content-Length fields");
  if (chunked_) return refuse(400, "Content-Length beside Transfer-Encoding");
  content_length_ = parse_digits(value);
  return content_length_ || refuse(400, "Content-Length is no number");
}

bool HeadValidator::transfer_encoding(std::string_view value) noexcept {
  if (chunked_) return refuse(400, "two Transfer-Encoding fields");
  if (content_length_) return refuse(400, "Transfer-Encoding beside Content-Length");
  if (!is_1_1_) return refuse(400, "Transfer-Encoding on HTTP/1.0");
  chunked_ = equals_ignoring_case(value, "chunked");
  return chunked_ || refuse(400, "Transfer-Encoding is not chunked");
}

bool HeadValidator::end_of_head() noexcept {
  if (is_1_1_ && !has_host_) return refuse(400, "no Host");
  if (!is_path_) return refuse(404, "target is no path");
  ended_ = true;
  return true;
}

}  // namespace engineio::transports::detail
