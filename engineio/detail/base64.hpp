#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace engineio::detail {

/// Characters that `bytes` bytes become, padding included.
constexpr std::size_t base64_size(std::size_t bytes) noexcept { return (bytes + 2) / 3 * 4; }

/// Writes `bytes` in the standard alphabet, padded. `out` has room for base64_size(bytes.size()).
/// Returns the end.
char* encode_base64(std::string_view bytes, char* out) noexcept;

/// Decodes by the rules of Node's Buffer, which JavaScript servers use: both alphabets, ends at the
/// first `=`, whatever is not of an alphabet is skipped, an incomplete last group gives the bytes
/// it has. Total. Replaces what `out` holds.
void decode_base64(std::string_view text, std::string& out);

}  // namespace engineio::detail
