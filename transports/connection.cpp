#include "transports/connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <string>
#include <utility>

#include "engineio/detail/free_memory.hpp"
#include "engineio/detail/prefetch.hpp"

namespace engineio::transports {
namespace {

// How long a closed connection still takes in what the peer had under way: closing at once would
// reset it, and the peer could lose the answer it has not read yet.
constexpr Duration linger_timeout = std::chrono::seconds(2);

constexpr std::size_t record_bytes = 16 * 1024;
constexpr std::size_t ciphertext_per_write = 4 * record_bytes;
constexpr std::size_t copied_when_held = 4 * 1024;

}  // namespace

Connection::Connection(IoLoop& io, int socket, Peer peer, const TlsContext* tls,
                       std::shared_ptr<const void> admission)
    : io_(&io), socket_(socket), peer_(std::move(peer)), admission_(std::move(admission)) {
  if (tls) tls_ = std::make_unique<TlsCodec>(*tls);
}

Connection::~Connection() {
  if (socket_ >= 0) ::close(socket_);  // was under way between two loops
}

void Connection::start(std::unique_ptr<Stage> stage) {
  stage_ = std::move(stage);
  self_ = shared_from_this();
  io_->connections.push_back(*this);
  io_->poller.add(socket_, *this, interest_);
  if (tls_) return arm(io_->engine.options().limits.tls_handshake_timeout);
  stage_->on_start();
}

void Connection::replace_stage(std::unique_ptr<Stage> stage) {
  disarm();
  std::shared_ptr<Stage> previous = std::exchange(stage_, std::move(stage));
  loop().keep_until_end_of_turn(std::move(previous));
  stage_->on_start();
  resume();
}

void Connection::write(Block owner, std::string_view bytes) {
  if (!open()) return;
  outbox_.push(std::move(owner), bytes);
  loop().at_end_of_turn(*this);
}

void Connection::tell_drained() {
  tell_drained_ = true;
  if (!blocked_ && open()) loop().at_end_of_turn(*this);
}

void Connection::close_when_written() {
  if (!open()) return;
  engineio::detail::free_memory(held_);
  held_from_ = 0;
  end_stage();
  arm(io_->engine.options().limits.close_timeout);
  loop().at_end_of_turn(*this);
}

void Connection::abort() {
  if (phase_ == Phase::closed) return;
  end_stage();
  release();
}

void Connection::shut_down() {
  if (handshaking()) return abort();
  if (stage_) stage_->on_shutdown();
}

void Connection::arm(Duration after) {
  armed_for_ = after;
  loop().arm(deadline_, after);
}

void Connection::resume() {
  if (held_bytes() > 0 && !moving_to_) resume_later();
}

void Connection::resume_later() {
  if (resume_posted_) return;
  resume_posted_ = true;
  loop().post([self = shared_from_this()] {
    self->resume_posted_ = false;
    if (!self->open() || self->moving_to_) return;
    self->feed({});
    self->settle_end();
  });
}

void Connection::move_to(IoLoop& target, std::function<void()> arrived) {
  moving_to_ = &target;
  arrived_ = std::move(arrived);
  loop().at_end_of_turn(*this);
}

void Connection::on_ready(Ready ready) {
  const auto self = shared_from_this();
  if (ready.write) flush();
  if (phase_ == Phase::closed || moving_to_) return;
  const bool ended = ready.peer_closed || ready.broken;
  if (ready.read && may_read()) return read(ended);
  // A peer that has closed its side only may still be reading what we are blocked with.
  if (ready.broken || (ended && !blocked_)) peer_gone();
}

void Connection::fetch_ahead() const noexcept {
  using engineio::detail::prefetch;
  prefetch(stage_.get());
  prefetch(transport_, 64);
  prefetch(trail_.session);
  prefetch(trail_.handler);
  prefetch(trail_.receiver, 128);
}

bool Connection::may_read() const noexcept {
  return phase_ == Phase::lingering ||
         (!blocked_ && held_bytes() <= io_->engine.options().limits.pipelined_bytes);
}

// We are told once. If the read filled the buffer there may be more, and after the last bytes the
// end is still to be read: ask again.
void Connection::read(bool ended) {
  const ssize_t count =
      ::recv(socket_, io_->read_buffer.data(), io_->read_buffer.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
  if (count < 0 && errno == EINTR) return ask_again();
  if (count == 0) return peer_closed();
  if (count < 0) return peer_gone();
  const auto size = static_cast<std::size_t>(count);
  const bool more = ended || size == io_->read_buffer.size();
  if (open()) take_in({io_->read_buffer.data(), size});  // else thrown away
  if (more) ask_again();
}

// It may still be reading: what was written in this turn leaves first.
void Connection::peer_closed() {
  const bool has_output = open() && !resume_posted_ && unsent_bytes() > 0;
  if (!has_output && phase_ != Phase::closing) return peer_gone();
  close_when_written();
  end_waits_ = true;
}

void Connection::peer_gone() {
  if (open() && resume_posted_) {
    end_waits_ = true;
    return;
  }
  if (io_->departures.at_once(*this, io_->poller.round())) return abort();
  io_->poller.remove(socket_, *this);  // it would be told of again and again
}

// Once the stage has taken in what came before the end, or is stuck with it.
void Connection::settle_end() {
  if (!open() || resume_posted_ || moving_to_) return;
  if (tls_ && tls_->state() == TlsCodec::State::closed) return close_when_written();
  if (std::exchange(end_waits_, false)) ask_again();
}

void Connection::take_in(std::span<char> bytes) {
  if (tls_) return decrypt(bytes);
  feed(bytes);
}

void Connection::decrypt(std::span<const char> bytes) {
  std::array<char, 32 * 1024>& room = io_->plaintext_buffer;
  TlsCodec::Read done;
  do {
    const bool was_handshaking = handshaking();
    done = tls_->read(bytes, room);
    bytes = bytes.subspan(done.used);
    if (was_handshaking && !handshaking() && open()) {
      disarm();
      stage_->on_start();
    }
    if (done.produced > 0 && open()) feed(std::span(room).first(done.produced));
  } while (open() && (!bytes.empty() || done.produced == room.size()));
  if (!tls_->output().empty()) loop().at_end_of_turn(*this);
  if (tls_->state() == TlsCodec::State::failed) {
    io_->log_some(io_->refused_connection_lines, LogLevel::info,
                  "TLS with " + peer_.address + " failed: " + std::string(tls_->fault()));
    close_when_written();
  }
  settle_end();
}

void Connection::feed(std::span<char> bytes) {
  std::string waiting;  // out of reach of a stage that closes the connection
  if (held_bytes() > 0) {
    waiting = std::exchange(held_, {});
    waiting.append(bytes.data(), bytes.size());
    bytes = std::span(waiting).subspan(std::exchange(held_from_, 0));
  }
  while (!bytes.empty() && open() && !moving_to_ && !resume_posted_) {
    const Stage* stage = stage_.get();
    const std::size_t taken = stage_->on_bytes(bytes);
    bytes = bytes.subspan(taken);
    if (taken == 0 && stage_.get() == stage) break;
  }
  if (open() && !bytes.empty()) hold(std::move(waiting), bytes);
  update_interest();
}

// Keeps the rest of what was fed: in place if it was held before, so that a flood that is taken in
// small bites is not copied for each of them.
void Connection::hold(std::string waiting, std::span<const char> rest) {
  if (waiting.size() < 2 * rest.size() || waiting.size() < copied_when_held) {
    held_from_ = waiting.empty() ? 0 : waiting.size() - rest.size();
    held_ = waiting.empty() ? std::string(rest.data(), rest.size()) : std::move(waiting);
  } else {
    held_.assign(rest.data(), rest.size());
  }
}

void Connection::end_of_turn() {
  if (phase_ == Phase::closed) return;
  flush();  // whatever it ends, this object lives until the turn is over
  if (moving_to_ && phase_ != Phase::closed) depart();
}

void Connection::flush() {
  if (phase_ == Phase::lingering || phase_ == Phase::closed) return;
  const Outbox::Progress progress = write_out();
  if (progress == Outbox::Progress::failed) return abort();
  blocked_ = progress == Outbox::Progress::blocked;
  if (phase_ == Phase::closing)
    blocked_ ? arm(io_->engine.options().limits.close_timeout) : begin_linger();
  update_interest();
  if (!blocked_ && open() && std::exchange(tell_drained_, false)) stage_->on_drained();
}

Outbox::Progress Connection::write_out() {
  return tls_ ? write_out_tls() : outbox_.write_to(socket_);
}

Outbox::Progress Connection::write_out_tls() {
  for (;;) {
    while (!outbox_.empty() && tls_->output().size() < ciphertext_per_write && !handshaking()) {
      if (!encrypt_some()) return Outbox::Progress::failed;
    }
    while (!tls_->output().empty()) {
      const std::string_view output = tls_->output();
      const ssize_t sent =
          ::send(socket_, output.data(), output.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) {
        return errno == EAGAIN || errno == EWOULDBLOCK ? Outbox::Progress::blocked
                                                       : Outbox::Progress::failed;
      }
      tls_->output_sent(static_cast<std::size_t>(sent));
    }
    if (outbox_.empty() || handshaking()) break;
  }
  return Outbox::Progress::emptied;
}

// One TLS record's worth: small pieces are joined, since each record costs some 30 bytes and a call
// of its own.
bool Connection::encrypt_some() {
  if (outbox_.front().size() >= record_bytes || outbox_.bytes() == outbox_.front().size()) {
    const std::string_view piece = outbox_.front().substr(0, record_bytes);
    const std::size_t count = piece.size();
    const bool encrypted = tls_->write(piece);
    outbox_.consume(count);
    return encrypted;
  }
  std::array<char, record_bytes> joined;
  std::size_t size = 0;
  while (!outbox_.empty() && size < joined.size()) {
    const std::string_view piece = outbox_.front().substr(0, joined.size() - size);
    size += piece.copy(joined.data() + size, piece.size());
    outbox_.consume(piece.size());
  }
  return tls_->write({joined.data(), size});
}

void Connection::update_interest() {
  if (phase_ == Phase::closed || moving_to_) return;
  const Poller::Interest wanted{.read = may_read(), .write = blocked_, .edge_triggered = true};
  if (wanted.read == interest_.read && wanted.write == interest_.write) return;
  interest_ = wanted;
  io_->poller.change(socket_, *this, interest_);
}

void Connection::ask_again() {
  if (phase_ != Phase::closed && !moving_to_) io_->poller.change(socket_, *this, interest_);
}

void Connection::begin_linger() {
  if (tls_) {
    tls_->shutdown();
    write_out_tls();
  }
  phase_ = Phase::lingering;
  ::shutdown(socket_, SHUT_WR);
  arm(linger_timeout);
  if (std::exchange(end_waits_, false)) ask_again();
}

void Connection::on_deadline() {
  const auto self = shared_from_this();
  if (!open() || handshaking()) return abort();
  stage_->on_deadline();
}

void Connection::end_stage() {
  if (open()) phase_ = Phase::closing;
  if (!stage_) return;
  std::shared_ptr<Stage> stage = std::move(stage_);
  loop().keep_until_end_of_turn(stage);  // it may be the caller
  stage->on_end();
}

void Connection::release() {
  io_->poller.remove(socket_, *this);
  ::close(std::exchange(socket_, -1));
  phase_ = Phase::closed;
  deadline_.cancel();
  IoLoop::ConnectionHook::unlink();
  io_->departures.forget(*this);
  outbox_.clear();
  admission_.reset();
  if (self_) loop().keep_until_end_of_turn(std::move(self_));
}

void Connection::depart() {
  io_->poller.remove(socket_, *this);
  IoLoop::ConnectionHook::unlink();
  io_->departures.forget(*this);  // the other loop hears of it, too
  const bool had_deadline = deadline_.armed();
  deadline_.cancel();
  TurnTask::unlink();
  IoLoop* target = std::exchange(moving_to_, nullptr);
  // Nothing of this connection is touched here any more: from now on it belongs to the other loop.
  target->loop.post([self = std::move(self_), target, had_deadline,
                     arrived = std::exchange(arrived_, nullptr)]() mutable {
    self->io_ = target;
    Connection& connection = *self;
    connection.self_ = std::move(self);
    connection.arrive(arrived, had_deadline);
  });
}

void Connection::arrive(const std::function<void()>& arrived, bool had_deadline) {
  const auto self = self_;
  io_->connections.push_back(*this);
  if (io_->stopping) return abort();
  interest_ = {.read = may_read(), .write = blocked_, .edge_triggered = true};
  try {
    io_->poller.add(socket_, *this, interest_);
  } catch (const std::exception& error) {  // the system watches no more sockets
    io_->engine.log(LogLevel::error, std::string("lost a connection: ") + error.what());
    return abort();
  }
  if (had_deadline) arm(armed_for_);  // begins anew: a request moves once
  arrived();
  if (unsent_bytes() > 0) loop().at_end_of_turn(*this);
  if (!open()) return;
  feed({});  // what came along, before the poller may tell of the connection's end
  settle_end();
}

}  // namespace engineio::transports
