#include "socketio/detail/log_error.hpp"

#include "engineio/detail/log_text.hpp"
#include "socketio/detail/server_core.hpp"
#include "socketio/detail/socket_core.hpp"

namespace socketio::detail {

using engineio::detail::loggable;

void log_error(const SocketCore& socket, const Error& error) {
  std::string text = "namespace " + loggable(socket.nsp().name(), 64) + ", socket " + socket.id();
  if (!error.event.empty()) text += ", event \"" + loggable(error.event, 64) + '"';
  text += ": " + error.code.message();
  if (error.message != error.code.message()) text += ": " + loggable(error.message);
  const engineio::LogLevel level = error.code == Errc::malformed_packet ? engineio::LogLevel::info
                                   : error.code == Errc::arguments_mismatch
                                       ? engineio::LogLevel::warning
                                       : engineio::LogLevel::error;
  socket.nsp().server().log_some(socket.loop(), level, text);
}

}  // namespace socketio::detail
