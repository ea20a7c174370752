#include "examples/comment_server/logging.hpp"

#include <algorithm>
#include <chrono>
#include <random>
#include <sstream>

#include <boost/json/parse.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comment_server {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

std::string text_line(std::string_view event, std::initializer_list<LogField> fields) {
  std::ostringstream out;
  Log({.format = LogFormat::text}, out).info(event, fields);
  return out.str();
}

std::string json_line(std::string_view event, std::initializer_list<LogField> fields) {
  std::ostringstream out;
  Log({.format = LogFormat::json}, out).info(event, fields);
  return out.str();
}

TEST(LineRate, CountsWhatIsOverItInASecond) {
  LineRate rate(3);
  const engineio::TimePoint begin{std::chrono::hours(1)};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(rate.admit(begin), 0U);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(rate.admit(begin + std::chrono::milliseconds(999)));
  EXPECT_EQ(rate.admit(begin + std::chrono::seconds(1)), 5U);
  EXPECT_EQ(rate.admit(begin + std::chrono::seconds(1)), 0U);
}

TEST(Log, SaysHowManyLinesItLeftOut) {
  std::ostringstream out;
  Log log({}, out);
  for (int i = 0; i < 200; ++i) log.write_some(LogLevel::info, "refused", {});
  const std::string lines = out.str();
  const auto count = std::count(lines.begin(), lines.end(), '\n');
  EXPECT_GE(count, 100);  // a new second may have begun
  EXPECT_LT(count, 200);
  log.write_some(LogLevel::debug, "not shown", {});
  EXPECT_THAT(out.str(), Not(HasSubstr("not shown")));
}

TEST(Escaped, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(escaped(""), "");
  EXPECT_EQ(escaped("a comment"), "a comment");
  EXPECT_EQ(escaped("grüße, 世界, 😀"), "grüße, 世界, 😀");
}

TEST(Escaped, WritesWhatWouldEndTheLineAsEscapes) {
  EXPECT_EQ(escaped("a\r\nb\tc"), "a\\r\\nb\\tc");
  EXPECT_EQ(escaped("say \"hi\" \\"), "say \\\"hi\\\" \\\\");
  EXPECT_EQ(escaped(std::string_view("\0\x1B[31m\x7F", 7)), "\\u0000\\u001b[31m\\u007f");
  EXPECT_EQ(escaped("\xC2\x85|\xC2\x9B"), "\\u0085|\\u009b") << "C1: next line, control sequence";
  EXPECT_EQ(escaped("\xE2\x80\xA8|\xE2\x80\xA9"), "\\u2028|\\u2029");
}

TEST(Escaped, ShowsWhatWouldTurnTheDirectionOfWriting) {
  EXPECT_EQ(escaped("\xE2\x80\xAEtxt\xE2\x81\xA6"), "\\u202etxt\\u2066");
  EXPECT_EQ(escaped("\xEF\xBB\xBF"), "\\ufeff");
}

TEST(Escaped, ReplacesBytesThatAreNotUtf8) {
  EXPECT_EQ(escaped("\xFF|\xC0\xAF|\xED\xA0\x80|\xF5"), "�|��|���|�");
  EXPECT_EQ(escaped("cut \xE4\xB8"), "cut ��");
  EXPECT_EQ(escaped("\xF0\x80\x80\xAF"), "����") << "an overlong slash";
}

TEST(Escaped, CutsAtTheLimit) {
  EXPECT_EQ(escaped(std::string(256, 'x')), std::string(256, 'x'));
  EXPECT_EQ(escaped(std::string(257, 'x')), std::string(253, 'x').append("…"));
  EXPECT_EQ(escaped(std::string(1'000'000, 'x')).size(), 256u);
}

TEST(Escaped, CutsNeitherACharacterNorAnEscape) {
  for (std::size_t limit = 0; limit < 40; ++limit) {
    for (const std::string_view text :
         {"aé😀\n世\x1B z é😀\n世\x1B z", "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"}) {
      const std::string cut = escaped(text, limit);
      EXPECT_LE(cut.size(), limit);
      boost::system::error_code error;
      boost::json::parse('"' + cut + '"', error);
      EXPECT_FALSE(error) << limit << ": " << cut;
    }
  }
}

TEST(Log, ATextLineIsTimeLevelEventAndFields) {
  EXPECT_THAT(text_line("comment", {{"room", "/x?y"}, {"bytes", 17}, {"value", "two words"}}),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z "
                           "info comment room=/x\\?y bytes=17 value=\"two words\"\n"));
  EXPECT_THAT(text_line("x", {{"empty", ""}, {"sum", "a=b"}}),
              EndsWith(" x empty=\"\" sum=\"a=b\"\n"));
}

TEST(Log, AJsonLineIsOneObject) {
  const auto line = json_line("comment", {{"room", "/x"}, {"bytes", 17}});
  const auto object = boost::json::parse(line).as_object();
  EXPECT_EQ(object.at("level"), "info");
  EXPECT_EQ(object.at("event"), "comment");
  EXPECT_EQ(object.at("room"), "/x");
  EXPECT_EQ(object.at("bytes"), 17);
  EXPECT_THAT(std::string(object.at("time").as_string()), EndsWith("Z"));
}

TEST(Log, AnEventIsOneLineWhateverAClientSent) {
  const std::string forged = "x\r\n2026-01-01T00:00:00.000Z error \"forged\"\x1B[2J{}%v%d{0}";
  for (const std::string& line :
       {text_line("event", {{"value", forged}}), json_line("event", {{"value", forged}}),
        text_line(forged, {}), json_line(forged, {})}) {
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    EXPECT_THAT(line, EndsWith("\n"));
    EXPECT_THAT(line, Not(HasSubstr("\x1B")));
    EXPECT_THAT(line, HasSubstr("{}%v%d{0}")) << "no format of the log's own is looked for in it";
  }
}

TEST(Log, JsonStaysValidForAnyBytes) {
  std::mt19937 random(1);  // the same bytes in each run
  for (int round = 0; round < 500; ++round) {
    std::string bytes(random() % 400, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const std::string line = json_line("event", {{"value", bytes}});
    boost::system::error_code error;
    boost::json::parse(line, error);
    ASSERT_FALSE(error) << line;
    ASSERT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    ASSERT_LT(line.size(), 256u + 100u);
  }
}

TEST(Log, KeepsQuietBelowItsLevel) {
  std::ostringstream out;
  Log log({.level = LogLevel::warning}, out);
  log.debug("a");
  log.info("b");
  EXPECT_EQ(out.str(), "");
  EXPECT_FALSE(log.enabled(LogLevel::info));
  log.warning("c");
  log.error("d");
  EXPECT_THAT(out.str(), HasSubstr("warning c\n"));
  EXPECT_THAT(out.str(), HasSubstr("error d\n"));
}

TEST(Log, OffIsOffForErrorsToo) {
  std::ostringstream out;
  Log log({.level = LogLevel::off}, out);
  log.error("d");
  EXPECT_EQ(out.str(), "");
}

TEST(Log, WritesToStandardErrorWhatWaitsWhenItEnds) {
  testing::internal::CaptureStderr();
  {
    Log log({.level = LogLevel::debug});
    for (int i = 0; i < 1'000; ++i) log.debug("line", {{"number", i}});
  }
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 1'000);
  EXPECT_THAT(written, EndsWith("debug line number=999\n"));
}

}  // namespace
}  // namespace comment_server
