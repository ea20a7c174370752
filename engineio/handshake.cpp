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
  std::string id;
  detail::append_json_string(id, session_id);
  BlockBuilder text(id.size() + 128);
  text.append(R"(0{"sid":)");
  text.append(id);
  text.append(offers_upgrade(transport, options) ? R"(,"upgrades":["websocket"])"
                                                 : R"(,"upgrades":[])");
  text.append(R"(,"pingInterval":)");
  text.append(std::to_string(options.ping_interval.count()));
  text.append(R"(,"pingTimeout":)");
  text.append(std::to_string(options.ping_timeout.count()));
  text.append(R"(,"maxPayload":)");
  text.append(std::to_string(options.max_payload));
  text.push_back('}');
  return text.finish();
}

Block open_packet(const Session& session) {
  return open_packet(session.id(), session.transport_kind(), session.options());
}

}  // namespace engineio
