#include "bench/workloads.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace bench {
namespace {

constexpr std::size_t receivers = 1'000;

// A frame masked with a key of zeros, as the payload is then readable.
std::string masked(std::string_view payload, char opcode = '\x81') {
  std::string frame(1, opcode);
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else {
    frame += '\xfe';
    frame += static_cast<char>(payload.size() >> 8);
    frame += static_cast<char>(payload.size());
  }
  return frame.append(4, '\0').append(payload);
}

// One TCP connection to the server, whose loop runs on this very thread.
class Peer {
 public:
  Peer(unsigned short port, const RunServer& run) : run_(run) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("connect failed");
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() {
    const linger reset{.l_onoff = 1, .l_linger = 0};  // or the ports of closed connections run out
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    ::close(socket_);
  }

  void send(std::string_view bytes) const {
    if (::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(bytes.size()))
      throw std::runtime_error("send failed");
  }
  // Lets the server run until `done(all that came)`.
  template <class Done>
  std::string_view receive(Done done) {
    received_.clear();
    while (!done(received_)) {
      const ssize_t got = ::recv(socket_, buffer_, sizeof buffer_, MSG_DONTWAIT);
      if (got > 0) {
        received_.append(buffer_, static_cast<std::size_t>(got));
      } else if (got < 0 && errno == EAGAIN) {
        run_();
      } else {
        throw std::runtime_error("the server closed a connection");
      }
    }
    return received_;
  }
  std::string_view receive(std::size_t bytes) {
    return receive([bytes](std::string_view came) { return came.size() >= bytes; });
  }
  std::string_view receive_until(std::string_view text) {
    return receive([text](std::string_view came) { return came.find(text) != came.npos; });
  }

  // Handshake on WebSocket, and the main namespace.
  void join() {
    send(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
    receive_until("\"maxPayload\":1000000}");
    send(masked("40"));
    receive_until("\"}");
  }

 private:
  const RunServer& run_;
  int socket_;
  std::string received_;
  char buffer_[64 * 1024];
};

std::vector<std::unique_ptr<Peer>> peers;

void open_peers(std::size_t count, unsigned short port, const RunServer& run) {
  for (std::size_t i = 0; i < count; ++i) {
    peers.push_back(std::make_unique<Peer>(port, run));
    peers.back()->join();
  }
}

std::string event(std::string_view header, std::string_view name, std::size_t payload) {
  return std::string(header).append("[\"").append(name).append("\",\"").append(payload, 'x') +
         "\"]";
}

// `requests` go out at once, and `answer` bytes come back.
Workload exchange(const std::string& requests, std::size_t answer, std::size_t messages) {
  return {.open = [](unsigned short port, const RunServer& run) { open_peers(1, port, run); },
          .step =
              [=](const RunServer&) {
                peers.front()->send(requests);
                peers.front()->receive(answer);
              },
          .messages = messages};
}

Workload echo(std::size_t in_flight, std::size_t payload) {
  const std::string packet = event("42", "echo", payload);
  const std::size_t header = packet.size() < 126 ? 2 : 4;
  std::string requests;
  for (std::size_t i = 0; i < in_flight; ++i) requests += masked(packet);
  return exchange(requests, in_flight * (packet.size() + header), in_flight);
}

// An event whose argument is decoded into a struct, and printed again from it.
Workload typed() {
  const std::string packet =
      R"(42["typed",{"author":"Ann","text":")" + std::string(32, 'x') + R"(","likes":12}])";
  return exchange(masked(packet), packet.size() + 2, 1);
}

Workload ack() {
  const std::string packet = event("420", "ack", 32);
  return exchange(masked(packet), packet.size() - std::string_view("\"ack\",").size() + 2, 1);
}

Workload binary() {
  const std::string header = R"(451-["echo",{"_placeholder":true,"num":0}])";
  const std::string bytes(100, 'b');
  return exchange(masked(header) + masked(bytes, '\x82'), header.size() + 2 + bytes.size() + 2, 1);
}

Workload broadcast() {
  const std::string packet = event("42", "broadcast", 100);
  return {
      .open = [](unsigned short port, const RunServer& run) { open_peers(receivers, port, run); },
      .step =
          [=](const RunServer&) {
            peers.front()->send(masked(packet));
            for (const auto& peer : peers) peer->receive(packet.size() + 2);
          },
      .messages = receivers};
}

std::string http(std::string_view method, std::string_view sid, std::string_view body) {
  std::string request(method);
  request.append(" /socket.io/?EIO=4&transport=polling");
  if (!sid.empty()) request.append("&sid=").append(sid);
  request.append(" HTTP/1.1\r\nHost: localhost\r\n");
  if (method == "POST") {
    request.append("Content-Type: text/plain;charset=UTF-8\r\nContent-Length: ")
        .append(std::to_string(body.size()) + "\r\n");
  }
  return request.append("\r\n").append(body);
}

// One client by long-polling: a POST with an event, then the GET that brings its echo.
Workload poll() {
  static std::string sid;
  return {.open =
              [](unsigned short port, const RunServer& run) {
                peers.push_back(std::make_unique<Peer>(port, run));
                Peer& peer = *peers.back();
                peer.send(http("GET", {}, {}));
                const std::string_view open = peer.receive_until("}");
                sid = open.substr(open.find("sid\":\"") + 6, 20);
                peer.send(http("POST", sid, "40"));
                peer.receive_until("\r\n\r\nok");
                peer.send(http("GET", sid, {}));
                peer.receive_until("\"}");
              },
          .step =
              [](const RunServer&) {
                Peer& peer = *peers.front();
                peer.send(http("POST", sid, event("42", "echo", 32)));
                peer.receive_until("\r\n\r\nok");
                peer.send(http("GET", sid, {}));
                peer.receive_until("\"]");
              }};
}

// A client comes by WebSocket, joins the namespace, and leaves.
Workload connect() {
  static unsigned short to = 0;
  return {.open = [](unsigned short port, const RunServer&) { to = port; },
          .step =
              [](const RunServer& run) {
                Peer(to, run).join();
                run();
              }};
}

}  // namespace

const std::map<std::string, Workload>& workloads() {
  static const std::map<std::string, Workload> all = {
      {"echo", echo(1, 32)},
      {"echo_16", echo(16, 32)},
      {"echo_16_1k", echo(16, 1024)},
      {"typed", typed()},
      {"ack", ack()},
      {"binary", binary()},
      {"broadcast", broadcast()},
      {"poll", poll()},
      {"connect", connect()},
  };
  return all;
}

}  // namespace bench
