#pragma once

#include <string_view>

#include "engineio/block.hpp"
#include "engineio/close_reason.hpp"

namespace engineio {

class Session;

/// Receives what one session delivers: the layer above Engine.IO. Owned by its session; all calls
/// come on the session's loop, in packet order, and none after `on_close`. May call the session
/// from inside of every call.
class SessionHandler {
 public:
  virtual ~SessionHandler() = default;
  /// The session is open: its open packet is queued, messages may follow. The first call.
  virtual void on_open() {}
  /// A text message. The view is valid during the call.
  virtual void on_text(std::string_view text) = 0;
  /// A binary message, whose bytes may be kept by sharing the block.
  virtual void on_binary(const Block& message) = 0;
  /// The session continues on WebSocket.
  virtual void on_upgrade() {}
  /// Everything that was sent has been handed to the network. Told to who wants_drain(), and
  /// to others where it costs nothing to know.
  virtual void on_drain() {}
  virtual bool wants_drain() const noexcept { return false; }
  /// The end, exactly once. `description` details a transport error, e.g. "overlap from client";
  /// else it is empty.
  virtual void on_close(CloseReason reason, std::string_view description) = 0;
};

}  // namespace engineio
