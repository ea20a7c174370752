#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <span>
#include <string_view>
#include <utility>

#include "engineio/block.hpp"
#include "engineio/close_reason.hpp"
#include "engineio/options.hpp"
#include "engineio/packet.hpp"

namespace engineio {

/// The listeners of one event of a session. What one of them throws goes to the log; it keeps
/// neither the others nor the session from going on.
template <class... A>
class SessionEvent {
 public:
  using Listener = std::function<void(A...)>;

  bool empty() const noexcept { return listeners_.empty(); }
  /// Adds a listener; inside of the event it is heard from the next one on.
  void add(Listener listener) {
    if (listener) listeners_.push_back(std::move(listener));
  }
  /// Calls the listeners in the order of their coming.
  void tell(const LogCallback& log, A... arguments) const;

 private:
  std::list<Listener> listeners_;  // stays in place while one of them adds another
};

/// Gives the line to the log, if there is one. What that throws is lost.
void write_log(const LogCallback& log, LogLevel level, std::string_view line) noexcept;

/// Logs the exception that is being handled as what `thrower` threw.
void log_thrown(const LogCallback& log, std::string_view thrower = "a handler");

/// Calls `function`; what it throws goes to the log.
template <class Function>
void call_guarded(const LogCallback& log, Function&& function,
                  std::string_view thrower = "a handler") {
  try {
    function();
  } catch (...) {
    log_thrown(log, thrower);
  }
}

template <class... A>
void SessionEvent<A...>::tell(const LogCallback& log, A... arguments) const {
  auto listener = listeners_.begin();
  for (std::size_t left = listeners_.size(); left > 0; --left, ++listener) {
    call_guarded(log, [&] { (*listener)(arguments...); });
  }
}

/// Who listens to one session beside its handler: the events of a JavaScript server's Engine.IO
/// socket, under its names. A session has none of this until somebody listens.
///
/// Owned by the session, which drops the listeners at its close, so that they may hold handles. All
/// calls come on the session's loop. A listener may send and close; packets are valid during the
/// call.
struct SessionEvents {
  SessionEvent<const Packet&> packet;         ///< a packet came, of any type
  SessionEvent<const Packet&> packet_create;  ///< a packet is about to be queued, of any type
  SessionEvent<std::span<const Packet>>
      flush;                 ///< what is queued is about to be given to the transport
  SessionEvent<> drain;      ///< all that was sent has been handed to the network
  SessionEvent<> heartbeat;  ///< the client answered a ping
  SessionEvent<> upgrading;  ///< a WebSocket was probed, and answered
  SessionEvent<> upgrade;    ///< the session goes on over that WebSocket
  SessionEvent<CloseReason, std::string_view> close;  ///< the end, after the handler's on_close
};

}  // namespace engineio
