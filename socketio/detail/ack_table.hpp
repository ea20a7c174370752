#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "socketio/detail/socket_access.hpp"

namespace socketio::detail {

/// The replies that a client owes, by the id of the event. Takes no memory while there are none.
class AckTable {
 public:
  std::size_t size() const noexcept { return pending_ ? pending_->size() : 0; }

  void add(std::uint64_t id, std::unique_ptr<PendingAck> pending) {
    if (!pending_) pending_ = std::make_unique<Map>();
    pending_->insert_or_assign(id, std::move(pending));
  }
  /// Null if there is none of that id.
  std::unique_ptr<PendingAck> take(std::uint64_t id) {
    if (!pending_) return nullptr;
    auto node = pending_->extract(id);
    if (pending_->empty()) pending_.reset();
    return node.empty() ? nullptr : std::move(node.mapped());
  }
  /// Takes them all, in no order.
  template <class Function>
  void take_all(Function&& function) {
    const auto all = std::move(pending_);
    if (!all) return;
    for (auto& [id, pending] : *all) function(id, std::move(pending));
  }

 private:
  using Map = std::unordered_map<std::uint64_t, std::unique_ptr<PendingAck>>;
  std::unique_ptr<Map> pending_;
};

}  // namespace socketio::detail
