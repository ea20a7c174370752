#pragma once

#include <chrono>
#include <cstddef>

#include "socketio/options.hpp"

namespace support {

/// For a socketio::Server that SocketioClient finds, and that does not wait for clients at its end.
inline socketio::Options test_options(std::size_t loops = 1) {
  return {
      .threads = loops, .path = "/engine.io", .shutdown_timeout = std::chrono::milliseconds(200)};
}

}  // namespace support
