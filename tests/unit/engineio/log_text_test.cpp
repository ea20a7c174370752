#include "engineio/detail/log_text.hpp"

#include <string>

#include <gtest/gtest.h>

#include "engineio/detail/utf8.hpp"

namespace engineio::detail {
namespace {

constexpr const char* ellipsis = "\xE2\x80\xA6";

TEST(LogText, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(loggable(""), "");
  EXPECT_EQ(loggable("GET /socket.io/?EIO=4 {1|2}"), "GET /socket.io/?EIO=4 {1|2}");
  EXPECT_EQ(loggable("Zürich, 東京 😀"), "Zürich, 東京 😀");
}

TEST(LogText, EscapesWhatCouldBreakALine) {
  EXPECT_EQ(loggable("a\r\nb\tc"), R"(a\r\nb\tc)");
  EXPECT_EQ(loggable(std::string_view("\0\x1b[31m\x7f", 7)), R"(\x00\x1b[31m\x7f)");
  EXPECT_EQ(loggable(R"("it's" \)"), R"(\"it\'s\" \\)");
  EXPECT_EQ(loggable("\u0085\u009b\u2028\u2029\u202e\u2066\ufeff"),
            R"(\u0085\u009b\u2028\u2029\u202e\u2066\ufeff)");
}

TEST(LogText, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(loggable("a\xff\xe2\x82z"), R"(a\xff\xe2\x82z)");
}

TEST(LogText, CutsWhatIsLongerThanTheLimit) {
  EXPECT_EQ(loggable(std::string(9, 'a'), 10), std::string(9, 'a'));
  EXPECT_EQ(loggable(std::string(10, 'a'), 10), std::string(10, 'a'));
  EXPECT_EQ(loggable(std::string(11, 'a'), 10), std::string(7, 'a') + ellipsis);
  EXPECT_EQ(loggable(std::string(300, 'a')).size(), 256U);
}

TEST(LogText, IsNeverLongerThanTheLimitAndNeverCutsInsideACharacter) {
  const std::string text =
      "a\n\xff"
      "é€😀\u2028\"" +
      std::string(50, '\x01');
  for (std::size_t max = 0; max < 120; ++max) {
    const std::string shown = loggable(text, max);
    EXPECT_LE(shown.size(), max);
    EXPECT_TRUE(is_valid_utf8(shown)) << shown;
  }
}

TEST(LogText, ShowsTheBeginningOfASessionIdOnly) {
  EXPECT_EQ(loggable_session_id("lv_VI97HAXpY6yYWAAAB"), std::string("lv_VI9") + ellipsis);
  EXPECT_EQ(loggable_session_id("abcd"), std::string("ab") + ellipsis);
  EXPECT_EQ(loggable_session_id("\r\n\r\n\r\n\r\n"), std::string(R"(\r\n\r\n)") + ellipsis);
  EXPECT_EQ(loggable_session_id(""), "");
  EXPECT_LE(loggable_session_id(std::string(8000, 'x')).size(), 9U);
}

}  // namespace
}  // namespace engineio::detail
