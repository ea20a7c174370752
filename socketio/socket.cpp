#include "socketio/socket.hpp"

#include "engineio/session.hpp"
#include "socketio/detail/namespace_core.hpp"
#include "socketio/detail/socket_core.hpp"

namespace socketio {

const std::string& Socket::id() const noexcept { return core_->id(); }

const Handshake& Socket::handshake() const noexcept { return core_->handshake(); }

const std::string& Socket::nsp() const noexcept { return core_->nsp().name(); }

bool Socket::connected() const noexcept { return core_->connected(); }

std::string_view Socket::connection_id() const noexcept {
  const engineio::Session* session = core_->session();
  return session ? std::string_view(session->id()) : std::string_view{};
}

std::string_view Socket::transport() const noexcept {
  const engineio::Session* session = core_->session();
  return session ? to_string(session->transport_kind()) : std::string_view{};
}

engineio::Socket Socket::conn() const {
  engineio::Session* session = core_->session();
  return session ? engineio::Socket(session->shared_from_this()) : engineio::Socket();
}

std::size_t Socket::buffered_bytes() const noexcept {
  const engineio::Session* session = core_->session();
  return session ? session->buffered_bytes() : 0;
}

detail::DataSlot& Socket::data_slot() const { return core_->data(); }

Emitter Socket::volatile_() const { return Emitter(*this, {}).volatile_(); }

Emitter Socket::compress(bool compress) const { return Emitter(*this, {}).compress(compress); }

TimedEmitter Socket::timeout(engineio::Duration limit) const { return {*this, {}, limit}; }

Broadcast Socket::broadcast() const { return {core_->nsp(), Audience{.except = {core_->id()}}}; }

void Socket::join(std::string_view room) const {
  core_->at_home([core = core_.get(), name = std::string(room)] { core->join(name); });
}

void Socket::join(const std::vector<std::string>& rooms) const {
  for (const std::string& room : rooms) join(room);
}

void Socket::join(std::initializer_list<std::string_view> rooms) const {
  for (const std::string_view room : rooms) join(room);
}

void Socket::leave(std::string_view room) const {
  core_->at_home([core = core_.get(), name = std::string(room)] { core->leave(name); });
}

void Socket::leave(const std::vector<std::string>& rooms) const {
  for (const std::string& room : rooms) leave(room);
}

void Socket::leave(std::initializer_list<std::string_view> rooms) const {
  for (const std::string_view room : rooms) leave(room);
}

const Socket& Socket::off(std::string_view event) const {
  detail::Listeners* const own = core_->own_if_any();
  if (!own) return *this;
  if (const auto found = own->events.find(event); found != own->events.end())
    own->events.erase(found);
  return *this;
}

const Socket& Socket::off_any() const {
  if (detail::Listeners* const own = core_->own_if_any()) own->any.clear();
  return *this;
}

const Socket& Socket::off_any_outgoing() const {
  if (detail::Listeners* const own = core_->own_if_any()) own->any_outgoing.clear();
  return *this;
}

std::vector<std::string> Socket::rooms() const { return core_->rooms(); }

void Socket::disconnect(bool close) const {
  core_->at_home([core = core_.get(), close] { core->disconnect(close); });
}

std::strong_ordering Socket::compare(const Socket& other) const noexcept {
  if (!core_ || !other.core_) return (core_ != nullptr) <=> (other.core_ != nullptr);
  return id() <=> other.id();
}

Emitter Emitter::volatile_() const {
  Emitter copy = *this;
  copy.flags_.volatile_ = true;
  return copy;
}

Emitter Emitter::compress(bool compress) const {
  Emitter copy = *this;
  copy.flags_.compress = compress;
  return copy;
}

TimedEmitter Emitter::timeout(engineio::Duration limit) const { return {socket_, flags_, limit}; }

}  // namespace socketio
