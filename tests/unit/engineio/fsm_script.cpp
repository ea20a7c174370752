#include "tests/unit/engineio/fsm_script.hpp"

#include <algorithm>

#include "engineio/detail/overloaded.hpp"

namespace engineio {
namespace {

using Fsm = SessionFsm;

bool is_close(const std::string& action) { return action.starts_with("Close "); }

}  // namespace

std::string describe(const Fsm::Action& action) {
  return boost::variant2::visit(
      detail::Overloaded{[](Fsm::SendOpen) -> std::string { return "SendOpen"; },
                         [](Fsm::SendPing) -> std::string { return "SendPing"; },
                         [](Fsm::SendProbeReply) -> std::string { return "SendProbeReply"; },
                         [](Fsm::ReleasePoll) -> std::string { return "ReleasePoll"; },
                         [](Fsm::SwitchTransport) -> std::string { return "SwitchTransport"; },
                         [](Fsm::DropCandidate) -> std::string { return "DropCandidate"; },
                         [](Fsm::Deliver) -> std::string { return "Deliver"; },
                         [](Fsm::ArmHeartbeat) -> std::string { return "ArmHeartbeat"; },
                         [](Fsm::ArmUpgrade) -> std::string { return "ArmUpgrade"; },
                         [](Fsm::ArmPollCheck) -> std::string { return "ArmPollCheck"; },
                         [](Fsm::CancelUpgrade) -> std::string { return "CancelUpgrade"; },
                         [](Fsm::CloseTransport) -> std::string { return "CloseTransport"; },
                         [](const Fsm::Close& close) -> std::string {
                           return "Close " + std::string(to_string(close.reason)) + ": " +
                                  std::string(close.description);
                         }},
      action);
}

void FsmScript::Player::take(const Fsm::Actions& taken) {
  for (const Action& action : taken) {
    const std::string name = describe(action);
    if (name.starts_with("Arm") || name == "CancelUpgrade") {
      arm(action);
      continue;
    }
    actions.push_back(name);
    // As the session does it: a goodbye ends the heartbeat, the end ends everything.
    if (name == "CloseTransport" || is_close(name)) heartbeat_.reset();
    if (is_close(name)) upgrade_ = poll_check_ = std::nullopt;
  }
}

void FsmScript::Player::arm(const Action& action) {
  boost::variant2::visit(
      detail::Overloaded{[&](Fsm::ArmHeartbeat wait) { heartbeat_ = now_ + wait.after; },
                         [&](Fsm::ArmUpgrade wait) { upgrade_ = now_ + wait.after; },
                         [&](Fsm::ArmPollCheck wait) { poll_check_ = now_ + wait.after; },
                         [&](Fsm::CancelUpgrade) { upgrade_ = poll_check_ = std::nullopt; },
                         [](const auto&) {}},
      action);
}

void FsmScript::Player::wait_until(Duration time) {
  for (;;) {
    std::optional<Duration>* next = nullptr;
    for (std::optional<Duration>* one : {&heartbeat_, &upgrade_, &poll_check_}) {
      if (*one && **one <= time && (!next || **one < **next)) next = one;
    }
    if (!next) break;
    now_ = **next;
    next->reset();
    if (next == &heartbeat_) take(fsm.heartbeat_deadline());
    if (next == &upgrade_) take(fsm.upgrade_deadline());
    if (next == &poll_check_) take(fsm.poll_check_deadline());
  }
  now_ = time;
}

FsmScript& FsmScript::candidate_sends(std::string_view text) {
  return step([text](Fsm& fsm) { return fsm.candidate_packet(*decode_packet(text)); });
}

FsmScript& FsmScript::at(Duration since_start) {
  steps_.push_back({{}, since_start});
  player_.wait_until(since_start);
  return *this;
}

FsmScript& FsmScript::expect(std::initializer_list<Action> actions) {
  std::vector<std::string> wanted;
  for (const Action& action : actions) wanted.push_back(describe(action));
  const std::vector<std::string> done(
      player_.actions.begin() + static_cast<std::ptrdiff_t>(expected_), player_.actions.end());
  EXPECT_EQ(done, wanted) << "after step " << steps_.size();
  expected_ = player_.actions.size();
  return *this;
}

FsmScript& FsmScript::expect_state(Fsm::State state) {
  EXPECT_EQ(player_.fsm.state(), state);
  return *this;
}

FsmScript& FsmScript::stays_silent() {
  using namespace std::chrono_literals;
  EXPECT_FALSE(player_.is_waiting());
  open()
      .packet(PacketType::message)
      .packet(PacketType::ping)
      .packet(PacketType::pong)
      .malformed_packet();
  candidate_offered().candidate_sends("2probe").candidate_sends("5").candidate_lost();
  transport_lost(CloseReason::transport_error).close().close_now().at(24h);
  return expect_nothing();
}

FsmScript& FsmScript::survives_transport_loss_at_every_step() {
  const Event failures[] = {
      [](Fsm& fsm) { return fsm.transport_lost(CloseReason::transport_close); },
      [](Fsm& fsm) { return fsm.transport_lost(CloseReason::transport_error, "lost"); },
      [](Fsm& fsm) { return fsm.candidate_lost(); },
      [](Fsm& fsm) { return fsm.malformed_packet(); },
      [](Fsm& fsm) { return fsm.close(); },
      [](Fsm& fsm) { return fsm.close_now(); },
  };
  for (std::size_t before = 0; before <= steps_.size(); ++before) {
    for (const Event& failure : failures) rerun_with(failure, before);
  }
  return *this;
}

void FsmScript::rerun_with(const Event& failure, std::size_t before) const {
  Player player(timing_);
  for (std::size_t i = 0; i <= steps_.size(); ++i) {
    if (i == before) player.play(failure);
    if (i == steps_.size()) break;
    steps_[i].event ? player.play(steps_[i].event) : player.wait_until(steps_[i].until);
  }
  const auto end = std::find_if(player.actions.begin(), player.actions.end(), is_close);
  EXPECT_TRUE(end == player.actions.end() || end + 1 == player.actions.end())
      << *(end + 1) << " after " << *end << ", with a failure before step " << before;
  EXPECT_EQ(end != player.actions.end(), player.fsm.state() == Fsm::State::closed);
  // Whatever had happened, the loss of the transport is the end.
  player.play([](Fsm& fsm) { return fsm.transport_lost(CloseReason::transport_close); });
  EXPECT_EQ(player.fsm.state(), Fsm::State::closed);
  EXPECT_EQ(std::count_if(player.actions.begin(), player.actions.end(), is_close), 1);
}

}  // namespace engineio
