#include "engineio/session_events.hpp"

#include <exception>

#include "engineio/detail/log_text.hpp"

namespace engineio {

void log_thrown(const LogCallback& log) {
  if (!log) return;
  try {
    throw;
  } catch (const std::exception& error) {
    log(LogLevel::error, "a handler threw: " + detail::loggable(error.what()));
  } catch (...) {
    log(LogLevel::error, "a handler threw something that is no std::exception");
  }
}

}  // namespace engineio
