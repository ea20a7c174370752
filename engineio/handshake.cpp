#include "engineio/handshake.hpp"

#include <algorithm>
#include <string>

#include "engineio/detail/json_text.hpp"
#include "engineio/session.hpp"

namespace engineio {
namespace {

bool offers_upgrade(TransportKind transport, const Options& options) {
  return options.allow_upgrades && transport == TransportKind::polling &&
         std::count(options.transports.begin(), options.transports.end(),
                    TransportKind::websocket) != 0;
}

}  // namespace

Block open_packet(std::string_view session_id, TransportKind transport, const Options& options) {
  std::string text = "0{\"sid\":";
  text.reserve(144);
  detail::append_json_string(text, session_id);
  text += offers_upgrade(transport, options) ? R"(,"upgrades":["websocket"])" : R"(,"upgrades":[])";
  text += ",\"pingInterval\":" + std::to_string(options.ping_interval.count());
  text += ",\"pingTimeout\":" + std::to_string(options.ping_timeout.count());
  text += ",\"maxPayload\":" + std::to_string(options.max_payload) + '}';
  return Block::copy_of(text);
}

Block open_packet(const Session& session) {
  return open_packet(session.id(), session.transport_kind(), session.options());
}

}  // namespace engineio
