#include "transports/detail/utf8.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace engineio::transports::detail {
namespace {

bool is_continuation(char byte) noexcept { return (byte & 0xc0) == 0x80; }

/// Most text is ASCII: goes over it eight bytes at a time.
const char* skip_ascii(const char* at, const char* end) noexcept {
  while (end - at >= 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, at, sizeof eight);
    if ((eight & 0x8080808080808080U) != 0) break;
    at += 8;
  }
  while (at != end && static_cast<unsigned char>(*at) < 0x80) ++at;
  return at;
}

/// Length of the code point of several bytes at the front; 0 when it is none.
std::size_t sequence_length(const char* at, const char* end) noexcept {
  const auto left = static_cast<std::size_t>(end - at);
  const auto lead = static_cast<unsigned char>(*at);
  if (left < 2 || lead < 0xc2 || lead > 0xf4 || !is_continuation(at[1])) return 0;
  if (lead < 0xe0) return 2;
  const auto second = static_cast<unsigned char>(at[1]);
  if (left < 3 || !is_continuation(at[2])) return 0;
  if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f))
    return 0;  // overlong; surrogates
  if (lead < 0xf0) return 3;
  if (left < 4 || !is_continuation(at[3])) return 0;
  if ((lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
    return 0;  // overlong; above U+10FFFF
  return 4;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size();
  while ((at = skip_ascii(at, end)) != end) {
    const std::size_t length = sequence_length(at, end);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

}  // namespace engineio::transports::detail
