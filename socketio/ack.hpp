#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "socketio/detail/socket_access.hpp"
#include "socketio/packet.hpp"

namespace socketio {
namespace detail {

/// What the copies of one Ack share: whom to answer, and whether that has happened.
class AckState {
 public:
  AckState(SocketPtr socket, std::uint64_t id) noexcept : socket_(std::move(socket)), id_(id) {}

  std::string_view nsp() const noexcept { return namespace_of(*socket_); }
  std::uint64_t id() const noexcept { return id_; }
  /// True for the first caller only.
  bool claim() noexcept { return !used_.exchange(true, std::memory_order_relaxed); }
  void send(EncodedPacket packet) { send_from_any_thread(*socket_, std::move(packet), {}); }

 private:
  SocketPtr socket_;
  std::uint64_t id_;
  std::atomic<bool> used_{false};
};

}  // namespace detail

/// The reply to one event, given as the last parameter of its handler: `[](Socket socket, Draft
/// draft, Ack<Receipt> ack)`. Calling it sends the reply, with the C++ types that T names;
/// `Ack<Args>` sends arguments of any number.
///
/// A value: keep it, copy it, call it later. The first call of all copies wins, further ones do
/// nothing; so does a call when the client asked for no reply (`if (ack)` tells), or when it is
/// gone meanwhile.
///
/// Threads: any. From elsewhere than the client's loop the reply is posted there.
template <class... T>
class Ack {
 public:
  /// Answers nobody.
  Ack() = default;
  /// For the library: `state` is null when no reply was asked for.
  explicit Ack(std::shared_ptr<detail::AckState> state) noexcept : state_(std::move(state)) {}

  /// The client waits for a reply (which may have been sent already).
  explicit operator bool() const noexcept { return state_ != nullptr; }

  void operator()(const T&... values) const {
    if (state_ && state_->claim()) state_->send(encode_ack(state_->nsp(), state_->id(), values...));
  }

 private:
  std::shared_ptr<detail::AckState> state_;
};

}  // namespace socketio
