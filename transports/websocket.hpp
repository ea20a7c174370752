#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "engineio/session.hpp"
#include "engineio/transport.hpp"
#include "transports/connection.hpp"
#include "transports/stage.hpp"
#include "transports/websocket_codec.hpp"

namespace engineio::transports {

class WebSocketTransport;

/// WebSocket on one connection, after the 101: turns frames into packets for the transport, and
/// lives on without one until the client's part of the close has come.
class WebSocketStage final : public Stage, private WebSocketCodecSink {
 public:
  explicit WebSocketStage(Connection& connection);
  ~WebSocketStage() override;

  std::size_t on_bytes(std::span<char> bytes) override;
  void on_drained() override;
  void on_deadline() override;
  void on_shutdown() override { close(); }
  void on_end() override;

  /// Sends a close frame without a code and waits for the client's, as long as
  /// Limits::close_timeout.
  void close();

 private:
  friend class WebSocketTransport;
  void on_text(std::string_view text) override;
  void on_binary(const Block& message) override;
  void on_output(std::string_view bytes) override;
  void on_stream_end(const WebSocketEnd& end) override;
  bool turn_is_over() override;
  void watch_assembly();
  WebSocketTransport* detach();

  Connection& connection_;
  // Null before it is given, and after either side has let go.
  WebSocketTransport* transport_ = nullptr;
  std::uint64_t watched_message_ = 0;  // the message whose assembly has a deadline; 0: none
  WebSocketCodec codec_;
};

/// Engine.IO over one WebSocket: one frame per packet, text packets as text, binary messages as
/// binary frames.
///
/// Owned by its session; keeps the connection's memory alive, not the connection.
class WebSocketTransport final : public Transport {
 public:
  /// `stage` is the connection's. `base64_only`: the client takes no binary frames (`b64` in
  /// its request), binary messages travel as text.
  WebSocketTransport(Session& session, std::shared_ptr<Connection> connection,
                     WebSocketStage& stage, bool base64_only);
  ~WebSocketTransport() override;

  TransportKind kind() const noexcept override { return TransportKind::websocket; }
  bool writable() const noexcept override { return stage_ != nullptr && unsent_bytes() == 0; }
  bool gathers() const noexcept override { return stage_ != nullptr && !connection_->blocked(); }
  void send(std::span<const Block> batch) override;
  void tell_drained() override { connection_->tell_drained(); }
  void prefetch() const noexcept override { connection_->prefetch(); }
  void set_trail(const PacketTrail& trail) override { connection_->set_trail(this, trail); }
  std::size_t unsent_bytes() const noexcept override { return connection_->unsent_bytes(); }
  bool close() override;

 private:
  friend class WebSocketStage;
  void on_text(std::string_view text);
  void on_binary(const Block& message);
  void on_drained();
  void on_connection_end();
  void on_stream_end(const WebSocketEnd& end);

  Session& session_;
  std::shared_ptr<Connection> connection_;
  WebSocketStage* stage_;  // null once either side has ended it
  bool base64_only_;
};

}  // namespace engineio::transports
