#include "transports/detail/masking.hpp"

#include <string>

#include <gtest/gtest.h>

namespace engineio::transports::detail {
namespace {

constexpr Mask mask = {'\x01', '\x7f', '\x80', '\xff'};

std::string bytes_of(std::size_t size) {
  std::string bytes;
  for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 37);
  return bytes;
}

// As RFC 6455, 5.3 says it.
std::string masked(std::string bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(bytes[i] ^ mask[i % 4]);
  }
  return bytes;
}

TEST(Masking, IsUndoneAtEverySize) {
  for (std::size_t size = 0; size < 200; ++size) {
    const std::string bytes = bytes_of(size);
    std::string out(size, '?');
    unmask(masked(bytes), mask, out.data());
    EXPECT_EQ(out, bytes) << size;
  }
}

TEST(Masking, IsUndoneInPlace) {
  const std::string bytes = bytes_of(100);
  std::string in_place = masked(bytes);
  unmask(in_place, mask, in_place.data());
  EXPECT_EQ(in_place, bytes);
}

TEST(Masking, GoesOnAfterAnyNumberOfBytes) {
  const std::string bytes = bytes_of(100);
  const std::string from = masked(bytes);
  for (std::size_t split = 0; split <= bytes.size(); ++split) {
    std::string out(bytes.size(), '?');
    unmask(std::span(from).first(split), mask, out.data());
    unmask(std::span(from).subspan(split), rotated(mask, split), out.data() + split);
    EXPECT_EQ(out, bytes) << split;
  }
}

}  // namespace
}  // namespace engineio::transports::detail
