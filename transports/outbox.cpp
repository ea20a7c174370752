#include "transports/outbox.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "engineio/detail/free_memory.hpp"

namespace engineio::transports {
namespace {

constexpr std::size_t pieces_per_write = 256;
constexpr std::size_t first_capacity = 8;
constexpr std::size_t left_pieces_to_keep = 256;
constexpr int flags = MSG_NOSIGNAL | MSG_DONTWAIT;

ssize_t send_pieces(int socket, std::span<iovec> pieces) {
  // A delivery of a broadcast is one piece; without a list to be copied in it costs the kernel
  // less.
  if (pieces.size() == 1) return ::send(socket, pieces[0].iov_base, pieces[0].iov_len, flags);
  msghdr message{};
  message.msg_iov = pieces.data();
  message.msg_iovlen = pieces.size();
  return ::sendmsg(socket, &message, flags);
}

}  // namespace

void Outbox::push(Block owner, std::string_view bytes) {
  if (bytes.empty()) return;
  Piece piece{std::move(owner), bytes};
  if (empty()) {
    front_ = std::move(piece);
  } else {
    if (behind_.capacity() == 0) behind_.reserve(first_capacity);
    behind_.push_back(std::move(piece));
  }
  bytes_ += bytes.size();
}

void Outbox::consume(std::size_t count) {
  bytes_ -= count;
  if (bytes_ == 0) return clear();
  while (count >= front_.bytes.size()) {
    count -= front_.bytes.size();
    advance();
  }
  front_.bytes.remove_prefix(count);
}

// To the next piece, which there is. A client that always has something waiting must not make the
// list of what has left grow.
void Outbox::advance() {
  front_ = std::move(behind_[next_++]);
  if (next_ < left_pieces_to_keep || next_ < behind_.size() / 2) return;
  behind_.erase(behind_.begin(), behind_.begin() + static_cast<std::ptrdiff_t>(next_));
  next_ = 0;
}

void Outbox::clear() {
  front_ = {};
  engineio::detail::free_memory(behind_);
  next_ = 0;
  bytes_ = 0;
}

Outbox::Progress Outbox::write_to(int socket) {
  while (!empty()) {
    std::array<iovec, pieces_per_write> vectors;
    const std::size_t count = std::min(1 + behind_.size() - next_, vectors.size());
    std::size_t offered = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string_view bytes = i == 0 ? front_.bytes : behind_[next_ + i - 1].bytes;
      vectors[i] = {const_cast<char*>(bytes.data()), bytes.size()};
      offered += bytes.size();
    }
    const ssize_t sent = send_pieces(socket, std::span(vectors).first(count));
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0)
      return errno == EAGAIN || errno == EWOULDBLOCK ? Progress::blocked : Progress::failed;
    consume(static_cast<std::size_t>(sent));
    if (static_cast<std::size_t>(sent) < offered) return Progress::blocked;
  }
  return Progress::emptied;
}

}  // namespace engineio::transports
