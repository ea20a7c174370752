#include "engineio/handshake.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
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

void append_number(BlockBuilder& out, std::string_view name, std::int64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(name);
  out.append({digits.data(), static_cast<std::size_t>(end - digits.data())});
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
  append_number(text, R"(,"pingInterval":)", options.ping_interval.count());
  append_number(text, R"(,"pingTimeout":)", options.ping_timeout.count());
  append_number(text, R"(,"maxPayload":)", static_cast<std::int64_t>(options.max_payload));
  text.push_back('}');
  return text.finish();
}

Block open_packet(const Session& session) {
  return open_packet(session.id(), session.transport_kind(), session.options());
}

}  // namespace engineio
