#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engineio/session_fsm.hpp"

namespace engineio {

/// An action in words, for comparison and for messages: "SendPing", "Close transport error: …".
std::string describe(const SessionFsm::Action& action);

/// Plays events to a SessionFsm on a clock of its own, and compares its actions with what is
/// expected. Deadlines are the script's business: it arms what the FSM asks for, fires it when the
/// time comes, and shows only the other actions.
///
///     FsmScript{opened_session(timing)}.at(25s).expect(SendPing{}).at(45s).expect(Close{…}).stays_silent()
///
/// Every step is kept, so that the script can be run again with a failure before each of its steps.
class FsmScript {
 public:
  using Action = SessionFsm::Action;
  explicit FsmScript(const SessionFsm::Timing& timing) : timing_(timing), player_(timing) {}

  FsmScript& open() { return step(&SessionFsm::open); }
  FsmScript& packet(PacketType type) {
    return step([type](SessionFsm& fsm) { return fsm.packet(type); });
  }
  FsmScript& malformed_packet() { return step(&SessionFsm::malformed_packet); }
  FsmScript& candidate_offered() { return step(&SessionFsm::candidate_offered); }
  /// A packet on the candidate, e.g. "2probe".
  FsmScript& candidate_sends(std::string_view text);
  FsmScript& candidate_lost() { return step(&SessionFsm::candidate_lost); }
  FsmScript& transport_lost(CloseReason reason, std::string_view description = {}) {
    return step([=](SessionFsm& fsm) { return fsm.transport_lost(reason, description); });
  }
  FsmScript& close() { return step(&SessionFsm::close); }
  FsmScript& close_now() { return step(&SessionFsm::close_now); }
  /// Lets time pass until `since_start`, and fires the deadlines on the way.
  FsmScript& at(Duration since_start);

  /// The actions since the last expectation, deadlines left out.
  FsmScript& expect(std::initializer_list<Action> actions);
  template <class... Actions>
  FsmScript& expect(Actions... actions) {
    return expect(std::initializer_list<Action>{Action(actions)...});
  }
  FsmScript& expect_nothing() { return expect(std::initializer_list<Action>{}); }
  FsmScript& expect_state(SessionFsm::State state);
  /// Whatever comes from now on, nothing is done any more.
  FsmScript& stays_silent();
  /// Runs the script again once for each step, with the transport lost (or the candidate, or the
  /// user closing) before it: at most one Close, and nothing after it.
  FsmScript& survives_transport_loss_at_every_step();

 private:
  using Event = std::function<SessionFsm::Actions(SessionFsm&)>;

  class Player {
   public:
    explicit Player(const SessionFsm::Timing& timing) : fsm(timing) {}
    void play(const Event& event) { take(event(fsm)); }
    void wait_until(Duration time);
    bool is_waiting() const { return heartbeat_ || upgrade_ || poll_check_; }

    SessionFsm fsm;
    std::vector<std::string> actions;  // all of them, deadlines left out

   private:
    void take(const SessionFsm::Actions& actions);
    void arm(const Action& action);

    Duration now_{};
    std::optional<Duration> heartbeat_;
    std::optional<Duration> upgrade_;
    std::optional<Duration> poll_check_;
  };
  struct Step {
    Event event;  // empty: time passes
    Duration until;
  };

  template <class Function>
  FsmScript& step(Function event) {
    steps_.push_back({[event](SessionFsm& fsm) { return std::invoke(event, fsm); }, {}});
    player_.play(steps_.back().event);
    return *this;
  }
  void rerun_with(const Event& failure, std::size_t before) const;

  SessionFsm::Timing timing_;
  Player player_;
  std::vector<Step> steps_;
  std::size_t expected_ = 0;  // actions that an expectation has covered
};

}  // namespace engineio
