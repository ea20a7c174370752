#pragma once

#include "socketio/error.hpp"

namespace socketio::detail {

class SocketCore;

/// Logs an error that nobody handles, as ServerCore::log_some does.
void log_error(const SocketCore& socket, const Error& error);

}  // namespace socketio::detail
