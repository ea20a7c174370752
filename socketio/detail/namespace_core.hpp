#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engineio/loop.hpp"
#include "socketio/adapter.hpp"
#include "socketio/detail/ack_table.hpp"
#include "socketio/detail/room_index.hpp"
#include "socketio/namespace.hpp"

namespace socketio::detail {

class AckCollector;
class NamespaceCore;
class ServerCore;

/// The part of a namespace that lives on one loop: its sockets there, in their rooms, and what
/// waits for replies. Used on that loop only.
class NamespaceShard final : private RoomListener {
 public:
  NamespaceShard(NamespaceCore& nsp, engineio::Loop& loop) noexcept : nsp_(nsp), loop_(loop) {}
  NamespaceShard(const NamespaceShard&) = delete;
  NamespaceShard& operator=(const NamespaceShard&) = delete;
  ~NamespaceShard();

  NamespaceCore& nsp() noexcept { return nsp_; }
  engineio::Loop& loop() noexcept { return loop_; }
  RoomIndex& rooms() noexcept { return rooms_; }

  /// Ids count k·n + loop, so that loops need not agree on them.
  std::uint64_t next_ack_id() noexcept {
    const std::uint64_t id = next_ack_ * loop_.count() + loop_.index();
    ++next_ack_;
    return id;
  }

  void broadcast(const EncodedPacket& packet, const Audience& audience);
  /// Sends an event whose replies go to `replies` on `origin`, and returns to how many.
  std::size_t broadcast_with_ack(const EncodedPacket& packet, std::uint64_t id,
                                 const Audience& audience, engineio::Duration timeout,
                                 const std::shared_ptr<ReplyReceiver>& replies,
                                 engineio::Loop& origin);
  std::vector<SocketPtr> collect(const Audience& audience);
  std::size_t count(const Audience& audience);

  /// Keeps a reply's receiver beyond its socket's life, until its time is over or the shard shuts
  /// down.
  void adopt(std::uint64_t id, std::unique_ptr<PendingAck> pending);
  std::unique_ptr<PendingAck> release(std::uint64_t id) { return orphans_.take(id); }
  /// Keeps a collector until it ends.
  void start(const std::shared_ptr<AckCollector>& collector, engineio::Duration timeout);

  void drop(AckCollector& collector) { collectors_.erase(&collector); }

  /// Disconnects every socket, and ends everything that waits.
  void shut_down();
  /// The same without a word to handlers. Requires: the loop runs no more.
  void abandon();
  void listen_to_rooms() noexcept { rooms_.listen(this); }

 private:
  template <class Function>
  void visit(const Audience& audience, Function&& function);
  void end_waiting();
  void room_created(const std::string& room) override;
  void room_joined(const std::string& room, RoomMember& member) override;
  void room_left(const std::string& room, RoomMember& member) override;
  void room_deleted(const std::string& room) override;

  NamespaceCore& nsp_;
  engineio::Loop& loop_;
  RoomIndex rooms_;
  AckTable orphans_;
  std::unordered_map<AckCollector*, std::shared_ptr<AckCollector>> collectors_;
  std::uint64_t next_ack_ = 0;
  bool ended_ = false;
};

/// A namespace: its handlers, shared by all loops and read-only once the server listens, and its
/// shards.
///
/// Owned by the server; its sockets keep the memory. After close() it does nothing any more.
class NamespaceCore final : public std::enable_shared_from_this<NamespaceCore> {
 public:
  NamespaceCore(ServerCore& server, std::string name);
  ~NamespaceCore();

  const std::string& name() const noexcept { return name_; }
  /// Requires: not closed().
  ServerCore& server() const noexcept { return server_; }
  Namespace& facade() noexcept { return facade_; }

  const NamespaceListeners& listeners() const noexcept { return listeners_; }
  NamespaceListeners& open_listeners();
  void watch_rooms(RoomEvents events);
  const RoomEvents& room_events() const noexcept { return room_events_; }
  /// Calls a function of the user that belongs to no socket; what it throws goes to the log, as the
  /// failure of `what`.
  template <class Function>
  void guard(std::string_view what, Function&& function) {
    try {
      function();
    } catch (...) {
      log_failure(what, std::current_exception());
    }
  }

  Adapter& adapter() noexcept { return *adapter_; }
  std::size_t shards() const noexcept { return shards_.size(); }
  NamespaceShard& shard(std::size_t loop) noexcept { return *shards_[loop]; }
  /// The shard of the calling thread's loop; null if it is none of the server's.
  NamespaceShard* shard_here() noexcept;
  /// The same, but the first one in place of null: where operations of the calling thread begin.
  NamespaceShard& shard_of_caller() noexcept;

  /// Drops all handlers, which may hold sockets, which hold the namespace. Requires: no loop runs
  /// any more.
  void close();
  /// The server is over: its loops and everything else of it may be gone. Any thread.
  bool closed() const noexcept { return closed_.load(std::memory_order_relaxed); }

 private:
  void log_failure(std::string_view what, const std::exception_ptr& exception);

  ServerCore& server_;
  std::string name_;
  std::atomic<bool> closed_{false};
  NamespaceListeners listeners_;
  RoomEvents room_events_;
  std::vector<std::unique_ptr<NamespaceShard>> shards_;
  std::unique_ptr<Adapter> adapter_;
  Namespace facade_;
};

}  // namespace socketio::detail
