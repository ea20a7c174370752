#include "tests/support/engine_client.hpp"

#include <stdexcept>
#include <utility>

namespace support {
namespace {

void require(bool condition, const std::string& what) {
  if (!condition) throw std::runtime_error(what);
}

void begin_websocket(RawClient& wire, const std::string& target) {
  const HttpAnswer answer = wire.request(upgrade(target));
  require(answer.status == 101, "no 101 but " + std::to_string(answer.status) + ' ' + answer.body);
}

}  // namespace

std::string sid_of(std::string_view open_packet) {
  constexpr std::string_view begin = R"(0{"sid":")";
  require(open_packet.starts_with(begin), "no open packet: " + std::string(open_packet));
  return std::string(
      open_packet.substr(begin.size(), open_packet.find('"', begin.size()) - begin.size()));
}

PollingSession::PollingSession(std::uint16_t port, const Connect& how)
    : getting(port, how), posting(port, how) {
  const HttpAnswer opened = getting.request(support::get(polling_target));
  require(opened.status == 200, "no session: " + std::to_string(opened.status) + ' ' + opened.body);
  sid_ = sid_of(opened.body);
  target_ = std::string(polling_target) + "&sid=" + sid_;
}

std::string PollingSession::poll() {
  const HttpAnswer answer = get();
  require(answer.status == 200, "no poll: " + std::to_string(answer.status) + ' ' + answer.body);
  return answer.body;
}

void PollingSession::park() {
  require(alive(), "no session");
  getting.send(support::get(target_));
  // Both connections are on the session's loop by now. One turn takes all that has come to it.
  require(alive(), "no session");
}

bool PollingSession::alive() { return post("6").status == 200; }

WebSocketSession::WebSocketSession(std::uint16_t port, const Connect& how) : wire(port, how) {
  begin_websocket(wire, std::string(websocket_target));
  sid_ = sid_of(text());
}

WebSocketSession::WebSocketSession(std::uint16_t port, std::string sid, const Connect& how)
    : wire(port, how), sid_(std::move(sid)) {
  begin_websocket(wire, std::string(websocket_target) + "&sid=" + sid_);
}

std::string WebSocketSession::text() {
  const Frame frame = wire.frame();
  require(frame.opcode == 1, "no text frame but opcode " + std::to_string(frame.opcode) +
                                 ", close code " + std::to_string(frame.close_code()));
  return frame.payload;
}

unsigned WebSocketSession::close_code() {
  for (;;) {
    const Frame frame = wire.frame();
    if (frame.opcode == 8) return frame.close_code();
  }
}

void WebSocketSession::finish_close() {
  wire.try_send(engineio::transports::to_bytes({.opcode = 8}));
  wire.read_to_end();
}

void WebSocketSession::complete_upgrade() {
  send("2probe");
  require(text() == "3probe", "no answer to the probe");
  send("5");
}

}  // namespace support
