#include "examples/comment_server/config.hpp"

#include <stdlib.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace comment_server {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

Invocation run(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "comment-server");
  return parse_invocation(static_cast<int>(arguments.size()), arguments.data());
}

/// The configuration of arguments that are good; fails the test if they are not.
Config good(std::vector<const char*> arguments) {
  Invocation invocation = run(std::move(arguments));
  EXPECT_TRUE(invocation.config.has_value()) << invocation.text;
  return invocation.config.value_or(Config{});
}

/// The one line that bad arguments are answered with.
std::string bad(std::vector<const char*> arguments) {
  const Invocation invocation = run(std::move(arguments));
  EXPECT_FALSE(invocation.config.has_value());
  EXPECT_NE(invocation.exit_code, 0);
  EXPECT_THAT(invocation.text, AllOf(StartsWith("comment-server: "), Not(HasSubstr("\n"))));
  return invocation.text;
}

class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

TEST(Config, HasDefaultsForEverything) {
  const Config config = good({});
  EXPECT_EQ(config.host, "");
  EXPECT_EQ(config.port, 3000);
  EXPECT_EQ(config.server.threads, 1u);
  EXPECT_EQ(config.store.path, "comments.db");
  EXPECT_FALSE(config.server.engine.cors.has_value());
  EXPECT_FALSE(config.server.tls.has_value());
  EXPECT_EQ(config.server.engine.ping_interval, 25s);
  EXPECT_EQ(config.server.engine.ping_timeout, 20s);
  EXPECT_EQ(config.server.engine.max_payload, 1'000'000u);
  EXPECT_EQ(config.history.comments, 50u);
  EXPECT_EQ(config.log.level, LogLevel::info);
  EXPECT_EQ(config.log.format, LogFormat::text);
}

TEST(Config, TakesFlags) {
  const Config config = good(
      {"--host",   "127.0.0.1",           "--port=0", "--threads",       "4",     "--db",
       ":memory:", "--tls-cert",          "c.pem",    "--tls-key",       "k.pem", "--ping-interval",
       "300",      "--ping-timeout",      "200",      "--max-payload",   "2000",  "--log-level",
       "debug",    "--log-format",        "json",     "--history-count", "7",     "--history-bytes",
       "900",      "--max-comment-bytes", "100",      "--grace-period",  "1500",  "--page-dir",
       "p",        "--client-dir",        "c"});
  EXPECT_EQ(config.host, "127.0.0.1");
  EXPECT_EQ(config.port, 0);
  EXPECT_EQ(config.server.threads, 4u);
  EXPECT_EQ(config.store.path, ":memory:");
  EXPECT_EQ(config.server.tls.value().certificate_file, "c.pem");
  EXPECT_EQ(config.server.tls.value().private_key_file, "k.pem");
  EXPECT_EQ(config.server.engine.ping_interval, 300ms);
  EXPECT_EQ(config.server.engine.ping_timeout, 200ms);
  EXPECT_EQ(config.server.engine.max_payload, 2'000u);
  EXPECT_EQ(config.log.level, LogLevel::debug);
  EXPECT_EQ(config.log.format, LogFormat::json);
  EXPECT_EQ(config.history.comments, 7u);
  EXPECT_EQ(config.history.bytes, 900u);
  EXPECT_EQ(config.max_comment_bytes, 100u);
  EXPECT_EQ(config.grace_period, 1500ms);
  EXPECT_EQ(config.page_folder, "p");
  EXPECT_EQ(config.server.serve_client, "c");
}

TEST(Config, TakesLimits) {
  const Config config = good({"--max-header-bytes",
                              "2048",
                              "--send-queue-hard-bytes",
                              "20",
                              "--db-queue-histories",
                              "7",
                              "--max-waiting-comments",
                              "6",
                              "--max-sessions",
                              "5",
                              "--max-connections-per-address",
                              "3",
                              "--max-unknown-sessions-per-second-per-address",
                              "4",
                              "--bind-sessions-to-address",
                              "--max-events-per-second",
                              "200",
                              "--max-attachments",
                              "2",
                              "--max-json-depth",
                              "16",
                              "--max-fragments",
                              "8",
                              "--header-timeout",
                              "100",
                              "--turn-time",
                              "7"});
  const engineio::Limits& limits = config.server.engine.limits;
  EXPECT_EQ(limits.header_bytes, 2048u);
  EXPECT_EQ(limits.send_queue_hard_bytes, 20u);
  EXPECT_EQ(config.store.max_queued_histories, 7u);
  EXPECT_EQ(config.waiting_comments, 6u);
  EXPECT_EQ(limits.sessions, 5u);
  EXPECT_EQ(limits.connections_per_address, 3u);
  EXPECT_EQ(limits.unknown_sessions_per_second_per_address, 4u);
  EXPECT_TRUE(config.server.engine.bind_sessions_to_address);
  EXPECT_EQ(limits.message_fragments, 8u);
  EXPECT_EQ(limits.header_timeout, 100ms);
  EXPECT_EQ(limits.turn_time, 7ms);
  EXPECT_EQ(config.server.limits.events_per_second, 200u);
  EXPECT_EQ(config.server.limits.attachments, 2u);
  EXPECT_EQ(config.server.limits.json_depth, 16u);
}

TEST(Config, TakesOriginsAsAList) {
  const auto origins = [](const Config& config) {
    return config.server.engine.cors.value().origins;
  };
  EXPECT_THAT(origins(good({"--cors-origin", "https://a.example,http://b.example:8080"})),
              ElementsAre("https://a.example", "http://b.example:8080"));
  EXPECT_THAT(origins(good({"--cors-origin", "https://a.example", "--cors-origin", "null"})),
              ElementsAre("https://a.example", "null"));
  EXPECT_TRUE(good({"--cors-origin", "https://a.example"}).server.engine.cors->reflect)
      << "other origins are not told which one is allowed";
  EXPECT_FALSE(good({"--cors-origin", "*"}).server.engine.cors->reflect);
  EXPECT_TRUE(good({"--cors-origin", "https://a.example", "--cors-credentials"})
                  .server.engine.cors->credentials);
}

TEST(Config, TakesTheEnvironmentWhereNoFlagIsGiven) {
  const Variable port("COMMENT_SERVER_PORT", "4000");
  const Variable level("COMMENT_SERVER_LOG_LEVEL", "error");
  const Variable origins("COMMENT_SERVER_CORS_ORIGIN", "https://a.example,https://b.example");
  const Variable interval("COMMENT_SERVER_PING_INTERVAL", "77");
  const Variable credentials("COMMENT_SERVER_CORS_CREDENTIALS", "true");
  EXPECT_EQ(good({}).port, 4000);
  EXPECT_EQ(good({"--port", "5000"}).port, 5000);
  EXPECT_EQ(good({}).log.level, LogLevel::error);
  EXPECT_EQ(good({}).server.engine.ping_interval, 77ms);
  EXPECT_THAT(good({}).server.engine.cors.value().origins,
              ElementsAre("https://a.example", "https://b.example"));
  EXPECT_TRUE(good({}).server.engine.cors.value().credentials);
}

TEST(Config, SaysWhatIsWrongWithTheEnvironment) {
  const Variable port("COMMENT_SERVER_PORT", "http");
  EXPECT_THAT(bad({}), HasSubstr("--port: must be a whole number from 0 to 65535, not \"http\""));
}

TEST(Config, RefusesNumbersOutOfRange) {
  EXPECT_THAT(bad({"--port", "65536"}),
              HasSubstr("--port: must be a whole number from 0 to 65535, not \"65536\""));
  EXPECT_THAT(bad({"--port", "-1"}), HasSubstr("--port"));
  EXPECT_THAT(bad({"--port", "80x"}), HasSubstr("not \"80x\""));
  EXPECT_THAT(bad({"--port", ""}), HasSubstr("--port"));
  EXPECT_THAT(bad({"--threads", "1000000"}), HasSubstr("from 0 to 1024"));
  EXPECT_THAT(bad({"--ping-interval", "0"}), HasSubstr("from 1"));
  EXPECT_THAT(bad({"--ping-timeout", "1.5"}), HasSubstr("--ping-timeout"));
  EXPECT_THAT(bad({"--max-payload", "99999999999999999999"}), HasSubstr("--max-payload"));
  EXPECT_THAT(bad({"--max-payload", "9223372036854775808"}), HasSubstr("--max-payload"));
  EXPECT_THAT(bad({"--max-json-depth", "4096"}), HasSubstr("from 1 to 2048"));
}

TEST(Config, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(bad({"--prot", "1"}), HasSubstr("--prot"));
  EXPECT_THAT(bad({"3000"}), HasSubstr("3000"));
  EXPECT_THAT(bad({"--port"}), HasSubstr("--port"));
  EXPECT_THAT(bad({"--log-level", "loud"}), HasSubstr("must be one of"));
  EXPECT_THAT(bad({"--log-format", "xml"}), HasSubstr("json|text"));
}

TEST(Config, RefusesContradictions) {
  EXPECT_THAT(bad({"--tls-cert", "c.pem"}), HasSubstr("--tls-key"));
  EXPECT_THAT(bad({"--tls-key", "k.pem"}), HasSubstr("--tls-cert"));
  EXPECT_THAT(bad({"--cors-origin", "*", "--cors-credentials"}), HasSubstr("--cors-credentials"));
  EXPECT_THAT(bad({"--cors-credentials"}), HasSubstr("--cors-origin"));
  EXPECT_THAT(bad({"--cors-origin", "*,https://a.example"}), HasSubstr("every origin"));
  EXPECT_THAT(bad({"--history-bytes", "20", "--max-comment-bytes", "21"}),
              HasSubstr("--max-comment-bytes: must not be over --history-bytes"));
  EXPECT_EQ(good({"--history-count", "0", "--history-bytes", "0"}).history.bytes, 0U);
  EXPECT_THAT(bad({"--db", ""}), HasSubstr("--db"));
}

TEST(Config, RefusesOriginsThatCanNeverMatch) {
  for (const char* never : {"example.com", "https://example.com/", "https://Example.com",
                            "https://*.example.com", "https://", "://a", "https://u@a.example"}) {
    EXPECT_THAT(bad({"--cors-origin", never}), HasSubstr(never));
  }
}

TEST(Config, HelpShowsEachFlagWithItsVariable) {
  const Invocation help = run({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_FALSE(help.config.has_value());
  for (const char* flag : {"--host", "--port", "--threads", "--db", "--cors-origin", "--tls-cert",
                           "--tls-key", "--ping-interval", "--ping-timeout", "--max-payload",
                           "--log-level", "--log-format", "--history-count", "--max-comment-bytes",
                           "--grace-period", "--max-sessions", "--max-json-depth"}) {
    std::string variable = std::string("COMMENT_SERVER_") + (flag + 2);
    for (char& c : variable) c = c == '-' ? '_' : static_cast<char>(toupper(c));
    EXPECT_THAT(help.text, AllOf(HasSubstr(flag), HasSubstr(variable)));
  }
}

TEST(Config, VersionIsOneLine) {
  const Invocation version = run({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.text, MatchesRegex("comment-server [0-9.]+\n"));
}

}  // namespace
}  // namespace comment_server
