#include "engineio/request.hpp"

#include <algorithm>

namespace engineio {
namespace {

const HeaderField* find(const std::vector<HeaderField>& headers, std::string_view name) noexcept {
  for (const HeaderField& field : headers) {
    if (equals_ignoring_case(field.name, name)) return &field;
  }
  return nullptr;
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  // Most clients write field names as everybody does.
  return a == b || std::equal(a.begin(), a.end(), b.begin(),
                              [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view Request::header(std::string_view name) const noexcept {
  const HeaderField* field = find(headers, name);
  return field ? std::string_view(field->value) : std::string_view();
}

bool Request::has_header(std::string_view name) const noexcept {
  return find(headers, name) != nullptr;
}

bool is_field_text(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

}  // namespace engineio
