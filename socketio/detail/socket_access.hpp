#pragma once

// What the templates of the public headers ask of a socket and a namespace, whose definitions they
// need not see.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "engineio/deadline_queue.hpp"
#include "socketio/args.hpp"
#include "socketio/audience.hpp"
#include "socketio/error.hpp"
#include "socketio/packet.hpp"

namespace socketio::detail {

class AckCollector;
class NamespaceCore;
class SocketCore;
using SocketPtr = std::shared_ptr<SocketCore>;
using Executor = boost::asio::io_context::executor_type;

/// A reply that a client owes. Owned by its socket; everything happens on that socket's loop. Its
/// end is `answered`, `timed_out`, `failed`, or `disconnected` where that returns false.
class PendingAck : public engineio::Deadline {
 public:
  /// The client replied.
  virtual void answered(const RawArgs& args) = 0;
  /// The time for it is over.
  virtual void timed_out() = 0;
  /// The client is gone. True: keeps waiting for its time-out.
  virtual bool disconnected() = 0;
  /// Nothing was sent, for this reason.
  virtual void failed(boost::system::error_code error) = 0;

  /// Where it is kept; set by the socket that takes it.
  struct Place {
    SocketPtr socket = {};  // set once the socket itself no longer keeps it
    SocketCore* owner = nullptr;
    std::uint64_t id = 0;
  } place;

 private:
  void expired() final;
};

/// Throws std::invalid_argument for the names that the protocol keeps for itself.
void require_event_name(std::string_view event);

std::string_view namespace_of(const SocketCore& socket) noexcept;
/// False after the server's end, when there is no executor of the socket's either.
bool has_loop(const SocketCore& socket) noexcept;
Executor executor_of(const SocketCore& socket) noexcept;
void send_from_any_thread(SocketCore& socket, EncodedPacket packet, const Flags& flags);
/// The id of the next event that wants a reply; empty when the caller is not on the socket's loop.
std::optional<std::uint64_t> next_ack_id(SocketCore& socket);
/// Sends an event that wants a reply. Without `id` it was encoded with id 0 and gets its own on the
/// socket's loop.
void send_with_ack_from_any_thread(SocketCore& socket, EncodedPacket packet,
                                   std::optional<std::uint64_t> id,
                                   std::unique_ptr<PendingAck> pending,
                                   std::optional<engineio::Duration> timeout, const Flags& flags);
/// Hands an error to the socket's `on_error`. On its loop.
void report(SocketCore& socket, Error error);

const std::string& name_of(const NamespaceCore& nsp) noexcept;
/// Where operations of the calling thread begin: on its own loop, or on the first one when it is
/// none of the server's.
Executor executor_of(NamespaceCore& nsp) noexcept;
void broadcast(NamespaceCore& nsp, const Audience& audience, const EncodedPacket& packet);
/// Sends with an id of its own. `packet` was encoded with id 0.
void broadcast_with_ack(NamespaceCore& nsp, const Audience& audience, EncodedPacket packet,
                        std::shared_ptr<AckCollector> collector, engineio::Duration timeout);

}  // namespace socketio::detail
