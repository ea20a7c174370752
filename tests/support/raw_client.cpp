#include "tests/support/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <system_error>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace support {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::system_category(), what);
}

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

SSL_CTX* client_context() {
  static const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(
      SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  return context.get();
}

int connected_socket(std::uint16_t port, const Connect& how) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) fail("socket");
  const timeval deadline{.tv_sec = patience.count(), .tv_usec = 0};
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline);
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (how.receive_buffer > 0) {
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &how.receive_buffer, sizeof how.receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (how.from) {
    ::inet_pton(AF_INET, how.from, &address.sin_addr);
    ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  }
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, how.address, &address.sin_addr);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(descriptor);
    fail("connect");
  }
  return descriptor;
}

HttpAnswer parse_head(std::string_view head) {
  HttpAnswer answer;
  if (!head.starts_with("HTTP/1.1 ")) {
    throw std::runtime_error("not an HTTP answer: " + std::string(head));
  }
  std::from_chars(head.data() + 9, head.data() + 12, answer.status);
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const std::size_t end = head.find("\r\n", at);
    const std::string_view line = head.substr(at, end - at);
    at = end + 2;
    const std::size_t colon = line.find(": ");
    if (line.empty()) break;
    if (colon == std::string_view::npos) {
      throw std::runtime_error("not a header field: " + std::string(line));
    }
    answer.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return answer;
}

}  // namespace

std::string HttpAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) return value;
  }
  return {};
}

std::size_t HttpAnswer::count(std::string_view name) const {
  std::size_t found = 0;
  for (const auto& field : headers) found += same_name(field.first, name) ? 1 : 0;
  return found;
}

unsigned Frame::close_code() const {
  if (payload.size() < 2) return 1005;
  return static_cast<unsigned char>(payload[0]) * 256U + static_cast<unsigned char>(payload[1]);
}

void RawClient::SslFree::operator()(ssl_st* ssl) const noexcept { SSL_free(ssl); }

RawClient::Descriptor::~Descriptor() {
  if (value_ >= 0) ::close(value_);
}

RawClient::RawClient(std::uint16_t port, const Connect& how)
    : socket_(connected_socket(port, how)) {
  if (how.tls) begin_tls();
}

RawClient::~RawClient() = default;

void RawClient::begin_tls() {
  ssl_.reset(SSL_new(client_context()));
  SSL_set_fd(ssl_.get(), socket_.value());
  if (SSL_connect(ssl_.get()) != 1) throw std::runtime_error("the TLS handshake failed");
}

void RawClient::send(std::string_view bytes) {
  if (!try_send(bytes)) throw std::runtime_error("the server ended the connection");
}

bool RawClient::try_send(std::string_view bytes) {
  while (!bytes.empty()) {
    if (ssl_) {
      return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
    }
    const ssize_t sent = ::send(socket_.value(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) fail("the server does not read");
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::size_t RawClient::send_some(std::string_view bytes) {
  std::size_t total = 0;
  while (!bytes.empty()) {
    const ssize_t sent =
        ::send(socket_.value(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
    total += static_cast<std::size_t>(sent);
  }
  return total;
}

// 0: the connection has ended, in whatever way.
std::size_t RawClient::receive(char* room, std::size_t size) {
  if (ssl_) {
    ERR_clear_error();
    const int count = SSL_read(ssl_.get(), room, static_cast<int>(size));
    if (count > 0) return static_cast<std::size_t>(count);
    const int error = SSL_get_error(ssl_.get(), count);
    if (error == SSL_ERROR_WANT_READ) fail("the server sends nothing");
    return 0;
  }
  const ssize_t count = ::recv(socket_.value(), room, size, 0);
  if (count >= 0) return static_cast<std::size_t>(count);
  if (errno == EAGAIN || errno == EWOULDBLOCK) fail("the server sends nothing");
  return 0;
}

bool RawClient::fill() {
  std::array<char, 64 * 1024> room;
  const std::size_t count = receive(room.data(), room.size());
  buffer_.append(room.data(), count);
  return count > 0;
}

HttpAnswer RawClient::answer(bool head) {
  std::size_t end = std::string::npos;
  while ((end = buffer_.find("\r\n\r\n", position_)) == std::string::npos) {
    if (!fill()) {
      throw std::runtime_error("the connection ended instead of an answer: " + rest());
    }
  }
  HttpAnswer answer = parse_head(read(end + 4 - position_));
  const std::string length = answer.header("Content-Length");
  if (!head && !length.empty()) answer.body = read(std::stoul(length));
  return answer;
}

std::string RawClient::read(std::size_t count) {
  while (buffer_.size() - position_ < count) {
    if (!fill()) throw std::runtime_error("the connection ended after: " + rest());
  }
  std::string taken = buffer_.substr(position_, count);
  position_ += count;
  if (position_ == buffer_.size()) rest();
  return taken;
}

std::string RawClient::rest() {
  std::string left = buffer_.substr(position_);
  buffer_.clear();
  position_ = 0;
  return left;
}

Frame RawClient::frame() {
  const std::string start = read(2);
  Frame frame{.opcode = static_cast<unsigned char>(start[0]) & 0x0FU, .payload = {}};
  if ((static_cast<unsigned char>(start[0]) & 0xF0U) != 0x80U) {
    throw std::runtime_error("a server's frame is final and without reserved bits");
  }
  std::size_t size = static_cast<unsigned char>(start[1]);
  if (size > 127) throw std::runtime_error("a server's frame is not masked");
  if (size > 125) {
    const std::string length = read(size == 126 ? 2 : 8);
    size = 0;
    for (const char byte : length) size = size << 8 | static_cast<unsigned char>(byte);
  }
  frame.payload = read(size);
  return frame;
}

std::string RawClient::read_to_end() {
  while (fill()) {
  }
  return rest();
}

bool RawClient::silent() {
  if (!buffer_.empty()) return false;
  char byte = 0;
  return ::recv(socket_.value(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

void RawClient::half_close(std::string_view last) {
  const auto hold = [this](int on) {
    ::setsockopt(socket_.value(), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
  };
  hold(1);
  send(last);
  ssl_ ? SSL_shutdown(ssl_.get()) : ::shutdown(socket_.value(), SHUT_WR);
  hold(0);
}

void RawClient::reset() {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_.value(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

void RawClient::close() {
  ssl_.reset();
  const Descriptor closed = std::exchange(socket_, Descriptor(-1));
}

int RawClient::descriptor() const noexcept { return socket_.value(); }

std::string get(std::string_view target, std::string_view lines) {
  return std::string("GET ")
             .append(target)
             .append(" HTTP/1.1\r\nHost: localhost\r\n")
             .append(lines) +
         "\r\n";
}

std::string post(std::string_view target, std::string_view body, std::string_view lines) {
  return std::string("POST ")
      .append(target)
      .append(" HTTP/1.1\r\nHost: localhost\r\nContent-Length: ")
      .append(std::to_string(body.size()))
      .append("\r\n")
      .append(lines)
      .append("\r\n")
      .append(body);
}

std::string upgrade(std::string_view target, std::string_view lines) {
  return get(
      target,
      std::string("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
          .append(lines));
}

}  // namespace support
