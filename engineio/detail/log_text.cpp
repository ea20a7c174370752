#include "engineio/detail/log_text.hpp"

#include <algorithm>

#include "engineio/detail/utf8.hpp"

namespace engineio::detail {
namespace {

constexpr std::string_view ellipsis = "\xE2\x80\xA6";
constexpr std::size_t shown_of_an_id = 6;

void append_hex(std::string& out, char32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    out += "0123456789abcdef"[value >> shift & 15U];
  }
}

bool changes_lines_or_direction(char32_t c) noexcept {
  return (c >= 0x80 && c <= 0x9F) || c == 0x200E || c == 0x200F || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '"':
    case '\'':
    case '\\': out += {'\\', c}; return;
    default: break;
  }
  if (c >= 0x20 && c != 0x7F) {
    out += c;
    return;
  }
  out += "\\x";
  append_hex(out, static_cast<unsigned char>(c), 2);
}

void append_unit(std::string& out, std::string_view bytes, const Utf8Unit& unit) {
  if (!unit.well_formed) {
    for (const char c : bytes) {
      out += "\\x";
      append_hex(out, static_cast<unsigned char>(c), 2);
    }
  } else if (unit.size == 1) {
    append_ascii(out, bytes.front());
  } else if (changes_lines_or_direction(unit.code_point)) {
    out += "\\u";
    append_hex(out, unit.code_point, 4);
  } else {
    out += bytes;
  }
}

}  // namespace

std::string loggable(std::string_view text, std::size_t max) {
  std::string out;
  std::size_t cut = 0;  // how much of `out` leaves room for the ellipsis
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Unit unit = utf8_unit(text, at);
    append_unit(out, text.substr(at, unit.size), unit);
    if (out.size() > max) {
      out.resize(cut);
      if (max >= ellipsis.size()) out += ellipsis;
      return out;
    }
    if (out.size() + ellipsis.size() <= max) cut = out.size();
    at += unit.size;
  }
  return out;
}

std::string loggable_session_id(std::string_view id) {
  const std::size_t shown = std::min(shown_of_an_id, id.size() / 2);
  std::string out = loggable(id.substr(0, shown));
  if (shown < id.size()) out += ellipsis;
  return out;
}

}  // namespace engineio::detail
