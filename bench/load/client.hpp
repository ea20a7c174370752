#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace bench {

/// What the generator does, as its flags say it.
struct Workload {
  std::string kind = "echo";  ///< echo, ack, broadcast, connect, poll, idle, upgrade
  std::string host = "127.0.0.1";
  std::uint16_t port = 3000;
  std::string path = "/socket.io/";
  int connections = 100;
  int in_flight = 1;  ///< messages of one connection (broadcast: rounds) under way at a time
  int payload = 32;   ///< bytes of the event's string
  double seconds = 3;
  double warm_up = 1;
  double rate = 0;  ///< messages per second over all connections; 0: as fast as answers come
};

/// One Socket.IO client as a state machine over bytes, cheap enough not to be what is measured:
/// frames are masked with a key of zeros, texts are prepared, and nothing is parsed beyond what
/// tells packets apart.
class Client {
 public:
  enum class Event : unsigned char {
    none,
    joined,    ///< the namespace is joined: the client may work
    answered,  ///< one message came: an echo, an acknowledgement, a delivery of a broadcast
    failed,    ///< something that should not come
  };

  Client(const Workload& workload, int socket) : workload_(workload), socket_(socket) {}

  int socket() const noexcept { return socket_; }
  /// Bytes to write. The owner takes them.
  std::string& output() noexcept { return output_; }

  /// Begins the handshake.
  void begin();
  /// Takes the next bytes off `input`; call until it returns none.
  Event next(std::string_view& input);
  /// Sends one message of the workload.
  void work(std::uint64_t now);
  void send_text(std::string_view packet);
  /// When the message that was answered last was sent.
  std::uint64_t answered_message_sent() const noexcept { return answered_sent_; }
  bool joined() const noexcept { return joined_; }

 private:
  Event next_frame(std::string_view& input);
  Event next_response(std::string_view& input);
  Event on_packet(std::string_view packet);
  void request(std::string_view method, std::string_view body);
  bool polls() const noexcept { return workload_.kind == "poll"; }
  void answered();

  const Workload& workload_;
  int socket_;
  std::string input_;  // an incomplete frame or response
  std::string output_;
  std::string sid_;
  std::string waiting_;  // polling: what to POST once the connection is free
  std::deque<std::uint64_t> sent_;
  std::uint64_t answered_sent_ = 0;
  bool upgraded_ = false;
  bool joined_ = false;
};

/// `42["kind","xxxx"]` with a payload of that many bytes, or with an id for an acknowledgement.
std::string event_packet(std::string_view kind, int payload, bool wants_ack);

}  // namespace bench
