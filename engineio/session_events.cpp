#include "engineio/session_events.hpp"

#include <cstdio>
#include <exception>
#include <string>

#include "engineio/detail/log_text.hpp"

namespace engineio {

void write_log(const LogCallback& log, LogLevel level, std::string_view line) noexcept {
  try {
    if (log) return log(level, line);
    if (level < LogLevel::warning) return;
    std::string text("socketio: ");
    text.append(line).push_back('\n');
    std::fwrite(text.data(), 1, text.size(), stderr);
  } catch (...) {  // there is nowhere to tell it
  }
}

void log_thrown(const LogCallback& log, std::string_view thrower) {
  try {
    throw;
  } catch (const std::exception& error) {
    write_log(log, LogLevel::error,
              std::string(thrower) + " threw: " + detail::loggable(error.what()));
  } catch (...) {
    write_log(log, LogLevel::error,
              std::string(thrower) + " threw something that is no std::exception");
  }
}

}  // namespace engineio
