#include "transports/listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "transports/connection.hpp"
#include "transports/http_stage.hpp"

namespace engineio::transports {
namespace {

constexpr int accepts_per_turn = 64;

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

int open_spare() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

// The dotted form. The system's inet_ntop makes it by printf: 1,600 instructions a connection.
std::string dotted(std::string_view prefix, const unsigned char (&bytes)[4]) {
  std::string text(prefix);
  for (const unsigned char& byte : bytes) {
    if (&byte != bytes) text += '.';
    text += std::to_string(byte);
  }
  return text;
}

Peer peer_of(const sockaddr_storage& address) {
  unsigned char bytes[4];
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
      std::memcpy(bytes, v6.sin6_addr.s6_addr + 12, sizeof bytes);
      return {dotted("::ffff:", bytes), ntohs(v6.sin6_port)};
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return {text.data(), ntohs(v6.sin6_port)};
  }
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  std::memcpy(bytes, &v4.sin_addr, sizeof bytes);
  return {dotted("", bytes), ntohs(v4.sin_port)};
}

void log_lost(IoLoop& io, const std::exception& error) {
  io.engine.log(LogLevel::error, std::string("lost a new connection: ") + error.what());
}

// On the connection's loop. A connection that is dropped instead closes its socket.
void begin_connection(const std::shared_ptr<Connection>& connection) {
  if (connection->io().stopping) return;
  try {
    connection->start(std::make_unique<HttpStage>(*connection));
  } catch (const std::exception& error) {  // the system watches no more sockets, or has no memory
    log_lost(connection->io(), error);
    connection->abort();
  }
}

}  // namespace

// One that no connection owns yet.
struct Listener::AcceptedSocket {
  int descriptor;
  ~AcceptedSocket() {
    if (descriptor >= 0) ::close(descriptor);
  }
};

Listener::Listener(std::vector<IoLoop*> loops, AddressLimits& address_limits,
                   const boost::asio::ip::tcp::endpoint& endpoint, bool dual_stack,
                   const Settings& settings, boost::system::error_code& error)
    : loops_(std::move(loops)), address_limits_(address_limits), settings_(settings) {
  socket_ = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ < 0) {
    error = last_error();
    return;
  }
  const int on = 1;
  const int v6_only = dual_stack ? 0 : 1;
  ::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (endpoint.protocol() == boost::asio::ip::tcp::v6()) {
    ::setsockopt(socket_, IPPROTO_IPV6, IPV6_V6ONLY, &v6_only, sizeof v6_only);
  }
  if (::bind(socket_, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 ||
      ::listen(socket_, settings.backlog) != 0) {
    error = last_error();
    return;
  }
  spare_ = open_spare();
}

Listener::~Listener() {
  if (socket_ >= 0) ::close(socket_);
  if (spare_ >= 0) ::close(spare_);
}

std::uint16_t Listener::port() const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
  return peer_of(address).port;
}

void Listener::start() {
  loops_[0]->poller.add(socket_, *this, {.read = true});
  started_ = true;
}

void Listener::stop() {
  rest_.cancel();
  if (std::exchange(started_, false)) loops_[0]->poller.remove(socket_, *this);
  ::close(std::exchange(socket_, -1));
}

void Listener::on_ready(Ready) {
  for (int i = 0; i < accepts_per_turn; ++i) {
    if (!accept_one()) return;
  }
}

// False: there is no other to accept now.
bool Listener::accept_one() {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  const int socket = settings_.accept(socket_, reinterpret_cast<sockaddr*>(&address), &size,
                                      SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (socket < 0) {
    const int error = errno;
    if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) rest(error);
    return error == ECONNABORTED || error == EINTR;
  }
  AcceptedSocket accepted{socket};
  try {
    admit(accepted, address);
  } catch (const std::exception& error) {  // of memory
    log_lost(*loops_[0], error);
  }
  return true;
}

void Listener::admit(AcceptedSocket& socket, const sockaddr_storage& address) {
  Peer peer = peer_of(address);
  auto admission = address_limits_.admit_connection(peer.address);
  if (!admission) return;
  const int on = 1;
  ::setsockopt(socket.descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  IoLoop& io = *loops_[next_++ % loops_.size()];
  auto connection =
      std::make_shared<Connection>(io, socket.descriptor, std::move(peer),
                                   settings_.tls ? &*settings_.tls : nullptr, std::move(admission));
  socket.descriptor = -1;
  if (&io == loops_[0]) {
    begin_connection(connection);
  } else {
    io.loop.post([connection = std::move(connection)] { begin_connection(connection); });
  }
}

void Listener::rest(int error) {
  Loop& loop = loops_[0]->loop;
  if (const auto end = complaints_.admit(loop.now())) {
    const bool memory = error == ENOBUFS || error == ENOMEM;
    const std::string line = memory ? "out of memory for sockets" : "out of file descriptors";
    loops_[0]->engine.log(LogLevel::error, line + ": turning clients away" + *end);
  }
  // A client that waits in the kernel's queue would keep this socket readable: let it in and out
  // again.
  if (spare_ >= 0) {
    ::close(spare_);
    const int turned_away = settings_.accept(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (turned_away >= 0) ::close(turned_away);
    spare_ = open_spare();  // or another thread has taken it
  }
  loops_[0]->poller.change(socket_, *this, {.read = false});
  loop.arm(rest_, settings_.rest);
}

void Listener::rest_is_over() {
  if (spare_ < 0) spare_ = open_spare();
  if (started_) loops_[0]->poller.change(socket_, *this, {.read = true});
}

}  // namespace engineio::transports
