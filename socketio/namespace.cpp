#include "socketio/namespace.hpp"

#include "socketio/detail/namespace_core.hpp"

namespace socketio {

const std::string& Namespace::name() const noexcept { return core_.name(); }

Namespace& Namespace::on_rooms(RoomEvents events) {
  core_.watch_rooms(std::move(events));
  return *this;
}

}  // namespace socketio
