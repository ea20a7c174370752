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

Packet packet_of(const Block& block) noexcept {
  const std::string_view bytes = block.payload();
  if (block.kind() == BlockKind::binary) return {PacketType::message, true, bytes};
  if (bytes.empty()) return {};
  return {static_cast<PacketType>(bytes.front() - '0'), false, bytes.substr(1)};
}

}  // namespace engineio
