#pragma once

#include <string_view>

#include "engineio/block.hpp"
#include "engineio/options.hpp"

namespace engineio {

class Session;

/// The packet that opens a session:
/// `0{"sid":"…","upgrades":[…],"pingInterval":…,"pingTimeout":…,"maxPayload":…}`, exactly these
/// keys in this order, as JavaScript servers send them; times in milliseconds, `maxPayload` in
/// bytes. `upgrades` is `["websocket"]` over polling when the server has WebSocket and
/// Options::allow_upgrades is set, else empty.
Block open_packet(std::string_view session_id, TransportKind transport, const Options& options);

/// The same for a session that opens.
Block open_packet(const Session& session);

}  // namespace engineio
