#include "engineio/payload.hpp"

#include "engineio/detail/utf8.hpp"

namespace engineio {

std::optional<std::string_view> PayloadReader::next() {
  if (done_) return std::nullopt;
  const std::string_view rest = std::string_view(body_).substr(position_);
  const std::size_t end = rest.find(payload_separator);
  if (end == std::string_view::npos) {
    done_ = true;
    return rest;
  }
  position_ += end + 1;
  return rest.substr(0, end);
}

std::string to_valid_utf8(std::string text) {
  const std::size_t good = detail::well_formed_prefix(text);
  if (good == text.size()) return text;
  return detail::with_replacements(text, good);
}

}  // namespace engineio
