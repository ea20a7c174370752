#pragma once

#include <cstddef>
#include <string_view>

namespace engineio::detail {

/// Characters that `bytes` bytes become, padding included.
constexpr std::size_t base64_size(std::size_t bytes) noexcept { return (bytes + 2) / 3 * 4; }

/// Writes `bytes` in the standard alphabet, padded. `out` has room for base64_size(bytes.size()).
/// Returns the end.
char* encode_base64(std::string_view bytes, char* out) noexcept;

/// Bytes that `characters` characters may become at most; decode_base64() writes no more.
constexpr std::size_t max_decoded_base64_size(std::size_t characters) noexcept {
  return characters / 4 * 3 + 3;
}

/// Decodes by the rules of Node's Buffer, which JavaScript servers use: both alphabets, ends at the
/// first `=`, whatever is not of an alphabet is skipped, an incomplete last group gives the bytes
/// it has. Total. `out` has room for max_decoded_base64_size(text.size()). Returns the end.
char* decode_base64(std::string_view text, char* out) noexcept;

}  // namespace engineio::detail
