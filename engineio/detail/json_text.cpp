#include "engineio/detail/json_text.hpp"

#include "engineio/detail/utf8.hpp"

namespace engineio::detail {
namespace {

void append_control(std::string& out, char c) {
  switch (c) {
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  out += "\\u00";
  out += "0123456789abcdef"[c >> 4 & 15];
  out += "0123456789abcdef"[c & 15];
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  const std::string replaced = is_valid_utf8(text) ? std::string() : with_replacements(text);
  out += '"';
  for (const char c : replaced.empty() ? text : std::string_view(replaced)) {
    if (static_cast<unsigned char>(c) < 0x20) {
      append_control(out, c);
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

}  // namespace engineio::detail
