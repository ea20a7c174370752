#include "engineio/session.hpp"

#include <iterator>
#include <utility>

#include "engineio/detail/free_memory.hpp"
#include "engineio/detail/overloaded.hpp"
#include "engineio/detail/prefetch.hpp"
#include "engineio/engine.hpp"
#include "engineio/handshake.hpp"

namespace engineio {
namespace {

constexpr std::size_t queue_capacity_to_keep = 8;

// What a small packet takes in memory while it waits, beside its bytes: counted too, or a client
// that asks for many small ones and fetches none would hold 30 times its limit.
constexpr std::size_t bytes_beside_a_packet = 128;

const Block& ping_packet() {
  static const Block block = Block::copy_of("2");
  return block;
}

const Block& probe_reply() {
  static const Block block = Block::copy_of("3probe");
  return block;
}

}  // namespace

Session::Session(Engine& engine, std::string id, std::shared_ptr<const Request> request)
    : engine_(engine),
      loop_(engine.loop()),
      options_(engine.options()),
      fsm_({options_.ping_interval, options_.ping_timeout, options_.upgrade_timeout}),
      id_(std::move(id)),
      request_(std::move(request)) {}

Session::~Session() = default;

void Session::open(std::unique_ptr<Transport> transport, std::unique_ptr<SessionHandler> handler) {
  transport_ = std::move(transport);
  kind_ = transport_->kind();
  handler_ = std::move(handler);
  lay_trail();
  carry_out(fsm_.open());
  handler_->on_open();
}

bool Session::offer_upgrade(std::unique_ptr<Transport> candidate) {
  const SessionFsm::Actions actions =
      kind_ == TransportKind::polling ? fsm_.candidate_offered() : SessionFsm::Actions{};
  if (actions.empty()) return false;
  candidate_ = std::move(candidate);
  carry_out(actions);
  return true;
}

void Session::send(Block packet) { send({&packet, 1}); }

void Session::send(std::span<const Block> packets) {
  if (!takes_packets()) return;
  if (events_ && !tell_created(packets)) return;
  if (queue_.empty() && transport_->gathers() && !events_) {
    give_to_transport(packets);
  } else {
    for (const Block& packet : packets) {
      queued_bytes_ += packet.size();
      queue_.push_back(packet);
    }
    loop_.at_end_of_turn(*this);
  }
  const std::size_t held = buffered_bytes() + queue_.size() * bytes_beside_a_packet;
  if (held > options_.limits.send_queue_hard_bytes) close_over_hard_mark();
}

void Session::send(Block packet, std::function<void()> sent) {
  if (!takes_packets()) return;
  send({&packet, 1});
  if (!takes_packets()) return;
  if (!queue_.empty()) return callbacks_queued_.push_back(std::move(sent));
  callbacks_sent_.push_back(std::move(sent));
  await_drain();
}

void Session::give_to_transport(std::span<const Block> packets) {
  transport_->send(packets);
  if (!handler_) return;  // a callback of that has closed the session
  const bool told_anyhow = kind_ == TransportKind::polling;
  if (told_anyhow || events_ || handler_->wants_drain()) await_drain();
}

void Session::await_drain() {
  awaiting_drain_ = true;
  transport_->tell_drained();
}

bool Session::takes_packets() const noexcept {
  return fsm_.state() == SessionFsm::State::open && !over_hard_mark_;
}

// The caller may be in the middle of a broadcast: the close itself waits for the end of the turn.
void Session::close_over_hard_mark() {
  over_hard_mark_ = true;
  queue_.clear();
  queued_bytes_ = 0;
  loop_.at_end_of_turn(*this);
}

bool Session::writable() const noexcept {
  return fsm_.state() == SessionFsm::State::open && transport_ && queue_.empty() &&
         transport_->writable();
}

void Session::prefetch() const noexcept {
  detail::prefetch(this);
  if (transport_) transport_->prefetch();
}

std::size_t Session::buffered_bytes() const noexcept {
  return queued_bytes_ + (transport_ ? transport_->unsent_bytes() : 0);
}

void Session::close() { carry_out(fsm_.close()); }

void Session::close_now() { carry_out(fsm_.close_now()); }

void Session::fail(std::string_view description) {
  carry_out(fsm_.transport_lost(CloseReason::transport_error, description));
}

void Session::end_of_turn() {
  if (over_hard_mark_) return fail("send queue limit");
  flush();
}

void Session::flush() {
  if (queue_.empty() || !transport_) return;
  if (!transport_->writable()) return transport_->tell_drained();
  if (events_ && !tell_flush()) return;
  // Out of reach of the application's callbacks, which may send more, or close.
  std::vector<Block> batch = std::exchange(queue_, {});
  queued_bytes_ = 0;
  const bool awaited = !callbacks_queued_.empty();
  std::move(callbacks_queued_.begin(), callbacks_queued_.end(),
            std::back_inserter(callbacks_sent_));
  callbacks_queued_.clear();
  give_to_transport(batch);
  if (awaited && transport_) await_drain();
  if (!queue_.empty() || batch.capacity() > queue_capacity_to_keep) return;
  batch.clear();
  queue_ = std::move(batch);
}

void Session::on_packet(Transport& from, const Packet& packet) {
  if (over_packet_rate()) return fail("packet rate limit");
  if (&from == candidate_.get()) {
    carry_out(fsm_.candidate_packet(packet));
    // Of what a candidate may send, only a probe leaves it where it is.
    if (events_ && fsm_.upgrading()) events_->upgrading.tell(options_.log);
    return;
  }
  if (&from != transport_.get()) return;
  if (events_) tell_packet(packet);
  carry_out(fsm_.packet(packet.type), &packet);
}

void Session::deliver(const Packet& packet) {
  if (packet.binary) {
    handler_->on_binary(packet.binary);
  } else {
    handler_->on_text(packet.data);
  }
}

bool Session::over_packet_rate() {
  const std::size_t limit = options_.limits.packets_per_second;
  return limit != 0 && !packet_rate_.admit(loop_.now(), limit);
}

SessionEvents* Session::events() {
  if (fsm_.state() == SessionFsm::State::closed) return nullptr;
  if (!events_) events_ = std::make_unique<SessionEvents>();
  if (transport_ && transport_->unsent_bytes() > 0) await_drain();  // of what was sent before
  return events_.get();
}

void Session::tell_packet(const Packet& packet) {
  if (fsm_.state() != SessionFsm::State::open) return;
  events_->packet.tell(options_.log, packet);
  if (events_ && packet.type == PacketType::pong) events_->heartbeat.tell(options_.log);
}

// False: a listener ended it all.
bool Session::tell_created(std::span<const Block> packets) {
  if (events_->packet_create.empty()) return true;
  for (const Block& packet : packets) {
    if (events_) events_->packet_create.tell(options_.log, packet_of(packet));
  }
  return takes_packets();
}

// The same. A listener may also send more, which leaves with the rest.
bool Session::tell_flush() {
  if (events_->flush.empty()) return true;
  const std::vector<Block> batch = queue_;
  std::vector<Packet> packets;
  packets.reserve(batch.size());
  for (const Block& block : batch) packets.push_back(packet_of(block));
  events_->flush.tell(options_.log, packets);
  return transport_ && transport_->writable() && !queue_.empty();
}

void Session::on_malformed_packet(Transport& from) {
  if (&from == candidate_.get()) return carry_out(fsm_.candidate_lost());
  if (&from == transport_.get()) carry_out(fsm_.malformed_packet());
}

void Session::on_drained(Transport& from) {
  if (&from != transport_.get()) return;
  if (std::exchange(awaiting_drain_, false)) on_sent();
  if (fsm_.state() == SessionFsm::State::closing) return close_transport();
  if (!queue_.empty()) loop_.at_end_of_turn(*this);
}

void Session::on_sent() {
  if (over_hard_mark_) return;  // some of it was dropped
  for (const auto& sent : std::exchange(callbacks_sent_, {})) call_guarded(options_.log, sent);
  if (!handler_ || !queue_.empty()) return;
  handler_->on_drain();
  if (events_) events_->drain.tell(options_.log);
}

void Session::on_close_sent(Transport& from) {
  if (&from == transport_.get()) close_now();
}

void Session::on_failed(Transport& from, std::string_view description) {
  if (&from == candidate_.get()) return carry_out(fsm_.candidate_lost());
  if (&from == transport_.get())
    carry_out(fsm_.transport_lost(CloseReason::transport_error, description));
}

void Session::on_closed(Transport& from) {
  if (&from == candidate_.get()) return carry_out(fsm_.candidate_lost());
  if (&from == transport_.get()) carry_out(fsm_.transport_lost(CloseReason::transport_close));
}

void Session::carry_out(const SessionFsm::Actions& actions, const Packet* packet) {
  using Fsm = SessionFsm;
  for (const Fsm::Action& action : actions) {
    boost::variant2::visit(
        detail::Overloaded{
            [&](Fsm::SendOpen) {
              send(open_packet(*this));
              if (!options_.initial_packet.empty())
                send(Block::copy_of('4' + options_.initial_packet));
            },
            [&](Fsm::SendPing) { send(ping_packet()); },
            [&](Fsm::SendProbeReply) {
              candidate_->send({&probe_reply(), 1});
            },
            [&](Fsm::ReleasePoll) { transport_->release_poll(); },
            [&](Fsm::SwitchTransport) { switch_transport(); },
            [&](Fsm::DropCandidate) { drop_candidate(); },
            [&](Fsm::Deliver) { deliver(*packet); },
            [&](Fsm::ArmHeartbeat arm) { loop_.arm(heartbeat_, arm.after); },
            [&](Fsm::ArmUpgrade arm) { loop_.arm(upgrade_, arm.after); },
            [&](Fsm::ArmPollCheck arm) { loop_.arm(poll_check_, arm.after); },
            [&](Fsm::CancelUpgrade) {
              upgrade_.cancel();
              poll_check_.cancel();
            },
            [&](Fsm::CloseTransport) { close_transport(); },
            [&](const Fsm::Close& close) { finish(close.reason, close.description); },
        },
        action);
  }
}

void Session::switch_transport() {
  std::shared_ptr<Transport> polling = std::move(transport_);
  transport_ = std::move(candidate_);
  kind_ = transport_->kind();
  lay_trail();
  polling->close();
  loop_.keep_until_end_of_turn(std::move(polling));  // a call of its own may have led here
  if (!handler_) return;                             // closed by the headers of a poll's answer
  if (awaiting_drain_) await_drain();                // the polling transport tells no more
  if (!queue_.empty()) loop_.at_end_of_turn(*this);
  handler_->on_upgrade();
  if (events_) events_->upgrade.tell(options_.log);
}

void Session::set_receiver(const void* receiver) {
  receiver_ = receiver;
  lay_trail();
}

void Session::lay_trail() {
  if (transport_) transport_->set_trail({this, handler_.get(), receiver_});
}

void Session::drop_candidate() {
  if (!candidate_) return;
  std::shared_ptr<Transport> candidate = std::move(candidate_);
  candidate->close();
  loop_.keep_until_end_of_turn(std::move(candidate));
}

void Session::close_transport() {
  if (!transport_) return;  // it has ended meanwhile
  heartbeat_.cancel();
  if (!close_.armed()) loop_.arm(close_, options_.limits.close_timeout);
  flush();
  if (transport_ && queue_.empty() && transport_->close()) close_now();
}

void Session::finish(CloseReason reason, std::string_view description) {
  const auto self = shared_from_this();
  loop_.keep_until_end_of_turn(self);
  for (Deadline* deadline :
       {static_cast<Deadline*>(&heartbeat_), static_cast<Deadline*>(&upgrade_),
        static_cast<Deadline*>(&poll_check_), static_cast<Deadline*>(&close_)}) {
    deadline->cancel();
  }
  detail::free_memory(queue_);
  detail::free_memory(callbacks_queued_);
  detail::free_memory(callbacks_sent_);
  queued_bytes_ = 0;
  drop_candidate();
  if (transport_) {
    std::shared_ptr<Transport> transport = std::move(transport_);
    transport->close();
    loop_.keep_until_end_of_turn(std::move(transport));
  }
  engine_.remove(id_);
  std::shared_ptr<SessionEvents> events = std::move(events_);
  if (std::shared_ptr<SessionHandler> handler = std::move(handler_)) {
    handler->on_close(reason, description);
    loop_.keep_until_end_of_turn(std::move(handler));
  }
  if (!events) return;
  events->close.tell(options_.log, reason, description);
  loop_.keep_until_end_of_turn(std::move(events));  // one of its listeners may have led here
}

void Session::on_heartbeat_deadline() { carry_out(fsm_.heartbeat_deadline()); }

void Session::on_upgrade_deadline() { carry_out(fsm_.upgrade_deadline()); }

void Session::on_poll_check_deadline() { carry_out(fsm_.poll_check_deadline()); }

void Session::on_close_deadline() { close_now(); }

}  // namespace engineio
