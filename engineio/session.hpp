#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engineio/block.hpp"
#include "engineio/close_reason.hpp"
#include "engineio/loop.hpp"
#include "engineio/options.hpp"
#include "engineio/rate_window.hpp"
#include "engineio/session_events.hpp"
#include "engineio/session_fsm.hpp"
#include "engineio/session_handler.hpp"
#include "engineio/transport.hpp"

namespace engineio {

class Engine;

/// One client, from its handshake to its close, over whatever transport carries it.
///
/// Life: the Engine creates it when a handshake was admitted; `open` sends the open packet and asks
/// for the handler; then packets flow; a WebSocket may take the place of polling (`offer_upgrade`);
/// one close ends it. SessionFsm makes the decisions, this class carries them out.
///
/// Owner: the Engine's registry, until the close. Holders of a shared_ptr keep memory, never the
/// connection. Threads: everything on the home loop's thread.
class Session final : public std::enable_shared_from_this<Session>,
                      private TransportSink,
                      private TurnTask {
 public:
  Session(Engine& engine, std::string id, std::shared_ptr<const Request> request);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() override;

  /// 20 characters of the base64url alphabet unless the application makes its own ids.
  const std::string& id() const noexcept { return id_; }
  /// The request that opened the session.
  const Request& request() const noexcept { return *request_; }
  const std::shared_ptr<const Request>& shared_request() const noexcept { return request_; }
  Loop& loop() noexcept { return loop_; }
  const Options& options() const noexcept { return options_; }
  SessionFsm::State state() const noexcept { return fsm_.state(); }
  /// The transport in use; after an upgrade `websocket`.
  TransportKind transport_kind() const noexcept { return kind_; }
  /// The transport in use; null after the close.
  Transport* transport() noexcept { return transport_.get(); }

  /// Sends one packet: it leaves at the end of the loop's turn, or with the next poll. A text block
  /// is a complete packet (`4…` for a message), a binary block a message. Dropped without a word
  /// when the session is closing or closed. Over Limits::send_queue_hard_bytes the session is
  /// closed at the end of the turn.
  void send(Block packet);
  /// The same for packets that belong together: nothing comes between them.
  void send(std::span<const Block> packets);
  /// The same for one packet; `sent` is called once it has been handed to the network, in the order
  /// of the sends, and never if the session ends first.
  void send(Block packet, std::function<void()> sent);
  /// True when a packet sent now leaves at once: nothing is queued, and the transport has nothing
  /// unsent, and a poll if that takes one. What is volatile is dropped otherwise.
  bool writable() const noexcept;
  /// Has the memory fetched that `send` will touch, before it is sent to many: see
  /// detail::prefetch.
  void prefetch() const noexcept;
  /// For the handler: the object that most of this client's packets touch next, or null; its memory
  /// is fetched ahead. It is not read, and may be gone.
  void set_receiver(const void* receiver);
  /// Somebody listens to what is sent, and might close the session for it.
  bool has_listeners() const noexcept { return events_ != nullptr; }
  /// Bytes that were sent and have not left this process.
  std::size_t buffered_bytes() const noexcept;

  /// For those who listen beside the handler; made at the first call. Null after the close: nothing
  /// is to come.
  SessionEvents* events();

  /// Closes after what is queued was handed over: reason `forced close`. Over polling without a
  /// pending poll the session ends with the next one, or after Limits::close_timeout.
  void close();
  /// Closes at once; what is queued is lost, but for what a WebSocket has taken in this turn.
  void close_now();
  /// Closes at once with reason `transport error` and this description: for a client that broke a
  /// rule.
  void fail(std::string_view description);

  /// For transports: starts the session on its first transport.
  void open(std::unique_ptr<Transport> transport, std::unique_ptr<SessionHandler> handler);
  /// For transports: a WebSocket that names this session. False: the session can't use it, the
  /// caller closes it.
  bool offer_upgrade(std::unique_ptr<Transport> candidate);
  /// For transports: where they report to.
  TransportSink& sink() noexcept { return *this; }
  /// The long-polling transport while it is the one in use, else null.
  Transport* polling() noexcept {
    return kind_ == TransportKind::polling ? transport_.get() : nullptr;
  }

 private:
  void on_packet(Transport& from, const Packet& packet) override;
  void on_malformed_packet(Transport& from) override;
  void on_drained(Transport& from) override;
  void on_close_sent(Transport& from) override;
  void on_failed(Transport& from, std::string_view description) override;
  void on_closed(Transport& from) override;
  void end_of_turn() override;

  /// `packet`: what a Deliver means.
  void carry_out(const SessionFsm::Actions& actions, const Packet* packet = nullptr);
  void deliver(const Packet& packet);
  void flush();
  void give_to_transport(std::span<const Block> packets);
  void await_drain();
  void close_over_hard_mark();
  void switch_transport();
  void lay_trail();
  void drop_candidate();
  void close_transport();
  void finish(CloseReason reason, std::string_view description);
  void on_sent();
  void tell_packet(const Packet& packet);
  bool tell_created(std::span<const Block> packets);
  bool tell_flush();
  void on_heartbeat_deadline();
  void on_upgrade_deadline();
  void on_poll_check_deadline();
  void on_close_deadline();
  bool over_packet_rate();
  bool takes_packets() const noexcept;

  // What a message touches stands together and first: with thousands of clients each line of memory
  // is fetched anew.
  Engine& engine_;
  Loop& loop_;
  const Options& options_;
  SessionFsm fsm_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Transport> candidate_;
  std::unique_ptr<SessionHandler> handler_;
  std::unique_ptr<SessionEvents> events_;  // null: nobody listens
  std::vector<Block> queue_;               // while the transport takes nothing
  std::size_t queued_bytes_ = 0;
  TransportKind kind_ = TransportKind::polling;
  bool over_hard_mark_ = false;  // of the send queue: the session ends with this turn
  bool awaiting_drain_ = false;  // somebody waits for what was sent to leave
  std::string id_;
  std::shared_ptr<const Request> request_;
  const void* receiver_ = nullptr;
  std::vector<std::function<void()>> callbacks_queued_;  // of packets in queue_
  std::vector<std::function<void()>> callbacks_sent_;    // of packets that the transport has
  MemberDeadline<Session, &Session::on_heartbeat_deadline> heartbeat_{*this};
  MemberDeadline<Session, &Session::on_upgrade_deadline> upgrade_{*this};
  MemberDeadline<Session, &Session::on_poll_check_deadline> poll_check_{*this};
  MemberDeadline<Session, &Session::on_close_deadline> close_{*this};
  RateWindow packet_rate_;
};

}  // namespace engineio
