#include "engineio/session_fsm.hpp"

#include <chrono>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/unit/engineio/fsm_script.hpp"

namespace engineio {
namespace {

using namespace std::chrono_literals;
using Fsm = SessionFsm;
using State = SessionFsm::State;

// Defaults of JavaScript servers.
constexpr Fsm::Timing usual{.ping_interval = 25s, .ping_timeout = 20s, .upgrade_timeout = 10s};

FsmScript opened_session(const Fsm::Timing& timing = usual) {
  FsmScript script(timing);
  script.open().expect(Fsm::SendOpen{}).expect_state(State::open);
  return script;
}

// A candidate that was probed and answered at second 1.
FsmScript probed_session() {
  FsmScript script = opened_session();
  script.at(1s).candidate_offered().candidate_sends("2probe").expect(Fsm::SendProbeReply{},
                                                                     Fsm::ReleasePoll{});
  return script;
}

TEST(SessionFsm, ignores_everything_before_it_is_open) {
  FsmScript{usual}
      .packet(PacketType::message)
      .malformed_packet()
      .candidate_offered()
      .candidate_sends("2probe")
      .close()
      .at(1h)
      .expect_nothing()
      .expect_state(State::opening)
      .survives_transport_loss_at_every_step();
}

TEST(SessionFsm, opens_once) { opened_session().open().expect_nothing(); }

TEST(SessionFsm, pings_one_interval_after_the_opening_and_after_each_pong) {
  opened_session()
      .at(25s - 1ns)
      .expect_nothing()
      .at(25s)
      .expect(Fsm::SendPing{})
      .at(30s)
      .packet(PacketType::pong)  // the interval counts from here
      .at(55s - 1ns)
      .expect_nothing()
      .at(55s)
      .expect(Fsm::SendPing{})
      .survives_transport_loss_at_every_step();
}

TEST(SessionFsm, closes_when_the_pong_is_late) {
  opened_session()
      .at(25s)
      .expect(Fsm::SendPing{})
      .at(45s - 1ns)
      .expect_nothing()
      .at(45s)
      .expect(Fsm::Close{CloseReason::ping_timeout})
      .survives_transport_loss_at_every_step()
      .stays_silent();
}

TEST(SessionFsm, takes_a_pong_that_nobody_asked_for) {
  opened_session()
      .at(20s)
      .packet(PacketType::pong)
      .at(45s - 1ns)
      .expect_nothing()
      .at(45s)
      .expect(Fsm::SendPing{})
      .survives_transport_loss_at_every_step();
}

TEST(SessionFsm, prolongs_the_wait_for_a_pong_once_by_other_packets) {
  opened_session()
      .at(25s)
      .expect(Fsm::SendPing{})
      .at(40s)
      .packet(PacketType::message)
      .expect(Fsm::Deliver{})
      .at(59s)
      .packet(PacketType::message)
      .expect(Fsm::Deliver{})  // only the first counted
      .at(60s)
      .expect(Fsm::Close{CloseReason::ping_timeout})
      .survives_transport_loss_at_every_step()
      .stays_silent();
}

TEST(SessionFsm, prolongs_each_wait_anew) {
  opened_session()
      .at(25s)
      .packet(PacketType::noop)
      .at(44s)
      .packet(PacketType::pong)
      .at(69s)
      .expect(Fsm::SendPing{}, Fsm::SendPing{})
      .packet(PacketType::noop)
      .at(89s - 1ns)
      .expect_nothing()
      .at(89s)
      .expect(Fsm::Close{CloseReason::ping_timeout});
}

TEST(SessionFsm, does_not_move_the_next_ping_for_packets) {
  opened_session()
      .at(20s)
      .packet(PacketType::message)
      .expect(Fsm::Deliver{})
      .at(25s)
      .expect(Fsm::SendPing{});
}

TEST(SessionFsm, delivers_messages_and_ignores_what_is_the_server_s) {
  opened_session()
      .packet(PacketType::message)
      .packet(PacketType::open)
      .packet(PacketType::close)
      .packet(PacketType::upgrade)
      .packet(PacketType::noop)
      .packet(PacketType::message)
      .expect(Fsm::Deliver{}, Fsm::Deliver{})
      .survives_transport_loss_at_every_step();
}

TEST(SessionFsm, ends_with_a_ping_of_the_client) {
  opened_session()
      .packet(PacketType::ping)
      .expect(Fsm::Close{CloseReason::transport_error, "invalid heartbeat direction"})
      .survives_transport_loss_at_every_step()
      .stays_silent();
  opened_session()
      .at(25s)
      .expect(Fsm::SendPing{})
      .packet(PacketType::ping)
      .expect(Fsm::Close{CloseReason::transport_error, "invalid heartbeat direction"});
}

TEST(SessionFsm, ends_with_what_is_no_packet) {
  opened_session()
      .malformed_packet()
      .expect(Fsm::Close{CloseReason::parse_error})
      .survives_transport_loss_at_every_step()
      .stays_silent();
}

TEST(SessionFsm, ends_with_its_transport) {
  opened_session()
      .transport_lost(CloseReason::transport_error, "overlap from client")
      .expect(Fsm::Close{CloseReason::transport_error, "overlap from client"})
      .stays_silent();
  opened_session()
      .transport_lost(CloseReason::transport_close)
      .expect(Fsm::Close{CloseReason::transport_close})
      .stays_silent();
}

TEST(SessionFsm, says_goodbye_before_it_ends) {
  opened_session()
      .close()
      .expect(Fsm::CloseTransport{})
      .expect_state(State::closing)
      .close()
      .packet(PacketType::message)
      .packet(PacketType::ping)
      .malformed_packet()
      .candidate_offered()
      .at(1h)
      .expect_nothing()
      .close_now()
      .expect(Fsm::Close{CloseReason::forced_close})
      .survives_transport_loss_at_every_step()
      .stays_silent();
}

TEST(SessionFsm, ends_at_once_when_asked) {
  opened_session()
      .close_now()
      .expect(Fsm::Close{CloseReason::forced_close})
      .survives_transport_loss_at_every_step()
      .stays_silent();
}

TEST(SessionFsm, reports_the_client_s_end_while_closing) {
  opened_session()
      .close()
      .expect(Fsm::CloseTransport{})
      .transport_lost(CloseReason::transport_close)
      .expect(Fsm::Close{CloseReason::transport_close});
}

TEST(SessionFsm, upgrades) {
  probed_session()
      .candidate_sends("5")
      .expect(Fsm::SwitchTransport{})
      .packet(PacketType::message)
      .expect(Fsm::Deliver{})
      .at(25s)
      .expect(Fsm::SendPing{})  // the heartbeat goes on; the upgrade's deadline is gone
      .survives_transport_loss_at_every_step();
}

TEST(SessionFsm, upgrades_without_a_probe) {
  opened_session()
      .candidate_offered()
      .candidate_sends("5")
      .expect(Fsm::SwitchTransport{})
      .survives_transport_loss_at_every_step();
}

TEST(SessionFsm, releases_polls_every_100_ms_until_the_upgrade_is_through) {
  probed_session()
      .at(1s + 100ms)
      .expect(Fsm::ReleasePoll{})
      .at(1s + 350ms)
      .expect(Fsm::ReleasePoll{}, Fsm::ReleasePoll{})
      .candidate_sends("5")
      .expect(Fsm::SwitchTransport{})
      .at(20s)
      .expect_nothing()
      .survives_transport_loss_at_every_step();
}

TEST(SessionFsm, answers_every_probe_and_releases_a_poll_for_the_first) {
  probed_session()
      .candidate_sends("2probe")
      .expect(Fsm::SendProbeReply{})
      .candidate_sends("2probe")
      .expect(Fsm::SendProbeReply{})
      .survives_transport_loss_at_every_step();
}

TEST(SessionFsm, drops_a_candidate_that_sends_anything_else) {
  for (const std::string_view text : {"2", "2foo", "2probex", "3probe", "4a", "0", "1", "6"}) {
    SCOPED_TRACE(text);
    opened_session()
        .candidate_offered()
        .candidate_sends(text)
        .expect(Fsm::DropCandidate{})
        .expect_state(State::open)
        .candidate_offered()  // another may try
        .candidate_sends("5")
        .expect(Fsm::SwitchTransport{})
        .survives_transport_loss_at_every_step();
    probed_session().candidate_sends(text == "2probe" ? "4" : text).expect(Fsm::DropCandidate{});
  }
}

TEST(SessionFsm, drops_a_candidate_that_is_late) {
  opened_session()
      .at(5s)
      .candidate_offered()
      .at(15s - 1ns)
      .expect_nothing()
      .at(15s)
      .expect(Fsm::DropCandidate{})
      .survives_transport_loss_at_every_step();
}

TEST(SessionFsm, goes_on_when_a_candidate_is_lost) {
  probed_session()
      .candidate_lost()
      .expect(Fsm::DropCandidate{})
      .at(20s)
      .packet(PacketType::message)
      .expect(Fsm::Deliver{})
      .candidate_sends("5")  // what the lost one had under way
      .expect_nothing()
      .survives_transport_loss_at_every_step();
}

TEST(SessionFsm, refuses_a_second_candidate_and_one_after_the_upgrade) {
  Fsm fsm(usual);
  fsm.open();
  EXPECT_FALSE(fsm.candidate_offered().empty());
  EXPECT_TRUE(fsm.upgrading());
  EXPECT_TRUE(fsm.candidate_offered().empty());
  fsm.candidate_packet({.type = PacketType::upgrade, .data = {}});
  EXPECT_FALSE(fsm.upgrading());
  EXPECT_TRUE(fsm.candidate_offered().empty());
  EXPECT_TRUE(fsm.candidate_packet({.type = PacketType::upgrade, .data = {}}).empty());
  EXPECT_TRUE(fsm.candidate_lost().empty());
}

TEST(SessionFsm, closes_on_the_new_transport_what_is_closing_at_the_upgrade) {
  probed_session()
      .close()
      .expect(Fsm::CloseTransport{})
      .candidate_sends("2probe")
      .expect(Fsm::SendProbeReply{})
      .candidate_sends("5")
      .expect(Fsm::SwitchTransport{}, Fsm::CloseTransport{})
      .expect_state(State::closing)
      .close_now()
      .expect(Fsm::Close{CloseReason::forced_close})
      .survives_transport_loss_at_every_step()
      .stays_silent();
}

TEST(SessionFsm, waits_anew_for_a_pong_that_is_owed_at_the_upgrade) {
  opened_session()
      .at(24s)
      .candidate_offered()
      .at(25s)
      .expect(Fsm::SendPing{})
      .at(30s)
      .candidate_sends("5")
      .expect(Fsm::SwitchTransport{})
      .at(50s - 1ns)
      .expect_nothing()
      .at(50s)
      .expect(Fsm::Close{CloseReason::ping_timeout})
      .survives_transport_loss_at_every_step()
      .stays_silent();
}

TEST(SessionFsm, pings_next_after_the_owed_pong_came_on_the_new_transport) {
  opened_session()
      .at(24s)
      .candidate_offered()
      .at(25s)
      .expect(Fsm::SendPing{})
      .candidate_sends("5")
      .expect(Fsm::SwitchTransport{})
      .at(30s)
      .packet(PacketType::pong)
      .at(55s)
      .expect(Fsm::SendPing{});
}

TEST(SessionFsm, ends_with_a_missed_pong_in_the_middle_of_an_upgrade) {
  opened_session()
      .at(25s)
      .expect(Fsm::SendPing{})
      .at(44s)
      .candidate_offered()
      .at(45s)
      .expect(Fsm::Close{CloseReason::ping_timeout})
      .survives_transport_loss_at_every_step()
      .stays_silent();
}

}  // namespace
}  // namespace engineio
