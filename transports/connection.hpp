#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engineio/block.hpp"
#include "engineio/detail/prefetch.hpp"
#include "engineio/loop.hpp"
#include "engineio/transport.hpp"
#include "transports/departures.hpp"
#include "transports/io_loop.hpp"
#include "transports/outbox.hpp"
#include "transports/poller.hpp"
#include "transports/stage.hpp"
#include "transports/tls.hpp"

namespace engineio::transports {

/// The other side of a TCP connection.
struct Peer {
  std::string address;
  std::uint16_t port = 0;
};

/// One TCP connection on one loop: the only class that reads and writes sockets.
///
/// When the socket is readable it reads once into the loop's shared buffer, through TLS if there is
/// any, and feeds the stage. What the stage writes gathers in the outbox, which leaves in one write
/// at the end of the loop's turn. While the socket takes no more, nothing is read either: whoever
/// doesn't read our answers is not heard.
///
/// Life: `start` makes it keep itself alive until it is closed, by `close_when_written`, `abort` or
/// the peer; then the stage's `on_end` is called, once. `move_to` takes it whole to another loop.
///
///     open --close_when_written--> closing --all has left--> lingering
///       |                             |                          |
///       `---------------- abort, or the peer is gone ------------+--> closed
class Connection final : public std::enable_shared_from_this<Connection>,
                         public IoLoop::ConnectionHook,
                         public DepartureHook,
                         private Poller::Handler,
                         private TurnTask {
 public:
  /// Takes over `socket`, a connected non-blocking descriptor. Null `tls`: plain TCP. `admission`
  /// lives as long as the connection is open: it counts against the limits.
  Connection(IoLoop& io, int socket, Peer peer, const TlsContext* tls,
             std::shared_ptr<const void> admission);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override;

  /// Begins with `stage`.
  void start(std::unique_ptr<Stage> stage);
  /// Goes on with `stage`, which gets the bytes that the present one has not taken. The present
  /// stage may be the caller; it lives until the end of the turn, without `on_end`.
  void replace_stage(std::unique_ptr<Stage> stage);

  IoLoop& io() noexcept { return *io_; }
  Loop& loop() noexcept { return io_->loop; }
  const Peer& peer() const noexcept { return peer_; }
  bool secure() const noexcept { return tls_ != nullptr; }
  bool open() const noexcept { return phase_ == Phase::open; }

  /// Appends to the outbox; ignored when the connection is closing. `owner` keeps `bytes` alive.
  void write(Block owner, std::string_view bytes);
  void write_static(std::string_view bytes) { write(Block(), bytes); }
  /// Has the memory fetched that `write` will touch.
  void prefetch() const noexcept { engineio::detail::prefetch(&io_); }
  /// Which memory, beside its own and the stage's, is fetched before anything is read: addresses
  /// only, nothing is read through them.
  void set_trail(const void* transport, const PacketTrail& trail) noexcept {
    transport_ = transport;
    trail_ = trail;
  }
  /// Asks for the stage's `on_drained` once everything written has been handed to the kernel: at
  /// the end of this turn, if nothing waits.
  void tell_drained();
  /// Bytes written that the kernel has not taken.
  std::size_t unsent_bytes() const noexcept {
    return outbox_.bytes() + (tls_ ? tls_->output().size() : 0);
  }
  /// The kernel took less than was written: reading rests until it has.
  bool blocked() const noexcept { return blocked_; }

  /// Closes in order when everything written has left; what still comes is thrown away. `on_end` is
  /// called at once.
  void close_when_written();
  /// Closes now.
  void abort();
  /// Tells the stage that the server closes.
  void shut_down();

  /// (Re)starts the stage's deadline. The TLS handshake before and the close after the stage have
  /// the same one.
  void arm(Duration after);
  void disarm() { deadline_.cancel(); }
  /// Gives the held bytes to the stage again, in a turn of its own; does nothing when none are
  /// held.
  void resume();
  /// The same from inside of on_bytes, for the bytes that it is about to leave.
  void resume_later();

  /// Takes the connection to another loop at the end of this turn; `arrived` is called there. Until
  /// then nothing is read.
  void move_to(IoLoop& target, std::function<void()> arrived);

 private:
  enum class Phase : std::uint8_t {
    open,       // the stage is fed
    closing,    // the stage has ended; what it wrote is still to leave
    lingering,  // our side is shut down, the peer's end is awaited
    closed,     // there is no socket any more
  };

  void on_ready(Ready ready) override;
  void fetch_ahead() const noexcept override;
  void end_of_turn() override;
  void on_deadline();

  void read(bool ended);
  void peer_closed();
  void peer_gone();
  void settle_end();
  void take_in(std::span<char> bytes);
  void decrypt(std::span<const char> bytes);
  bool handshaking() const noexcept {
    return tls_ && tls_->state() == TlsCodec::State::handshaking;
  }
  void feed(std::span<char> bytes);
  void hold(std::string waiting, std::span<const char> rest);
  std::size_t held_bytes() const noexcept { return held_.size() - held_from_; }
  void flush();
  Outbox::Progress write_out();
  Outbox::Progress write_out_tls();
  bool encrypt_some();
  void update_interest();
  void ask_again();
  bool may_read() const noexcept;
  void begin_linger();
  void end_stage();
  void release();
  void depart();
  void arrive(const std::function<void()>& arrived, bool had_deadline);

  // What a delivery touches stands together and first: with thousands of clients each line of
  // memory is fetched anew.
  IoLoop* io_;
  int socket_;
  Phase phase_ = Phase::open;
  bool blocked_ = false;
  bool tell_drained_ = false;
  bool resume_posted_ = false;
  bool end_waits_ = false;  // of the peer: for what came before it, or for what is still to leave
  Poller::Interest interest_{.edge_triggered = true};  // as the poller was told last
  IoLoop* moving_to_ = nullptr;
  std::unique_ptr<TlsCodec> tls_;
  Outbox outbox_;
  std::unique_ptr<Stage> stage_;
  const void* transport_ = nullptr;  // to be fetched ahead, as is the trail
  PacketTrail trail_;
  std::size_t held_from_ = 0;
  std::string held_;  // input that the stage could not take yet, from held_from_ on
  Peer peer_;
  std::shared_ptr<const void> admission_;
  std::shared_ptr<Connection> self_;
  std::function<void()> arrived_;
  Duration armed_for_{};  // what deadline_ was armed with last
  MemberDeadline<Connection, &Connection::on_deadline> deadline_{*this};
};

}  // namespace engineio::transports
