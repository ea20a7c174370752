#include "engineio/detail/base64.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace engineio::detail {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Two characters for every 12 bits: two lookups for three bytes.
constexpr auto pairs = [] {
  std::array<std::array<char, 2>, 4096> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {alphabet[i >> 6], alphabet[i & 63]};
  return table;
}();

constexpr unsigned char foreign = 0xFF;

constexpr auto values = [] {
  std::array<unsigned char, 256> table{};
  table.fill(foreign);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<unsigned char>(i);
  }
  table['-'] = 62;
  table['_'] = 63;
  return table;
}();

std::uint32_t value_of(char c) noexcept { return values[static_cast<unsigned char>(c)]; }

// Decodes whole groups of four characters until one has something foreign in it. Returns how many
// characters it read.
std::size_t decode_groups(std::string_view text, char*& out) noexcept {
  std::size_t at = 0;
  for (; text.size() - at >= 4; at += 4) {
    const std::uint32_t a = value_of(text[at]), b = value_of(text[at + 1]);
    const std::uint32_t c = value_of(text[at + 2]), d = value_of(text[at + 3]);
    if ((a | b | c | d) & 0xC0U) break;
    *out++ = static_cast<char>(a << 2 | b >> 4);
    *out++ = static_cast<char>((b << 4 | c >> 2) & 0xFFU);
    *out++ = static_cast<char>((c << 6 | d) & 0xFFU);
  }
  return at;
}

// The same for one group among foreign characters, or for the incomplete last one.
std::size_t decode_scattered_group(std::string_view text, char*& out) noexcept {
  std::uint32_t bits = 0;
  int count = 0;
  std::size_t at = 0;
  for (; at < text.size() && count < 4; ++at) {
    const std::uint32_t value = value_of(text[at]);
    if (value == foreign) continue;
    bits = bits << 6 | value;
    ++count;
  }
  bits <<= 6 * (4 - count);
  for (int i = 0; i < count - 1; ++i) *out++ = static_cast<char>(bits >> (16 - 8 * i) & 0xFFU);
  return at;
}

}  // namespace

char* encode_base64(std::string_view bytes, char* out) noexcept {
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t left = bytes.size();
  for (; left >= 3; left -= 3, in += 3, out += 4) {
    const std::uint32_t group = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
    std::memcpy(out, pairs[group >> 12].data(), 2);
    std::memcpy(out + 2, pairs[group & 0xFFFU].data(), 2);
  }
  if (left == 0) return out;
  const std::uint32_t group =
      std::uint32_t{in[0]} << 16 | (left == 2 ? std::uint32_t{in[1]} << 8 : 0U);
  std::memcpy(out, pairs[group >> 12].data(), 2);
  out[2] = left == 2 ? alphabet[group >> 6 & 63] : '=';
  out[3] = '=';
  return out + 4;
}

char* decode_base64(std::string_view text, char* out) noexcept {
  text = text.substr(0, text.find('='));
  while (!text.empty()) {
    text.remove_prefix(decode_groups(text, out));
    text.remove_prefix(decode_scattered_group(text, out));
  }
  return out;
}

}  // namespace engineio::detail
