#include "bench/load/stream.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace bench {
namespace {

constexpr std::size_t connections_per_source = 20'000;

sockaddr_in address_of(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1)
    throw std::runtime_error("not an IPv4 address: " + host);
  return address;
}

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
}

void bind_source(int socket, std::size_t index) {
  sockaddr_in source{};
  source.sin_family = AF_INET;
  source.sin_addr.s_addr =
      htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(index / connections_per_source));
  const int on = 1;  // or each bind takes a port that no other address can use
  ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (::bind(socket, reinterpret_cast<sockaddr*>(&source), sizeof source) != 0) fail("bind");
}

int connected_socket(const std::string& host, std::uint16_t port, std::size_t index) {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  if (socket < 0) fail("socket");
  if (index >= connections_per_source) bind_source(socket, index);
  sockaddr_in address = address_of(host, port);
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    fail("connect");
  int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::ioctl(socket, FIONBIO, &on);
  return socket;
}

}  // namespace

Stream::Stream(const std::string& host, std::uint16_t port, std::size_t index, TlsContext* tls)
    : socket_(connected_socket(host, port, index)) {
  if (tls) tls_ = std::make_unique<TlsStream>(*tls, socket_);
}

Stream::~Stream() { ::close(socket_); }

std::ptrdiff_t Stream::read(char* buffer, std::size_t size) {
  if (tls_) return tls_->read(buffer, size);
  const ssize_t got = ::recv(socket_, buffer, size, 0);
  if (got > 0) return got;
  return got < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

// 0: not now. A connection that is gone is seen by read().
std::size_t Stream::write_some(std::string_view bytes) {
  if (tls_) return tls_->write(bytes);
  const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

void Stream::write(std::string_view bytes) {
  if (output_.empty()) bytes.remove_prefix(write_some(bytes));
  output_.append(bytes);
}

bool Stream::flush() {
  while (written_ < output_.size()) {
    const std::size_t sent = write_some(std::string_view(output_).substr(written_));
    if (sent == 0) return true;
    written_ += sent;
  }
  output_.clear();
  written_ = 0;
  return false;
}

}  // namespace bench
