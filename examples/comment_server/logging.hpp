#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engineio/rate_window.hpp"

namespace spdlog {
class logger;
namespace details {
class thread_pool;
}
}  // namespace spdlog

namespace comment_server {

enum class LogLevel : unsigned char {
  debug,    ///< each connection and each packet that is refused
  info,     ///< each comment; start and stop
  warning,  ///< something an operator should look at
  error,    ///< something does not work
  off,      ///< nothing at all
};

enum class LogFormat : unsigned char {
  text,  ///< `2026-11-21T01:45:00.123Z info comment room=/ value="…"`
  json,  ///< one object a line: `time`, `level`, `event`, and the fields of the event
};

struct LogOptions {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
};

/// One named value of a line. The name is ours: lower-case letters and `_`. The value may come from
/// a client.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, std::int64_t> value;
};

/// Lets so many lines a second through, of those that clients can cause at will, and counts the
/// others. Any thread.
class LineRate {
 public:
  explicit LineRate(std::size_t lines_per_second) noexcept : lines_per_second_(lines_per_second) {}

  /// Nothing: leave this line out. Else how many were left out since the last one.
  std::optional<std::size_t> admit(engineio::TimePoint now = engineio::Clock::now());

 private:
  const std::size_t lines_per_second_;
  std::mutex mutex_;
  engineio::RateWindow rate_;
  std::size_t left_out_ = 0;
};

/// How much of a string a line shows, in bytes as written.
inline constexpr std::size_t log_field_bytes = 256;

/// Text as it may stand between the quotes of a line, in either format: what would end the line or
/// the quotes, move a terminal's cursor or turn the direction of writing is written as JSON
/// escapes, bytes that are not UTF-8 as U+FFFD. At most `max_bytes` bytes long; a text that was cut
/// ends in `…`.
std::string escaped(std::string_view untrusted, std::size_t max_bytes = log_field_bytes);

/// The log of the program: one line per event, whatever a client put into it.
///
/// Lines go to standard error from a thread of their own. When that cannot keep up, the oldest
/// lines that wait are lost, so that a slow terminal does not stop the server. What waits is
/// written when the Log ends.
///
/// Every member may be called from any thread.
class Log {
 public:
  explicit Log(const LogOptions& options);
  /// Writes to `out` at once, for tests.
  Log(const LogOptions& options, std::ostream& out);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool enabled(LogLevel level) const noexcept { return level >= level_ && level_ != LogLevel::off; }

  /// `event` says what happened in a few words; `fields` say to whom and with what.
  void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});
  /// Of the lines that clients can cause at will: 100 a second, and then the number of the others.
  void write_some(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);
  void debug(std::string_view event, std::initializer_list<LogField> fields = {}) {
    if (enabled(LogLevel::debug)) write(LogLevel::debug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<LogField> fields = {}) {
    if (enabled(LogLevel::info)) write(LogLevel::info, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<LogField> fields = {}) {
    if (enabled(LogLevel::warning)) write(LogLevel::warning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<LogField> fields = {}) {
    if (enabled(LogLevel::error)) write(LogLevel::error, event, fields);
  }

 private:
  void set_up();

  const LogLevel level_;
  const LogFormat format_;
  LineRate some_{100};
  std::shared_ptr<spdlog::details::thread_pool> threads_;
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace comment_server
