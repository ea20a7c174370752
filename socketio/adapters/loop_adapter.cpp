#include "socketio/adapters/loop_adapter.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "socketio/detail/namespace_core.hpp"
#include "socketio/detail/outgoing.hpp"
#include "socketio/detail/socket_core.hpp"

namespace socketio {

using detail::NamespaceShard;
using detail::SocketPtr;

namespace {

constexpr std::size_t disconnects_per_turn = 100;
constexpr std::size_t worth_a_copy_bytes = 16 * 1024;

engineio::Block own_copy(const engineio::Block& block) {
  if (block.size() > worth_a_copy_bytes) return block;
  return engineio::Block::copy_of(block.payload(), block.kind());
}

// For another loop than the one that encoded it: two loops that count references to the same bytes
// wait for each other at each receiver.
EncodedPacket own_copy(const EncodedPacket& packet) {
  EncodedPacket copy{own_copy(packet.text), {}};
  for (const engineio::Block& attachment : packet.attachments)
    copy.attachments.push_back(own_copy(attachment));
  return copy;
}

// Sockets that are to be disconnected, from `next` on.
struct Disconnects {
  std::vector<SocketPtr> sockets;
  std::size_t next;
  bool close;
  std::function<void(bool)> then;
};

// Each disconnect is some work, and a write: with thousands in one turn nobody else would be served
// meanwhile.
void disconnect_some(NamespaceShard& shard, Disconnects disconnects) {
  const auto& sockets = disconnects.sockets;
  const std::size_t end = std::min(sockets.size(), disconnects.next + disconnects_per_turn);
  for (; disconnects.next < end; ++disconnects.next)
    sockets[disconnects.next]->disconnect(disconnects.close);
  if (end == sockets.size()) return disconnects.then(true);
  shard.loop().post([&shard, disconnects = std::move(disconnects)]() mutable {
    disconnect_some(shard, std::move(disconnects));
  });
}

}  // namespace

void LoopAdapter::broadcast(const EncodedPacket& packet, const Audience& audience) {
  NamespaceShard* const here = nsp_.shard_here();
  if (here) {
    const engineio::Loop::Call call(here->loop());
    here->broadcast(packet, audience);
  }
  if (here && nsp_.shards() == 1) return;
  const auto shared = std::make_shared<const std::pair<EncodedPacket, Audience>>(packet, audience);
  for (std::size_t i = 0; i < nsp_.shards(); ++i) {
    NamespaceShard& shard = nsp_.shard(i);
    if (&shard == here) continue;
    shard.loop().post(
        [&shard, shared] { shard.broadcast(own_copy(shared->first), shared->second); });
  }
}

// Runs `work` for every shard on its loop; it hands its part to the function that it gets, now or
// later. `finish` gets all parts on the loop where it began, and never inside of this call.
template <class Part, class Work, class Finish>
void LoopAdapter::gather_later(const Audience& audience, Work work, Finish finish) {
  struct Gathering {
    Audience audience;
    Work work;
    Finish finish;
    std::vector<Part> parts;
    std::size_t missing;
  };
  NamespaceShard& origin = nsp_.shard_of_caller();
  auto shared =
      std::make_shared<Gathering>(Gathering{audience, std::move(work), std::move(finish),
                                            std::vector<Part>(nsp_.shards()), nsp_.shards()});
  for (std::size_t i = 0; i < nsp_.shards(); ++i) {
    NamespaceShard& shard = nsp_.shard(i);
    shard.loop().dispatch([&shard, &origin, shared, i] {
      const auto deliver = [&origin, shared, i](Part part) {
        origin.loop().post([shared, i, part = std::move(part)]() mutable {
          shared->parts[i] = std::move(part);
          if (--shared->missing == 0) shared->finish(std::move(shared->parts));
        });
      };
      shared->work(shard, std::as_const(shared->audience), deliver);
    });
  }
}

// The same for what is done at once.
template <class Part, class Work, class Finish>
void LoopAdapter::gather(const Audience& audience, Work work, Finish finish) {
  gather_later<Part>(
      audience,
      [work = std::move(work)](NamespaceShard& shard, const Audience& whom, const auto& deliver) {
        deliver(work(shard, whom));
      },
      std::move(finish));
}

void LoopAdapter::broadcast_with_ack(const EncodedPacket& packet, const Audience& audience,
                                     engineio::Duration timeout,
                                     std::shared_ptr<ReplyReceiver> replies) {
  NamespaceShard& origin = nsp_.shard_of_caller();
  const std::uint64_t id = origin.next_ack_id();
  gather<std::size_t>(
      audience,
      [packet = detail::with_ack_id(packet, nsp_.name(), id), id, timeout, replies, &origin](
          NamespaceShard& shard, const Audience& whom) {
        return shard.broadcast_with_ack(packet, id, whom, timeout, replies, origin.loop());
      },
      [replies](std::vector<std::size_t> counts) {
        replies->expect(std::accumulate(counts.begin(), counts.end(), std::size_t{0}));
      });
}

void LoopAdapter::update(const Audience& audience,
                         std::function<void(NamespaceShard&, const Audience&)> work,
                         std::shared_ptr<Receiver<>> done) {
  gather<bool>(
      audience,
      [work = std::move(work)](NamespaceShard& shard, const Audience& whom) {
        work(shard, whom);
        return true;
      },
      [this, done = std::move(done)](const std::vector<bool>&) { tell_done(done); });
}

void LoopAdapter::tell_done(const std::shared_ptr<Receiver<>>& done) {
  if (done) nsp_.guard("a callback", [&] { done->complete({}); });
}

void LoopAdapter::join(const Audience& audience, std::vector<std::string> rooms,
                       std::shared_ptr<Receiver<>> done) {
  update(
      audience,
      [rooms = std::move(rooms)](NamespaceShard& shard, const Audience& whom) {
        for (const SocketPtr& socket : shard.collect(whom)) {
          for (const std::string& room : rooms) socket->join(room);
        }
      },
      std::move(done));
}

void LoopAdapter::leave(const Audience& audience, std::vector<std::string> rooms,
                        std::shared_ptr<Receiver<>> done) {
  update(
      audience,
      [rooms = std::move(rooms)](NamespaceShard& shard, const Audience& whom) {
        for (const SocketPtr& socket : shard.collect(whom)) {
          for (const std::string& room : rooms) socket->leave(room);
        }
      },
      std::move(done));
}

void LoopAdapter::disconnect(const Audience& audience, bool close,
                             std::shared_ptr<Receiver<>> done) {
  gather_later<bool>(
      audience,
      [close](NamespaceShard& shard, const Audience& whom, const auto& deliver) {
        disconnect_some(
            shard, {.sockets = shard.collect(whom), .next = 0, .close = close, .then = deliver});
      },
      [this, done = std::move(done)](const std::vector<bool>&) { tell_done(done); });
}

void LoopAdapter::fetch(const Audience& audience,
                        std::shared_ptr<Receiver<std::vector<SocketSnapshot>>> result) {
  gather<std::vector<SocketSnapshot>>(
      audience,
      [](NamespaceShard& shard, const Audience& whom) {
        std::vector<SocketSnapshot> part;
        for (const SocketPtr& socket : shard.collect(whom)) {
          shard.nsp().guard("copying the data of a socket", [&] {
            part.push_back({socket->id(),
                            std::shared_ptr<const Handshake>(socket, &socket->handshake()),
                            socket->rooms(), socket->data().copy()});
          });
        }
        return part;
      },
      [this, result](std::vector<std::vector<SocketSnapshot>> parts) {
        std::vector<SocketSnapshot> all;
        for (auto& part : parts) std::move(part.begin(), part.end(), std::back_inserter(all));
        nsp_.guard("fetch_sockets' callback", [&] { result->complete({}, std::move(all)); });
      });
}

void LoopAdapter::count(const Audience& audience, std::shared_ptr<Receiver<std::size_t>> result) {
  gather<std::size_t>(
      audience, [](NamespaceShard& shard, const Audience& whom) { return shard.count(whom); },
      [this, result](std::vector<std::size_t> counts) {
        const std::size_t sum = std::accumulate(counts.begin(), counts.end(), std::size_t{0});
        nsp_.guard("count_sockets' callback", [&] { result->complete({}, sum); });
      });
}

}  // namespace socketio
