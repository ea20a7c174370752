#pragma once

#include <cstddef>
#include <span>

namespace engineio::transports {

/// What a connection speaks at the moment: HTTP first, WebSocket after an upgrade. Bytes in; what
/// comes out is written to the connection, which owns the stage. All calls come on the connection's
/// loop.
class Stage {
 public:
  virtual ~Stage() = default;
  /// The connection is ready for this stage. The first call.
  virtual void on_start() {}
  /// Takes bytes that came, as many as it can use now, and returns how many. They may be changed.
  /// The connection holds the rest and gives it again when Connection::resume asks for it, or when
  /// more comes.
  virtual std::size_t on_bytes(std::span<char> bytes) = 0;
  /// Everything written has been handed to the kernel, which Connection::tell_drained asked to
  /// tell.
  virtual void on_drained() {}
  /// The time that Connection::arm asked for is over.
  virtual void on_deadline() = 0;
  /// The server closes: end the connection in order.
  virtual void on_shutdown() = 0;
  /// The connection is over, by whichever side. The last call, made once.
  virtual void on_end() = 0;
};

}  // namespace engineio::transports
