// The floor of the machine: a raw epoll server that does no protocol. It answers handshakes and
// requests with fixed texts, sends every other frame back as it came (the generator masks with
// zeros), and copies events for many to all of them, to those of a room, or to the others. Its cost
// is the kernel's and little more: one epoll_wait a batch, one recv and one send for each ready
// socket. A mark to compare with, not a bound: it copies an event once for each receiver and
// fetches nothing ahead, so with several broadcasts under way a server can be below it.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view handshake =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: 0\r\n\r\n";
constexpr std::string_view opened = R"(0{"sid":"AAAAAAAAAAAAAAAAAAAA","pingInterval":99999999})";
constexpr std::string_view joined = R"({"sid":"AAAAAAAAAAAAAAAAAAAA"})";
constexpr std::string_view ok =
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nok";
constexpr std::string_view ok_head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Length: ";

constexpr unsigned char text = 0x81;
constexpr int end_of_head = 4;  // the empty line

struct Client {
  int socket;
  std::size_t index;                      // among all clients
  std::optional<std::size_t> group = {};  // its room or namespace: the first number in its name
  bool upgraded = false;
  bool dirty = false;     // has something to write at the end of the batch
  bool waits = false;     // for the socket to take more
  std::size_t relay = 0;  // bytes of a long frame that are still to come, and go back as they come
  std::string in = {};    // the start of a frame or request
  std::string out = {};
  std::string posted = {};  // polling: what the next GET gets
  Clock::time_point ping_due = {};
  std::list<Client*>::iterator ping = {};  // valid while ping_due is set
};

class Floor {
 public:
  Floor(std::uint16_t port, Clock::duration ping_interval);
  std::uint16_t port() const;
  void run();

 private:
  void accept_all();
  void ready(Client& client, std::uint32_t events);
  void take(Client& client, std::string_view bytes);
  std::string_view take_request(Client& client, std::string_view bytes);
  std::string_view take_frame(Client& client, std::string_view bytes);
  void on_request(Client& client, std::string_view head, std::string_view body);
  void on_frame(Client& client, unsigned char first, std::string_view payload);
  void on_event(Client& client, unsigned char first, std::string_view payload);
  void deliver(Client& client, std::string_view payload);
  void join(Client& client, std::size_t group);
  void write(Client& client, std::string_view bytes);
  void flush(Client& client);
  void drop(Client& client);
  void schedule_ping(Client& client);
  int send_due_pings();

  int listener_;
  int epoll_;
  Clock::duration ping_interval_;
  std::vector<Client*> clients_;
  std::vector<Client*> dirty_;
  std::list<Client*> pings_;  // by the time they are due
  std::vector<std::vector<Client*>> groups_;
  std::string scratch_;  // capacity that is lent to the client at work: idle ones keep none
  char buffer_[256 * 1024];
};

// The frame that sends a payload back.
void append_frame(std::string& out, unsigned char first, std::string_view payload) {
  out += static_cast<char>(first);
  if (payload.size() < 126) {
    out += static_cast<char>(payload.size());
  } else if (payload.size() <= 0xffff) {
    out += '\x7e';
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size());
  } else {
    out += '\x7f';
    for (int shift = 56; shift >= 0; shift -= 8)
      out += static_cast<char>(std::uint64_t{payload.size()} >> shift);
  }
  out += payload;
}

std::size_t number_in(std::string_view name) {
  const std::size_t at = std::min(name.find_first_of("0123456789"), name.size());
  std::size_t number = 0;
  std::from_chars(name.data() + at, name.data() + name.size(), number);
  return number;
}

Floor::Floor(std::uint16_t port, Clock::duration ping_interval)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)),
      epoll_(::epoll_create1(0)),
      ping_interval_(ping_interval) {
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error(std::string("bind: ") + std::strerror(errno));
  ::listen(listener_, 4096);
  epoll_event event{.events = EPOLLIN, .data = {.ptr = nullptr}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event);
}

std::uint16_t Floor::port() const {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

void Floor::run() {
  epoll_event events[256];
  for (;;) {
    const int count = ::epoll_wait(epoll_, events, 256, send_due_pings());
    for (int i = 0; i < count; ++i) {
      if (auto* client = static_cast<Client*>(events[i].data.ptr))
        ready(*client, events[i].events);
      else
        accept_all();
    }
    for (Client* client : dirty_) {
      client->dirty = false;
      flush(*client);
    }
    dirty_.clear();
  }
}

void Floor::accept_all() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (socket < 0) return;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Client* client = clients_.emplace_back(new Client{.socket = socket, .index = clients_.size()});
    epoll_event added{.events = EPOLLIN, .data = {.ptr = client}};
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &added);
  }
}

void Floor::ready(Client& client, std::uint32_t events) {
  if (events & ~std::uint32_t{EPOLLOUT}) {
    const ssize_t got = ::recv(client.socket, buffer_, sizeof buffer_, 0);
    if (got <= 0) return drop(client);
    if (client.out.empty()) client.out.swap(scratch_);
    take(client, {buffer_, static_cast<std::size_t>(got)});
  }
  flush(client);
  if (client.out.empty() && scratch_.empty()) client.out.swap(scratch_);
}

void Floor::take(Client& client, std::string_view bytes) {
  std::string all;
  if (!client.in.empty()) {
    all = std::move(client.in.append(bytes));
    client.in.clear();
    bytes = all;
  }
  while (!bytes.empty()) {
    const std::string_view rest =
        client.upgraded ? take_frame(client, bytes) : take_request(client, bytes);
    if (rest.size() == bytes.size()) break;
    bytes = rest;
  }
  client.in = bytes;
}

// Returns what follows the request: all of the bytes, if it is not complete.
std::string_view Floor::take_request(Client& client, std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == bytes.npos) return bytes;
  const std::string_view head = bytes.substr(0, end);
  constexpr std::string_view name = "Content-Length: ";
  const std::size_t length = head.find(name);
  const std::size_t size =
      length == head.npos ? 0 : std::strtoul(head.data() + length + name.size(), nullptr, 10);
  if (bytes.size() < end + end_of_head + size) return bytes;
  on_request(client, head, bytes.substr(end + end_of_head, size));
  return bytes.substr(end + end_of_head + size);
}

void Floor::on_request(Client& client, std::string_view head, std::string_view body) {
  const bool has_session = head.find("&sid=") != head.npos;
  if (head.find("transport=websocket") != head.npos) {
    client.upgraded = true;
    client.out += handshake;
    if (!has_session) append_frame(client.out, text, opened);
    return;
  }
  if (head.starts_with("POST")) {
    client.posted = body == "40" ? "40" + std::string(joined) : body;
    client.out += ok;
    return;
  }
  std::string_view answer = client.posted.empty() ? "6" : std::string_view(client.posted);
  if (!has_session) answer = opened;
  client.out.append(ok_head).append(std::to_string(answer.size())).append("\r\n\r\n");
  client.out += answer;
  client.posted.clear();
}

std::string_view Floor::take_frame(Client& client, std::string_view bytes) {
  if (client.relay > 0) {
    const std::size_t size = std::min(client.relay, bytes.size());
    client.relay -= size;
    write(client, bytes.substr(0, size));
    return bytes.substr(size);
  }
  if (bytes.size() < 14) {
    // A long header may be incomplete; the short frames end before it.
    if (bytes.size() < 6 || (bytes[1] & 0x7f) >= 126) return bytes;
  }
  std::size_t size = static_cast<unsigned char>(bytes[1]) & 0x7f;
  const std::size_t extra = size == 126 ? 2 : size == 127 ? 8 : 0;
  if (extra > 0) size = 0;
  for (std::size_t i = 0; i < extra; ++i)
    size = size << 8 | static_cast<unsigned char>(bytes[2 + i]);
  const auto first = static_cast<unsigned char>(bytes[0]);
  const std::size_t header = 6 + extra;
  if (bytes.size() >= header + size) {
    on_frame(client, first, bytes.substr(header, size));
    return bytes.substr(header + size);
  }
  if (size < sizeof buffer_ / 2) return bytes;
  client.out += bytes[0];
  client.out += static_cast<char>(bytes[1] & 0x7f);  // without the mask, which is zero
  client.out += bytes.substr(2, extra);
  client.relay = size;
  return bytes.substr(header);
}

void Floor::on_frame(Client& client, unsigned char first, std::string_view payload) {
  if (payload.starts_with("42")) return on_event(client, first, payload);
  if (payload.starts_with("40")) {
    if (payload.size() > 2) join(client, number_in(payload.substr(2)));
    append_frame(client.out, first, std::string(payload) + std::string(joined));
    return schedule_ping(client);
  }
  if (payload == "3") return schedule_ping(client);
  if (payload == "5") return;
  append_frame(client.out, first, payload);
  if (payload == "2probe") client.out[client.out.size() - payload.size()] = '3';
}

void Floor::on_event(Client& client, unsigned char first, std::string_view payload) {
  const std::string_view event = payload.substr(0, payload.find(',', 4));
  if (event == R"(42["broadcast")") {
    for (Client* other : clients_) deliver(*other, payload);
  } else if (event == R"(42["room")" || event.starts_with("42/")) {
    for (Client* other : groups_.at(number_in(payload.substr(3)))) deliver(*other, payload);
  } else if (event == R"(42["except")") {
    for (Client* other : clients_)
      if (other->group != number_in(payload.substr(3))) deliver(*other, payload);
  } else {
    if (event == R"(420["join")") join(client, number_in(payload.substr(4)));
    append_frame(client.out, first, payload);
    if (event.starts_with("420")) client.out[client.out.size() - payload.size() + 1] = '3';
  }
}

// At the end of the batch: rounds that come together leave in one send.
void Floor::deliver(Client& client, std::string_view payload) {
  append_frame(client.out, text, payload);
  if (!client.dirty) dirty_.push_back(&client);
  client.dirty = true;
}

void Floor::join(Client& client, std::size_t group) {
  if (client.group) return;
  client.group = group;
  if (groups_.size() <= group) groups_.resize(group + 1);
  groups_[group].push_back(&client);
}

void Floor::write(Client& client, std::string_view bytes) {
  flush(client);
  if (client.out.empty()) {
    const ssize_t sent = ::send(client.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  client.out += bytes;
}

void Floor::flush(Client& client) {
  if (client.out.empty() || client.dirty) return;
  const ssize_t sent = ::send(client.socket, client.out.data(), client.out.size(), MSG_NOSIGNAL);
  if (sent > 0) client.out.erase(0, static_cast<std::size_t>(sent));
  if (client.waits == !client.out.empty()) return;
  client.waits = !client.waits;
  epoll_event event{.events = client.waits ? EPOLLIN | EPOLLOUT : EPOLLIN,
                    .data = {.ptr = &client}};
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, client.socket, &event);
}

void Floor::drop(Client& client) {
  ::close(client.socket);
  std::erase(dirty_, &client);
  if (client.group) std::erase(groups_[*client.group], &client);
  if (client.ping_due != Clock::time_point{}) pings_.erase(client.ping);
  clients_.back()->index = client.index;
  clients_[client.index] = clients_.back();
  clients_.pop_back();
  delete &client;
}

void Floor::schedule_ping(Client& client) {
  if (ping_interval_ == Clock::duration{}) return;
  if (client.ping_due != Clock::time_point{}) pings_.erase(client.ping);
  client.ping_due = Clock::now() + ping_interval_;
  client.ping = pings_.insert(pings_.end(), &client);
}

// Returns for how many milliseconds there is none to send.
int Floor::send_due_pings() {
  if (pings_.empty()) return -1;
  const auto now = Clock::now();
  while (!pings_.empty() && pings_.front()->ping_due <= now) {
    Client& client = *pings_.front();
    pings_.pop_front();
    client.ping_due = {};
    if (client.relay > 0) {  // not into the middle of a frame
      schedule_ping(client);
      continue;
    }
    append_frame(client.out, text, "2");
    flush(client);
  }
  if (pings_.empty()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(pings_.front()->ping_due - now);
  return static_cast<int>(left.count());
}

}  // namespace

int main(int argc, char** argv) {
  std::uint16_t port = 3000;
  long ping_interval_ms = 0;
  CLI::App app("A server that does no protocol, to compare others with");
  app.add_option("--port", port, "0 picks a free one");
  app.add_option("--ping-interval", ping_interval_ms, "milliseconds; 0: no pings");
  std::size_t max_payload = 0;  // taken, so that all servers take the same flags
  app.add_option("--max-payload", max_payload, "of no effect: there is no limit");
  CLI11_PARSE(app, argc, argv);
  Floor floor(port, std::chrono::milliseconds(ping_interval_ms));
  std::printf("listening on %d\n", floor.port());
  std::fflush(stdout);
  floor.run();
}
