#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/support/raw_client.hpp"
#include "tests/unit/transports/websocket_frames.hpp"

namespace support {

inline constexpr std::string_view polling_target = "/engine.io/?EIO=4&transport=polling";
inline constexpr std::string_view websocket_target = "/engine.io/?EIO=4&transport=websocket";

/// The sid of an open packet (`0{"sid":"…`).
std::string sid_of(std::string_view open_packet);

/// What every request of an unknown session gets.
inline constexpr std::string_view session_unknown = R"({"code":1,"message":"Session ID unknown"})";

/// One session over long-polling, with a connection for GETs and one for POSTs.
class PollingSession {
 public:
  explicit PollingSession(std::uint16_t port, const Connect& how = {});

  const std::string& sid() const noexcept { return sid_; }
  const std::string& target() const noexcept { return target_; }
  HttpAnswer get() { return getting.request(support::get(target_)); }
  HttpAnswer post(std::string_view body, std::string_view lines = {}) {
    return posting.request(support::post(target_, body, lines));
  }
  /// The body of a GET that must succeed.
  std::string poll();
  /// Sends a GET and waits until the server has parked it; its answer is read from `getting`.
  void park();
  /// True when the server still knows the session.
  bool alive();

  RawClient getting;
  RawClient posting;

 private:
  std::string sid_;
  std::string target_;
};

/// One WebSocket: a session of its own, or the upgrade of one.
class WebSocketSession {
 public:
  /// Opens a session and reads its open packet.
  explicit WebSocketSession(std::uint16_t port, const Connect& how = {});
  /// Opens the WebSocket of an existing session; nothing of the upgrade is sent yet.
  WebSocketSession(std::uint16_t port, std::string sid, const Connect& how = {});

  const std::string& sid() const noexcept { return sid_; }
  void send(std::string_view text) { wire.send(engineio::transports::text_frame(text)); }
  /// The next frame's payload; it must be text. Pings of the server are not answered here.
  std::string text();
  /// Reads until the close frame and returns its code; 1005: it has none. Data frames before it are
  /// skipped.
  unsigned close_code();
  /// Answers the close frame that was read, and waits for the end of the connection.
  void finish_close();
  /// `2probe`, `3probe`, `5`.
  void complete_upgrade();

  RawClient wire;

 private:
  std::string sid_;
};

}  // namespace support
