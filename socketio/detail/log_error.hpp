#pragma once

#include "socketio/error.hpp"

namespace socketio::detail {

class SocketCore;

/// Logs an error that nobody handles.
void log_error(const SocketCore& socket, const Error& error);

}  // namespace socketio::detail
