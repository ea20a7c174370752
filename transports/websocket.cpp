#include "transports/websocket.hpp"

#include <utility>

namespace engineio::transports {

WebSocketStage::WebSocketStage(Connection& connection)
    : connection_(connection),
      codec_(connection.loop().context(), *this, connection.io().engine.options().limits,
             connection.io().engine.options().max_payload) {}

WebSocketStage::~WebSocketStage() = default;

std::size_t WebSocketStage::on_bytes(std::span<char> bytes) {
  const std::size_t used = codec_.feed(bytes);
  watch_assembly();
  // Others get their turn before the rest of a flood; pongs that nobody reads are waited for.
  if (used < bytes.size() && !codec_.too_many_pongs()) connection_.resume_later();
  return used;
}

void WebSocketStage::watch_assembly() {
  const std::uint64_t message = codec_.incomplete_message();
  if (message == watched_message_ || !codec_.is_open()) return;
  watched_message_ = message;
  if (message == 0) return connection_.disarm();
  connection_.arm(connection_.io().engine.options().limits.assembly_timeout);
}

void WebSocketStage::on_drained() {
  const bool waiting = codec_.too_many_pongs();
  codec_.output_sent();
  if (waiting) connection_.resume();
  if (transport_) transport_->on_drained();
}

void WebSocketStage::on_deadline() {
  if (!codec_.is_open()) return connection_.abort();  // the client never answered our close frame
  codec_.close(1008);
  on_stream_end(WebSocketEnd{.clean = false, .code = 1008, .description = "message took too long"});
}

void WebSocketStage::on_end() {
  codec_.stop();
  if (WebSocketTransport* transport = detach()) transport->on_connection_end();
}

void WebSocketStage::close() {
  if (!codec_.is_open()) return;
  codec_.close();
  connection_.arm(connection_.io().engine.options().limits.close_timeout);
  connection_.resume();  // unread pongs no longer matter, and the client's close frame may be held
}

void WebSocketStage::on_text(std::string_view text) {
  if (transport_) transport_->on_text(text);
}

void WebSocketStage::on_binary(const Block& message) {
  if (transport_) transport_->on_binary(message);
}

void WebSocketStage::on_output(std::string_view bytes) {
  const Block block = Block::copy_of(bytes);
  connection_.write(block, block.payload());
  connection_.tell_drained();  // unsent pongs are counted
}

void WebSocketStage::on_stream_end(const WebSocketEnd& end) {
  if (WebSocketTransport* transport = detach()) transport->on_stream_end(end);
  connection_.close_when_written();
}

bool WebSocketStage::turn_is_over() {
  return connection_.loop().turn_lasts(connection_.io().engine.options().limits.turn_time);
}

WebSocketTransport* WebSocketStage::detach() {
  if (transport_) transport_->stage_ = nullptr;
  return std::exchange(transport_, nullptr);
}

WebSocketTransport::WebSocketTransport(Session& session, std::shared_ptr<Connection> connection,
                                       WebSocketStage& stage, bool base64_only)
    : session_(session),
      connection_(std::move(connection)),
      stage_(&stage),
      base64_only_(base64_only) {
  stage_->transport_ = this;
}

WebSocketTransport::~WebSocketTransport() {
  if (stage_) stage_->detach();
}

void WebSocketTransport::send(std::span<const Block> batch) {
  for (const Block& packet : batch) {
    if (packet.kind() == BlockKind::binary && base64_only_) {
      std::string text;
      append_base64_message(text, packet.payload());
      const Block encoded = Block::copy_of(text);
      connection_->write(encoded, encoded.frame());
    } else {
      connection_->write(packet, packet.frame());
    }
  }
}

bool WebSocketTransport::close() {
  if (!stage_) return true;
  WebSocketStage* stage = stage_;
  stage->detach();
  stage->close();
  return true;
}

void WebSocketTransport::on_text(std::string_view text) {
  const auto packet = decode_packet(text);
  if (!packet) return session_.sink().on_malformed_packet(*this);
  session_.sink().on_packet(*this, *packet);
}

void WebSocketTransport::on_binary(const Block& message) {
  session_.sink().on_packet(*this, packet_of(message));
}

void WebSocketTransport::on_drained() { session_.sink().on_drained(*this); }

void WebSocketTransport::on_connection_end() { session_.sink().on_closed(*this); }

void WebSocketTransport::on_stream_end(const WebSocketEnd& end) {
  if (end.clean) return session_.sink().on_closed(*this);
  session_.sink().on_failed(*this, end.description);
}

}  // namespace engineio::transports
