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

/// Goes on by steps of `Words` times eight bytes, all read before any is written: what compilers
/// turn into vectors. Returns how many bytes are done.
template <std::size_t Words>
std::size_t unmask_words(std::span<const char> from, std::uint64_t mask, char* to) noexcept {
  constexpr std::size_t step = Words * sizeof mask;
  std::size_t at = 0;
  for (; from.size() - at >= step; at += step) {
    std::array<std::uint64_t, Words> words;
    for (std::size_t i = 0; i < Words; ++i) std::memcpy(&words[i], from.data() + at + 8 * i, 8);
    for (std::uint64_t& word : words) word ^= mask;
    for (std::size_t i = 0; i < Words; ++i) std::memcpy(to + at + 8 * i, &words[i], 8);
  }
  return at;
}

/// Undoes the masking of a client's payload (RFC 6455, 5.3). `to` is where the bytes are, or does
/// not overlap with them.
inline void unmask(std::span<const char> from, const Mask& mask, char* to) noexcept {
  std::uint64_t wide = 0;
  std::memcpy(&wide, mask.data(), mask.size());
  wide |= wide << 32;
  std::size_t at = unmask_words<4>(from, wide, to);
  at += unmask_words<1>(from.subspan(at), wide, to + at);
  for (; at < from.size(); ++at) to[at] = static_cast<char>(from[at] ^ mask[at % mask.size()]);
}

}  // namespace engineio::transports::detail
