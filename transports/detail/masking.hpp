#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace engineio::transports::detail {

using Mask = std::array<char, 4>;

/// The mask as it applies to what comes after `count` more bytes.
inline Mask rotated(const Mask& mask, std::size_t count) noexcept {
  Mask out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = mask[(count + i) % mask.size()];
  return out;
}

/// Undoes the masking of a client's payload (RFC 6455, 5.3), 32 bytes at a time. `to` is where the
/// bytes are, or does not overlap with them.
inline void unmask(std::span<const char> from, const Mask& mask, char* to) noexcept {
  constexpr std::size_t step = 32;
  std::uint64_t wide = 0;
  std::memcpy(&wide, mask.data(), mask.size());
  wide |= wide << 32;
  const char* at = from.data();
  std::size_t left = from.size();
  for (; left >= step; left -= step, at += step, to += step) {
    std::array<std::uint64_t, step / sizeof wide> words;
    for (std::size_t i = 0; i < words.size(); ++i) std::memcpy(&words[i], at + 8 * i, 8);
    for (std::size_t i = 0; i < words.size(); ++i) words[i] ^= wide;
    for (std::size_t i = 0; i < words.size(); ++i) std::memcpy(to + 8 * i, &words[i], 8);
  }
  for (std::size_t i = 0; i < left; ++i) to[i] = static_cast<char>(at[i] ^ mask[i % mask.size()]);
}

}  // namespace engineio::transports::detail
