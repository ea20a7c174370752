#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace engineio::transports {

/// Two connected stream sockets that never block; `buffer` bounds what one holds for the other.
class SocketPair {
 public:
  explicit SocketPair(int buffer = 0) {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both_.data()) != 0) {
      throw std::runtime_error("socketpair");
    }
    if (buffer > 0) ::setsockopt(here(), SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;
  ~SocketPair() {
    close_here();
    close_there();
  }

  int here() const noexcept { return both_[0]; }
  int there() const noexcept { return both_[1]; }
  void close_here() { close(both_[0]); }
  void close_there() { close(both_[1]); }
  void write_there(const std::string& bytes) const {
    EXPECT_EQ(::write(there(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  /// Everything that has come to the other end.
  std::string read_there() const {
    std::string all;
    std::array<char, 65536> room;
    for (ssize_t count = 0; (count = ::read(there(), room.data(), room.size())) > 0;) {
      all.append(room.data(), static_cast<std::size_t>(count));
    }
    return all;
  }

 private:
  static void close(int& descriptor) {
    if (descriptor >= 0) ::close(std::exchange(descriptor, -1));
  }
  std::array<int, 2> both_{-1, -1};
};

}  // namespace engineio::transports
