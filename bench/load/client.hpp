#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "bench/load/frames.hpp"
#include "bench/load/http.hpp"
#include "bench/load/stream.hpp"
#include "bench/load/workload.hpp"

namespace bench {

class Client;

/// The text of an event whose arguments are strings, which need no escaping:
/// `event_text("420", "join", {"r1"})` is `420["join","r1"]`.
std::string event_text(std::string_view type, std::string_view name,
                       std::initializer_list<std::string_view> arguments);

/// A message that is sent again and again: as a packet for polling, and framed for WebSocket.
struct Message {
  /// With bytes of an attachment, if it is not empty: a binary frame that follows.
  explicit Message(std::string text, std::string_view attachment = {});

  std::string packet;
  std::string frames;
};

/// One connection of a client.
struct Channel {
  Channel(Client& owner, const Workload& workload, std::size_t index, TlsContext* tls)
      : client(owner), stream(workload.host, workload.port, index, tls) {}

  Client& client;
  Stream stream;
  ResponseReader responses;
  FrameReader frames;
  bool upgraded = false;       ///< it speaks WebSocket
  bool waits = false;          ///< for the socket to take more
  bool to_be_flushed = false;  ///< at the end of the turn
  bool gone = false;           ///< closed at the end of the turn, and not looked at any more
};

/// What a client reports.
class ClientEvents {
 public:
  virtual ~ClientEvents() = default;
  /// The client joined by polling and wants a second connection: give it to upgrade_over().
  virtual void wants_upgrade(Client& client) = 0;
  /// This connection of the client is not needed any more.
  virtual void left(std::unique_ptr<Channel> channel) = 0;
  /// The client has all it asked for at the start, and may work.
  virtual void joined(Client& client) = 0;
  /// A message came: an echo, an acknowledgement, a delivery of a broadcast.
  virtual void answered(Client& client) = 0;
  /// A heartbeat came, and was answered.
  virtual void pinged() = 0;
};

/// One Socket.IO client as a state machine over bytes, cheap enough not to be what is measured:
/// frames are masked with a key of zeros, messages are prepared, and nothing is parsed beyond what
/// tells packets apart. It throws std::runtime_error when something comes that should not.
class Client {
 public:
  /// `nsp` with a leading slash, or empty for "/"; `room` is joined first thing, unless it is
  /// empty.
  Client(const Workload& workload, ClientEvents& events, std::size_t number, std::string nsp,
         std::string room);

  /// Begins the handshake on its first connection.
  void begin(std::unique_ptr<Channel> channel);
  void upgrade_over(std::unique_ptr<Channel> channel);
  /// Takes what came.
  void read(Channel& channel, std::string_view input);

  void send(const Message& message);
  /// Notes that something was begun at that time, which an answer is due for.
  void expect(std::uint64_t now) { sent_.push_back(now); }
  /// When what is answered now was begun; 0: nothing is due.
  std::uint64_t take_sent();

  Channel& channel() noexcept { return *channel_; }
  bool owns(const Channel& channel) const noexcept {
    return &channel == channel_.get() || &channel == candidate_.get();
  }
  std::size_t number() const noexcept { return number_; }
  const std::string& nsp() const noexcept { return nsp_; }
  const std::string& room() const noexcept { return room_; }

 private:
  void on_response(Channel& channel, const Response& response);
  void on_payload(std::string_view payload);
  void on_frame(Channel& channel, const Frame& frame);
  void on_packet(Channel& channel, std::string_view packet);
  void on_message(std::string_view packet);
  void on_ready();
  void reply(Channel& channel, std::string_view packet);
  void send_packet(std::string_view packet);
  void next_request();
  void request(std::string_view method, std::string_view body);
  void request_upgrade(Channel& channel);
  void change_over();

  const Workload& workload_;
  ClientEvents& events_;
  std::size_t number_;
  std::string nsp_;
  std::string room_;
  std::unique_ptr<Channel> channel_;
  std::unique_ptr<Channel> candidate_;  // the WebSocket of an upgrade
  std::string sid_;
  std::string queue_;  // polling: packets for the next POST
  std::deque<std::uint64_t> sent_;
  bool requested_ = false;  // polling: a response is due
  bool probed_ = false;     // the candidate works: no more polls
  bool joining_ = false;    // the room
  bool joined_ = false;
};

}  // namespace bench
