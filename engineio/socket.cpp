#include "engineio/socket.hpp"

#include <utility>

#include "engineio/block.hpp"
#include "engineio/loop.hpp"

namespace engineio {
namespace {

Block block_of(Message message) {
  BlockBuilder builder(message.data.size() + 1);
  if (!message.binary) builder.push_back('4');
  builder.append(message.data);
  return builder.finish(message.binary ? BlockKind::binary : BlockKind::text);
}

}  // namespace

void Socket::send(Message message) const {
  session_->loop().dispatch(
      [session = session_, block = block_of(message)] { session->send(block); });
}

void Socket::send(Message message, std::function<void()> sent) const {
  session_->loop().dispatch([session = session_, block = block_of(message),
                             sent = std::move(sent)] { session->send(block, sent); });
}

void Socket::close(bool now) const {
  session_->loop().dispatch(
      [session = session_, now] { now ? session->close_now() : session->close(); });
}

const Request& Socket::data_request() const noexcept {
  const Transport* transport = session_->transport();
  const Request* current = transport ? transport->current_request() : nullptr;
  return current ? *current : session_->request();
}

const Socket& Socket::on_packet(std::function<void(const Packet&)> listener) const {
  if (SessionEvents* events = session_->events()) events->packet.add(std::move(listener));
  return *this;
}

const Socket& Socket::on_packet_create(std::function<void(const Packet&)> listener) const {
  if (SessionEvents* events = session_->events()) events->packet_create.add(std::move(listener));
  return *this;
}

const Socket& Socket::on_flush(std::function<void(std::span<const Packet>)> listener) const {
  if (SessionEvents* events = session_->events()) events->flush.add(std::move(listener));
  return *this;
}

const Socket& Socket::on_drain(std::function<void()> listener) const {
  if (SessionEvents* events = session_->events()) events->drain.add(std::move(listener));
  return *this;
}

const Socket& Socket::on_heartbeat(std::function<void()> listener) const {
  if (SessionEvents* events = session_->events()) events->heartbeat.add(std::move(listener));
  return *this;
}

const Socket& Socket::on_upgrading(std::function<void()> listener) const {
  if (SessionEvents* events = session_->events()) events->upgrading.add(std::move(listener));
  return *this;
}

const Socket& Socket::on_upgrade(std::function<void()> listener) const {
  if (SessionEvents* events = session_->events()) events->upgrade.add(std::move(listener));
  return *this;
}

const Socket& Socket::on_close(std::function<void(CloseReason, std::string_view)> listener) const {
  if (SessionEvents* events = session_->events()) events->close.add(std::move(listener));
  return *this;
}

}  // namespace engineio
