#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/variant2/variant.hpp>

#include "socketio/admission.hpp"
#include "socketio/args.hpp"
#include "socketio/disconnect_reason.hpp"
#include "socketio/error.hpp"

// Included by socket.hpp only, after Socket.

namespace socketio {

/// An event on its way to its handlers, as Socket::use sees it.
struct Event {
  std::string name;
  Args args;
};

namespace detail {

/// An event that is being handed to handlers.
struct Incoming {
  Incoming(SocketPtr of, std::string_view name, const RawArgs& arguments,
           std::optional<std::uint64_t> ack_id)
      : handle(std::move(of)), socket(handle.core()), event(name), args(arguments), id(ack_id) {}

  const Socket handle;
  const SocketPtr& socket;
  std::string_view event;
  const RawArgs& args;
  std::optional<std::uint64_t> id;
  std::shared_ptr<AckState> ack = {};  // made when first wanted

  /// What all handlers of the event answer with; null if no reply was asked for.
  const std::shared_ptr<AckState>& ack_state() {
    if (id && !ack) ack = std::make_shared<AckState>(socket, *id);
    return ack;
  }
};

using PendingAdmission = boost::variant2::variant<Admission, boost::asio::awaitable<Admission>>;
using EventHandler = std::function<void(Incoming&)>;
using ConnectionHandler = std::function<void(const Socket&)>;
using DisconnectHandler =
    std::function<void(const Socket&, DisconnectReason, const std::string& description)>;
using ErrorHandler = std::function<void(const Socket&, const Error&)>;
using Middleware = std::function<PendingAdmission(const Socket&)>;
using EventMiddleware = std::function<PendingAdmission(Event&)>;

/// Handlers are held by pointer, so that one that runs can be kept while its table is cleared.
template <class F>
using HandlerList = std::vector<std::shared_ptr<const F>>;

/// The handlers of a namespace, or those of one socket.
struct Listeners {
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::unordered_map<std::string, HandlerList<EventHandler>, TextHash, std::equal_to<>> events;
  HandlerList<EventHandler> any;
  HandlerList<EventHandler> any_outgoing;
  HandlerList<EventMiddleware> event_middlewares;
  HandlerList<DisconnectHandler> disconnecting;
  HandlerList<DisconnectHandler> disconnect;
  HandlerList<ErrorHandler> error;
};

/// Arguments that don't fit: the handler is not called.
void report_mismatch(const Incoming& incoming, const std::string& what);

/// The names that on() refuses, saying which function registers for them.
void require_handled_event(std::string_view event, bool of_socket);

/// The handlers of one socket, made when first wanted; null after the disconnect, when they would
/// never be called, and what they hold never be let go.
Listeners* listeners_of(SocketCore& socket);

/// Adds to them a handler that is dropped when it is called.
void append_once(SocketCore& socket, std::string_view event, EventHandler handler);

}  // namespace detail
}  // namespace socketio
