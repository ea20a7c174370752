#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/system/error_code.hpp>

#include "engineio/deadline_queue.hpp"
#include "socketio/args.hpp"
#include "socketio/audience.hpp"
#include "socketio/detail/data_slot.hpp"
#include "socketio/packet.hpp"

namespace socketio {

class Handshake;

/// What is known of a socket elsewhere: as it was when it was fetched.
struct SocketSnapshot {
  std::string id;
  std::shared_ptr<const Handshake> handshake;
  std::vector<std::string> rooms;
  detail::DataSlot data;  ///< a copy, if its type has copies
};

/// Receives the outcome of an operation, once, on any loop; destroyed without a call when the
/// server goes away first.
template <class... T>
class Receiver {
 public:
  virtual ~Receiver() = default;
  virtual void complete(boost::system::error_code error, T... result) = 0;
};

/// Receives the replies to a broadcast. Calls come on the loop where the broadcast began.
class ReplyReceiver {
 public:
  virtual ~ReplyReceiver() = default;
  /// So many clients will have got the event, in all; called once, before or after the first
  /// replies.
  virtual void expect(std::size_t clients) = 0;
  /// One client's reply.
  virtual void reply(const RawArgs& args) = 0;
};

/// Calls about the rooms of a namespace, with the room's name and the socket's id. Each comes on
/// the loop of the socket concerned; with several loops each has its own rooms, so `created` and
/// `deleted` come once for every loop that has members. None comes for a join or leave that changes
/// nothing.
struct RoomEvents {
  std::function<void(const std::string& room)> created = {};  ///< before the first `joined`
  std::function<void(const std::string& room, const std::string& id)> joined = {};
  std::function<void(const std::string& room, const std::string& id)> left = {};
  std::function<void(const std::string& room)> deleted = {};  ///< after the last `left`
};

/// The only way to reach more than one socket of a namespace. The one here knows the loops of this
/// process; one that also knows other processes calls it for its own part.
///
/// Owned by its namespace. Calls come from any thread; operations of one thread take effect in
/// their order, but for `disconnect`: of many sockets, some may go after what was called later.
class Adapter {
 public:
  virtual ~Adapter() = default;

  /// Sends `packet` to the audience: order and uniqueness as Audience says.
  virtual void broadcast(const EncodedPacket& packet, const Audience& audience) = 0;
  /// The same for an event that was encoded with id 0: gives it an id, and collects replies for
  /// `timeout`.
  virtual void broadcast_with_ack(const EncodedPacket& packet, const Audience& audience,
                                  engineio::Duration timeout,
                                  std::shared_ptr<ReplyReceiver> replies) = 0;

  /// Lets the audience join rooms, leave rooms, or disconnects it. `done` may be null.
  virtual void join(const Audience& audience, std::vector<std::string> rooms,
                    std::shared_ptr<Receiver<>> done) = 0;
  virtual void leave(const Audience& audience, std::vector<std::string> rooms,
                     std::shared_ptr<Receiver<>> done) = 0;
  virtual void disconnect(const Audience& audience, bool close,
                          std::shared_ptr<Receiver<>> done) = 0;

  virtual void fetch(const Audience& audience,
                     std::shared_ptr<Receiver<std::vector<SocketSnapshot>>> result) = 0;
  virtual void count(const Audience& audience, std::shared_ptr<Receiver<std::size_t>> result) = 0;
};

}  // namespace socketio
