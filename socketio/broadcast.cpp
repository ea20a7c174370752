#include "socketio/broadcast.hpp"

#include "socketio/detail/namespace_core.hpp"

namespace socketio {
namespace {

template <class Names>
void append(std::vector<std::string>& list, const Names& names) {
  for (const auto& name : names) list.emplace_back(name);
}

}  // namespace

Broadcast Broadcast::to(std::string_view room) const {
  return to(std::initializer_list<std::string_view>{room});
}

Broadcast Broadcast::to(const std::vector<std::string>& rooms) const {
  Broadcast copy = *this;
  append(copy.audience_.rooms, rooms);
  return copy;
}

Broadcast Broadcast::to(std::initializer_list<std::string_view> rooms) const {
  Broadcast copy = *this;
  append(copy.audience_.rooms, rooms);
  return copy;
}

Broadcast Broadcast::except(std::string_view room) const {
  return except(std::initializer_list<std::string_view>{room});
}

Broadcast Broadcast::except(const std::vector<std::string>& rooms) const {
  Broadcast copy = *this;
  append(copy.audience_.except, rooms);
  return copy;
}

Broadcast Broadcast::except(std::initializer_list<std::string_view> rooms) const {
  Broadcast copy = *this;
  append(copy.audience_.except, rooms);
  return copy;
}

Broadcast Broadcast::local() const {
  Broadcast copy = *this;
  copy.audience_.flags.local = true;
  return copy;
}

Broadcast Broadcast::volatile_() const {
  Broadcast copy = *this;
  copy.audience_.flags.volatile_ = true;
  return copy;
}

Broadcast Broadcast::compress(bool compress) const {
  Broadcast copy = *this;
  copy.audience_.flags.compress = compress;
  return copy;
}

Broadcast Broadcast::with(const Flags& flags) const {
  Broadcast copy = *this;
  copy.audience_.flags = flags;
  return copy;
}

TimedBroadcast Broadcast::timeout(engineio::Duration limit) const {
  return {*nsp_, audience_, limit};
}

void Broadcast::sockets_join(std::string_view room) const {
  sockets_join(std::vector<std::string>{std::string(room)});
}

void Broadcast::sockets_join(std::vector<std::string> rooms) const {
  nsp_->adapter().join(audience_, std::move(rooms), nullptr);
}

void Broadcast::sockets_join(std::initializer_list<std::string_view> rooms) const {
  sockets_join(std::vector<std::string>(rooms.begin(), rooms.end()));
}

void Broadcast::sockets_leave(std::string_view room) const {
  sockets_leave(std::vector<std::string>{std::string(room)});
}

void Broadcast::sockets_leave(std::vector<std::string> rooms) const {
  nsp_->adapter().leave(audience_, std::move(rooms), nullptr);
}

void Broadcast::sockets_leave(std::initializer_list<std::string_view> rooms) const {
  sockets_leave(std::vector<std::string>(rooms.begin(), rooms.end()));
}

void Broadcast::disconnect_sockets(bool close) const {
  nsp_->adapter().disconnect(audience_, close, nullptr);
}

}  // namespace socketio
