#include "engineio/session_fsm.hpp"

namespace engineio {

SessionFsm::Actions SessionFsm::open() {
  if (state_ != State::opening) return {};
  state_ = State::open;
  return {SendOpen{}, ArmHeartbeat{timing_.ping_interval}};
}

SessionFsm::Actions SessionFsm::packet(PacketType type) {
  if (state_ != State::open) return {};
  Actions out;
  if (type == PacketType::pong) {
    pong(out);
    return out;
  }
  // Data instead of the pong shows that the client lives, but only once per ping: it can't put the
  // end off for ever.
  if (awaiting_pong_ && !extended_) {
    extended_ = true;
    out.push_back(ArmHeartbeat{timing_.ping_timeout});
  }
  if (type == PacketType::message) out.push_back(Deliver{});
  // EIO4 turned the heartbeat round: pings are the server's.
  if (type == PacketType::ping)
    return end(CloseReason::transport_error, "invalid heartbeat direction");
  return out;
}

void SessionFsm::pong(Actions& out) {
  awaiting_pong_ = false;
  out.push_back(ArmHeartbeat{timing_.ping_interval});
}

SessionFsm::Actions SessionFsm::malformed_packet() {
  if (state_ != State::open) return {};
  return end(CloseReason::parse_error);
}

SessionFsm::Actions SessionFsm::heartbeat_deadline() {
  if (state_ != State::open) return {};
  if (awaiting_pong_) return end(CloseReason::ping_timeout);
  awaiting_pong_ = true;
  extended_ = false;
  return {SendPing{}, ArmHeartbeat{timing_.ping_timeout}};
}

SessionFsm::Actions SessionFsm::candidate_offered() {
  if (state_ != State::open || upgrade_ != Upgrade::none) return {};
  upgrade_ = Upgrade::offered;
  return {ArmUpgrade{timing_.upgrade_timeout}};
}

SessionFsm::Actions SessionFsm::candidate_packet(const Packet& packet) {
  if (!upgrading() || state_ == State::closed) return {};
  if (packet.type == PacketType::ping && packet.data == "probe") {
    const bool first = upgrade_ == Upgrade::offered;
    upgrade_ = Upgrade::probed;
    if (!first) return {SendProbeReply{}};
    return {SendProbeReply{}, ReleasePoll{}, ArmPollCheck{poll_check_interval}};
  }
  if (packet.type != PacketType::upgrade) return drop_candidate();
  upgrade_ = Upgrade::done;
  Actions out{CancelUpgrade{}, SwitchTransport{}};
  // What was queued before the close leaves on the new transport: the client asks for it there.
  if (state_ == State::closing) {
    out.push_back(CloseTransport{});
    return out;
  }
  // A pong that is still owed gets a whole timeout on the new transport; without one a client could
  // live silently.
  if (awaiting_pong_) out.push_back(ArmHeartbeat{timing_.ping_timeout});
  return out;
}

SessionFsm::Actions SessionFsm::candidate_lost() { return drop_candidate(); }

SessionFsm::Actions SessionFsm::upgrade_deadline() { return drop_candidate(); }

SessionFsm::Actions SessionFsm::drop_candidate() {
  if (!upgrading() || state_ == State::closed) return {};
  upgrade_ = Upgrade::none;
  return {CancelUpgrade{}, DropCandidate{}};
}

SessionFsm::Actions SessionFsm::poll_check_deadline() {
  if (upgrade_ != Upgrade::probed || state_ == State::closed) return {};
  return {ReleasePoll{}, ArmPollCheck{poll_check_interval}};
}

SessionFsm::Actions SessionFsm::transport_lost(CloseReason reason, std::string_view description) {
  if (state_ == State::closed) return {};
  return end(reason, description);
}

SessionFsm::Actions SessionFsm::close() {
  if (state_ != State::open) return {};
  state_ = State::closing;
  return {CloseTransport{}};
}

SessionFsm::Actions SessionFsm::close_now() {
  if (state_ == State::closed) return {};
  return end(CloseReason::forced_close);
}

SessionFsm::Actions SessionFsm::end(CloseReason reason, std::string_view description) {
  state_ = State::closed;
  return {Close{reason, description}};
}

}  // namespace engineio
