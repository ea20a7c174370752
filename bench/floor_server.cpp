// The floor of the machine: a raw epoll server that does no protocol. It answers a WebSocket
// handshake with a fixed text and a Socket.IO CONNECT with a fixed frame, sends every other frame
// back as it came (the generator masks with zeros), and copies a frame whose text has "broadcast"
// in it to everybody. What it costs per message, no server can go below.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view handshake =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: 0\r\n\r\n"
    "\x81\x1a"
    "0{\"pingInterval\":99999999}";
constexpr std::string_view connected =
    "\x81\x20"
    "40{\"sid\":\"AAAAAAAAAAAAAAAAAAAA\"}";

struct Client {
  int socket;
  bool upgraded = false;
  std::string in = {};
  std::string out = {};
};

std::vector<Client*> clients;
char buffer[256 * 1024];

// The frame that sends the payload of a masked frame (key zero) back.
void append_frame(std::string& out, std::string_view payload) {
  out += '\x81';
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else {
    out += '\x7e';
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size());
  }
  out += payload;
}

void flush(Client& client) {
  if (client.out.empty()) return;
  const ssize_t sent = ::send(client.socket, client.out.data(), client.out.size(), MSG_NOSIGNAL);
  if (sent > 0) client.out.erase(0, static_cast<std::size_t>(sent));
}

void handle(Client& client, std::string_view payload) {
  if (payload == "40") {
    client.out += connected;
  } else if (payload.starts_with("42[\"broadcast\"")) {
    for (Client* other : clients) append_frame(other->out, payload);
    for (Client* other : clients) flush(*other);
  } else if (payload.starts_with("42")) {
    append_frame(client.out, payload);
  }
}

void take(Client& client, std::string_view bytes) {
  if (!client.upgraded) {
    client.in += bytes;
    if (client.in.find("\r\n\r\n") == std::string::npos) return;
    client.in.clear();
    client.upgraded = true;
    client.out += handshake;
    return;
  }
  if (!client.in.empty()) {
    client.in += bytes;
    bytes = client.in;
  }
  while (bytes.size() >= 6) {
    std::size_t size = static_cast<unsigned char>(bytes[1]) & 0x7f;
    std::size_t header = 6;
    if (size == 126) {
      if (bytes.size() < 8) break;
      size = static_cast<std::size_t>(static_cast<unsigned char>(bytes[2]) << 8 |
                                      static_cast<unsigned char>(bytes[3]));
      header = 8;
    }
    if (bytes.size() < header + size) break;
    handle(client, bytes.substr(header, size));
    bytes.remove_prefix(header + size);
  }
  client.in = std::string(bytes);
}

void drop(Client* client) {
  ::close(client->socket);
  std::erase(clients, client);
  delete client;
}

}  // namespace

int main(int argc, char** argv) {
  const int port = argc > 1 ? std::atoi(argv[1]) : 0;
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return std::perror("bind"), 1;
  ::listen(listener, 4096);
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::printf("listening on %d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  const int epoll = ::epoll_create1(0);
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  epoll_event events[256];
  for (;;) {
    const int count = ::epoll_wait(epoll, events, 256, -1);
    for (int i = 0; i < count; ++i) {
      auto* client = static_cast<Client*>(events[i].data.ptr);
      if (!client) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        client = clients.emplace_back(new Client{.socket = socket});
        epoll_event added{.events = EPOLLIN, .data = {.ptr = client}};
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &added);
        continue;
      }
      const ssize_t got = ::recv(client->socket, buffer, sizeof buffer, 0);
      if (got <= 0) {
        drop(client);
        continue;
      }
      take(*client, {buffer, static_cast<std::size_t>(got)});
      flush(*client);
    }
  }
}
