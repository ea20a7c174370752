#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "socketio/adapter.hpp"

namespace socketio {
namespace detail {
class NamespaceCore;
class NamespaceShard;
}  // namespace detail

/// Reaches the sockets of this process: those of the caller's loop at once, those of each other
/// loop by one posted call.
class LoopAdapter final : public Adapter {
 public:
  /// `nsp` owns the adapter.
  explicit LoopAdapter(detail::NamespaceCore& nsp) noexcept : nsp_(nsp) {}

  void broadcast(const EncodedPacket& packet, const Audience& audience) override;
  void broadcast_with_ack(const EncodedPacket& packet, const Audience& audience,
                          engineio::Duration timeout,
                          std::shared_ptr<ReplyReceiver> replies) override;
  void join(const Audience& audience, std::vector<std::string> rooms,
            std::shared_ptr<Receiver<>> done) override;
  void leave(const Audience& audience, std::vector<std::string> rooms,
             std::shared_ptr<Receiver<>> done) override;
  void disconnect(const Audience& audience, bool close, std::shared_ptr<Receiver<>> done) override;
  void fetch(const Audience& audience,
             std::shared_ptr<Receiver<std::vector<SocketSnapshot>>> result) override;
  void count(const Audience& audience, std::shared_ptr<Receiver<std::size_t>> result) override;

 private:
  template <class Part, class Work, class Finish>
  void gather_later(const Audience& audience, Work work, Finish finish);
  template <class Part, class Work, class Finish>
  void gather(const Audience& audience, Work work, Finish finish);
  void update(const Audience& audience,
              std::function<void(detail::NamespaceShard&, const Audience&)> work,
              std::shared_ptr<Receiver<>> done);
  void tell_done(const std::shared_ptr<Receiver<>>& done);

  detail::NamespaceCore& nsp_;
};

}  // namespace socketio
