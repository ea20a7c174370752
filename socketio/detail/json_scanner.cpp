#include "socketio/detail/json_scanner.hpp"

#include <bit>
#include <charconv>
#include <cstring>
#include <system_error>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace socketio::detail {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

int hex_digit(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The value of four hexadecimal digits; negative if they are not.
int hex_quad(const char* at) noexcept {
  int value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(at[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

bool is_special(char c) noexcept {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}
bool is_unplain(char c) noexcept { return is_special(c) || static_cast<unsigned char>(c) >= 0x80; }

#if defined(__SSE2__)

// All bits of byte i are set if it is one of those sought.
__m128i specials(__m128i bytes) noexcept {
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
  return _mm_or_si128(control, _mm_or_si128(quote, backslash));
}
__m128i unplains(__m128i bytes) noexcept {
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const __m128i signed_below =
      _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));  // control characters, and all from 0x80 on
  return _mm_or_si128(signed_below, _mm_or_si128(quote, backslash));
}

__m128i sixteen_bytes_at(const char* at) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
unsigned mask(__m128i found) noexcept { return static_cast<unsigned>(_mm_movemask_epi8(found)); }

template <__m128i (*Sought)(__m128i) noexcept, bool (*Is)(char) noexcept>
const char* find(const char* at, const char* end) noexcept {
  const auto sought = [&at](int offset) { return Sought(sixteen_bytes_at(at + offset)); };
  // Long texts first go by 64 bytes.
  while (end - at >= 64 && mask(_mm_or_si128(_mm_or_si128(sought(0), sought(16)),
                                             _mm_or_si128(sought(32), sought(48)))) == 0) {
    at += 64;
  }
  for (; end - at >= 16; at += 16) {
    if (const unsigned found = mask(sought(0)); found != 0) return at + std::countr_zero(found);
  }
  while (at != end && !Is(*at)) ++at;
  return at;
}

#else

constexpr std::uint64_t each_byte = 0x0101010101010101U;
constexpr std::uint64_t top_bits = each_byte * 0x80;

// Not zero if any byte is below `bound`, which is at most 0x80. May also find bytes behind such a
// one.
constexpr std::uint64_t below(std::uint64_t word, std::uint64_t bound) noexcept {
  return (word - each_byte * bound) & ~word & top_bits;
}
bool special_in(std::uint64_t word) noexcept {
  return (below(word, 0x20) | below(word ^ each_byte * '"', 1) |
          below(word ^ each_byte * '\\', 1)) != 0;
}
bool unplain_in(std::uint64_t word) noexcept { return (word & top_bits) != 0 || special_in(word); }

template <bool (*In)(std::uint64_t) noexcept, bool (*Is)(char) noexcept>
const char* find(const char* at, const char* end) noexcept {
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    if (In(word)) break;
  }
  while (at != end && !Is(*at)) ++at;
  return at;
}

#endif

// Where the escape sequence ends whose backslash is at `at`; null if there is no such.
const char* skip_escape(const char* at, const char* end) noexcept {
  if (end - at < 2) return nullptr;
  switch (at[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': return at + 2;
    case 'u': return end - at >= 6 && hex_quad(at + 2) >= 0 ? at + 6 : nullptr;
    default: return nullptr;
  }
}

char* append_code_point(std::uint32_t code, char* out) noexcept {
  const auto byte = [&](std::uint32_t value) { *out++ = static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6);
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
  return out;
}

// Reads \uXXXX, or two of them that are a surrogate pair. Advances `at` behind.
std::uint32_t read_unicode_escape(const char*& at, const char* end) noexcept {
  const auto code = static_cast<std::uint32_t>(hex_quad(at + 2));
  at += 6;
  if (code < 0xd800 || code > 0xdbff || end - at < 6 || at[0] != '\\' || at[1] != 'u') return code;
  const auto low = static_cast<std::uint32_t>(hex_quad(at + 2));
  if (low < 0xdc00 || low > 0xdfff) return code;
  at += 6;
  return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

char simple_escape(char c) noexcept {
  switch (c) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    default: return c;
  }
}

const char* skip_digits(const char* at, const char* end) noexcept {
  while (at != end && is_digit(*at)) ++at;
  return at;
}

// The decimal exponent of the first digit that is not zero, saturated. Requires: there is one.
std::int64_t decimal_magnitude(std::string_view raw) noexcept {
  const std::size_t e = raw.find_first_of("eE");
  const std::string_view mantissa = raw.substr(0, e);
  const std::size_t first = mantissa.find_first_of("123456789");
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const auto distance = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  if (e == std::string_view::npos) return distance;
  const bool negative = raw[e + 1] == '-';
  const std::size_t digits = e + 1 + (negative || raw[e + 1] == '+' ? 1U : 0U);
  std::int64_t exponent = 0;
  for (char c : raw.substr(digits))
    exponent = std::min<std::int64_t>(exponent * 10 + (c - '0'), 1'000'000'000'000);
  return distance + (negative ? -exponent : exponent);
}

}  // namespace

const char* find_string_special(const char* at, const char* end) noexcept {
#if defined(__SSE2__)
  return find<specials, is_special>(at, end);
#else
  return find<special_in, is_special>(at, end);
#endif
}

const char* find_string_unplain(const char* at, const char* end) noexcept {
#if defined(__SSE2__)
  return find<unplains, is_unplain>(at, end);
#else
  return find<unplain_in, is_unplain>(at, end);
#endif
}

const char* scan_json_string(const char* at, const char* end, JsonString& token) noexcept {
  const char* const begin = ++at;
  token.escaped = false;
  for (;;) {
    at = find_string_special(at, end);
    if (at == end) return nullptr;
    if (*at == '"') break;
    if (*at != '\\') return nullptr;
    token.escaped = true;
    at = skip_escape(at, end);
    if (!at) return nullptr;
  }
  token.raw = std::string_view(begin, static_cast<std::size_t>(at - begin));
  return at + 1;
}

const char* scan_json_number(const char* at, const char* end, JsonNumber& token,
                             std::size_t& digits) noexcept {
  const char* const begin = at;
  if (*at == '-') ++at;
  const char* const first = at;
  at = skip_digits(at, end);
  if (at == first || (*first == '0' && at - first > 1)) return nullptr;
  digits = static_cast<std::size_t>(at - first);
  token.integer = true;
  token.may_overflow = digits > 300;
  if (at != end && *at == '.') {
    token.integer = false;
    const char* const fraction = ++at;
    at = skip_digits(at, end);
    if (at == fraction) return nullptr;
    digits += static_cast<std::size_t>(at - fraction);
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    token.integer = false;
    token.may_overflow = true;
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    const char* const exponent = at;
    at = skip_digits(at, end);
    if (at == exponent) return nullptr;
    digits += static_cast<std::size_t>(at - exponent);
  }
  token.raw = std::string_view(begin, static_cast<std::size_t>(at - begin));
  return at;
}

char* unescape_json_string(const JsonString& token, char* out) noexcept {
  const char* at = token.raw.data();
  const char* const end = at + token.raw.size();
  while (at != end) {
    const void* found = std::memchr(at, '\\', static_cast<std::size_t>(end - at));
    const char* const escape = found ? static_cast<const char*>(found) : end;
    out = std::copy(at, escape, out);
    at = escape;
    if (at == end) break;
    if (at[1] == 'u') {
      out = append_code_point(read_unicode_escape(at, end), out);
    } else {
      *out++ = simple_escape(at[1]);
      at += 2;
    }
  }
  return out;
}

std::optional<double> read_json_number(const JsonNumber& token) noexcept {
  double value = 0;
  const char* const end = token.raw.data() + token.raw.size();
  if (std::from_chars(token.raw.data(), end, value).ec != std::errc::result_out_of_range)
    return value;
  if (decimal_magnitude(token.raw) > 0) return std::nullopt;
  return token.raw.front() == '-' ? -0.0 : 0.0;
}

}  // namespace socketio::detail
