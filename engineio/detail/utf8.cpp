#include "engineio/detail/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace engineio::detail {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

unsigned char byte_at(std::string_view text, std::size_t at) noexcept {
  return static_cast<unsigned char>(text[at]);
}

// What may follow a lead byte (Unicode 15, table 3-7): how many bytes, and the range of the first
// of them, which is what excludes overlong forms, surrogates and values beyond U+10FFFF.
struct Lead {
  std::size_t following = 0;
  unsigned char lowest = 0x80;
  unsigned char highest = 0xBF;
};

Lead lead_of(unsigned char byte) noexcept {
  if (byte >= 0xC2 && byte <= 0xDF) return {1};
  if (byte == 0xE0) return {2, 0xA0, 0xBF};
  if (byte == 0xED) return {2, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {2};
  if (byte == 0xF0) return {3, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {3};
  if (byte == 0xF4) return {3, 0x80, 0x8F};
  return {};
}

bool is_ascii(std::uint64_t eight_bytes) noexcept {
  return (eight_bytes & 0x8080808080808080U) == 0;
}

std::uint64_t eight_bytes_at(const char* at) noexcept {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

// Goes on by steps of `Words` times eight bytes while they are ASCII.
template <std::size_t Words>
std::size_t skip_ascii_words(std::string_view text, std::size_t at) noexcept {
  constexpr std::size_t step = Words * sizeof(std::uint64_t);
  for (; text.size() - at >= step; at += step) {
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < step; i += sizeof all) all |= eight_bytes_at(text.data() + at + i);
    if (!is_ascii(all)) break;
  }
  return at;
}

// Most text is ASCII, and much of it is short.
std::size_t skip_ascii(std::string_view text, std::size_t at) noexcept {
  at = skip_ascii_words<8>(text, at);
  at = skip_ascii_words<1>(text, at);
  while (at < text.size() && byte_at(text, at) < 0x80) ++at;
  return at;
}

}  // namespace

Utf8Unit utf8_unit(std::string_view text, std::size_t at) noexcept {
  const unsigned char first = byte_at(text, at);
  if (first < 0x80) return {1, true, first};
  const Lead lead = lead_of(first);
  if (lead.following == 0) return {1, false, 0};
  char32_t code_point = first & (0x3FU >> lead.following);
  for (std::size_t i = 1; i <= lead.following; ++i) {
    if (at + i == text.size()) return {i, false, 0, true};
    const unsigned char next = byte_at(text, at + i);
    const bool fits = i == 1 ? next >= lead.lowest && next <= lead.highest : (next & 0xC0) == 0x80;
    if (!fits) return {i, false, 0};
    code_point = code_point << 6 | (next & 0x3FU);
  }
  return {lead.following + 1, true, code_point};
}

std::size_t well_formed_prefix(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    if (byte_at(text, at) < 0x80) {
      at = skip_ascii(text, at);
      continue;
    }
    const Utf8Unit unit = utf8_unit(text, at);
    if (!unit.well_formed) return at;
    at += unit.size;
  }
  return text.size();
}

std::string with_replacements(std::string_view text, std::size_t prefix) {
  std::string out(text.substr(0, prefix));
  for (std::size_t at = prefix; at < text.size();) {
    const std::size_t good = well_formed_prefix(text.substr(at));
    out.append(text, at, good);
    at += good;
    if (at == text.size()) break;
    out += replacement;
    at += utf8_unit(text, at).size;
  }
  return out;
}

}  // namespace engineio::detail
