#include "engineio/detail/base64.hpp"

#include <string>

#include <gtest/gtest.h>

#include "tests/vectors/read_vectors.hpp"

namespace engineio::detail {
namespace {

std::string encoded(std::string_view bytes) {
  std::string out(base64_size(bytes.size()), '?');
  const char* end = encode_base64(bytes, out.data());
  EXPECT_EQ(end, out.data() + out.size());
  return out;
}

std::string decoded(std::string_view text) {
  std::string out(max_decoded_base64_size(text.size()), '?');
  const char* end = decode_base64(text, out.data());
  EXPECT_LE(end, out.data() + out.size());
  out.resize(static_cast<std::size_t>(end - out.data()));
  return out;
}

TEST(Base64, EncodesTheExamplesOfRfc4648) {
  EXPECT_EQ(encoded(""), "");
  EXPECT_EQ(encoded("f"), "Zg==");
  EXPECT_EQ(encoded("fo"), "Zm8=");
  EXPECT_EQ(encoded("foo"), "Zm9v");
  EXPECT_EQ(encoded("foob"), "Zm9vYg==");
  EXPECT_EQ(encoded("fooba"), "Zm9vYmE=");
  EXPECT_EQ(encoded("foobar"), "Zm9vYmFy");
}

TEST(Base64, UsesTheStandardAlphabet) {
  EXPECT_EQ(encoded(std::string_view("\x01\x02\x03\x04", 4)), "AQIDBA==");
  EXPECT_EQ(encoded("\xff\xff\xfe"), "///+");
  EXPECT_EQ(encoded("\xfb\xff"), "+/8=");
}

TEST(Base64, DecodesAsNodeDoes) {
  for (const auto& row : vectors::read("base64_decode.txt")) {
    EXPECT_EQ(decoded(row.at(0)), row.at(1)) << "of \"" << row.at(0) << '"';
  }
}

TEST(Base64, GivesBackWhatItEncoded) {
  std::string bytes;
  for (int n = 0; n < 1000; ++n) {
    EXPECT_EQ(decoded(encoded(bytes)), bytes) << n << " bytes";
    bytes += static_cast<char>((n * 167 + n / 256) & 0xFF);
  }
}

TEST(Base64, SkipsAForeignCharacterAtEveryPlace) {
  const std::string text = "AQIDBAUGBwg";
  for (std::size_t at = 0; at <= text.size(); ++at) {
    std::string with_junk = text;
    with_junk.insert(at, "\n");
    EXPECT_EQ(decoded(with_junk), decoded(text)) << at;
  }
}

}  // namespace
}  // namespace engineio::detail
