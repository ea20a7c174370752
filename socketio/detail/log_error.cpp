#include "socketio/detail/log_error.hpp"

#include "engineio/detail/log_text.hpp"
#include "socketio/detail/server_core.hpp"
#include "socketio/detail/socket_core.hpp"

namespace socketio::detail {

using engineio::detail::loggable;

namespace {

engineio::LogLevel gravity_of(const Error& error) {
  if (error.code == Errc::malformed_packet) return engineio::LogLevel::info;
  if (error.code == Errc::arguments_mismatch) return engineio::LogLevel::warning;
  return engineio::LogLevel::error;
}

}  // namespace

void log_error(const SocketCore& socket, const Error& error) {
  std::string text = "namespace " + loggable(socket.nsp().name(), 64) + ", socket " + socket.id();
  if (!error.event.empty()) text += ", event \"" + loggable(error.event, 64) + '"';
  text += ": " + error.code.message();
  if (error.message != error.code.message()) text += ": " + loggable(error.message);
  socket.nsp().server().log_some(socket.loop(), gravity_of(error), text);
}

}  // namespace socketio::detail
