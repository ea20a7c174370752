#pragma once

#include <cstdint>
#include <string_view>

#include <boost/container/static_vector.hpp>
#include <boost/variant2/variant.hpp>

#include "engineio/close_reason.hpp"
#include "engineio/deadline_queue.hpp"
#include "engineio/packet.hpp"

namespace engineio {

/// The decisions of a session: events in, actions out. No clock, no I/O: read this to know
/// Engine.IO.
///
///              open()                    close()                   the goodbye left, or
///   opening ───────────► open ─────────────────────────► closing ──────────────────────► closed
///                         │  client or network ended it,            the client ended it     ▲
///                         └─ broke a rule, or missed a pong ────────────────────────────────┘
///
///   heartbeat, while open:   resting ──interval──► ping sent ──timeout──► closed (ping timeout)
///                               ▲                     │
///                               └─────── pong ────────┘
///
///   upgrade, while open:     none ──offer──► offered ──`2probe`──► probed ──`5`──► done
///                              ▲                │  (`5` too ► done)   │
///                              └──── lost, late, or any other packet ─┘
///
/// After `closed` every event is ignored: at most one Close, and nothing after it.
class SessionFsm {
 public:
  /// Lengths of the waits. All are constants of the server.
  struct Timing {
    Duration ping_interval;
    Duration ping_timeout;
    Duration upgrade_timeout;
  };

  enum class State : std::uint8_t {
    opening,  ///< created, not announced to the client
    open,     ///< packets flow
    closing,  ///< this side closes: what was queued and the goodbye still leave
    closed,   ///< over
  };

  struct SendOpen {};         ///< send the open packet
  struct SendPing {};         ///< send a ping
  struct SendProbeReply {};   ///< send `3probe` on the candidate
  struct ReleasePoll {};      ///< answer a pending poll with a noop
  struct SwitchTransport {};  ///< the candidate becomes the transport
  struct DropCandidate {};    ///< close the candidate, stay on the transport
  struct Deliver {};          ///< hand the message up
  struct ArmHeartbeat {
    Duration after;
  };  ///< (re)start the heartbeat's deadline
  struct ArmUpgrade {
    Duration after;
  };  ///< start the upgrade's deadline
  struct ArmPollCheck {
    Duration after;
  };                         ///< look again for a pending poll
  struct CancelUpgrade {};   ///< stop the upgrade's two deadlines
  struct CloseTransport {};  ///< say goodbye once the queue is empty
  struct Close {             ///< the end: stop everything, report it
    CloseReason reason;
    std::string_view description = {};
  };
  using Action =
      boost::variant2::variant<SendOpen, SendPing, SendProbeReply, ReleasePoll, SwitchTransport,
                               DropCandidate, Deliver, ArmHeartbeat, ArmUpgrade, ArmPollCheck,
                               CancelUpgrade, CloseTransport, Close>;
  using Actions = boost::container::static_vector<Action, 4>;

  /// How long after the probe a poll that came late is released, and the time between two looks (as
  /// JavaScript servers).
  static constexpr Duration poll_check_interval = std::chrono::milliseconds(100);

  explicit SessionFsm(const Timing& timing) noexcept : timing_(timing) {}

  State state() const noexcept { return state_; }
  bool upgrading() const noexcept {
    return upgrade_ == Upgrade::offered || upgrade_ == Upgrade::probed;
  }

  /// The session's first transport is ready.
  Actions open();
  /// A packet came on the transport in use.
  Actions packet(PacketType type);
  /// Something came on the transport in use that is not a packet.
  Actions malformed_packet();
  /// The time that ArmHeartbeat asked for is over.
  Actions heartbeat_deadline();
  /// A second transport asks to take over. Empty answer: refused.
  Actions candidate_offered();
  /// A packet came on the candidate.
  Actions candidate_packet(const Packet& packet);
  /// The candidate ended by itself.
  Actions candidate_lost();
  /// The time that ArmUpgrade asked for is over.
  Actions upgrade_deadline();
  /// The time that ArmPollCheck asked for is over.
  Actions poll_check_deadline();
  /// The transport ended. `description` must outlive the carrying out.
  Actions transport_lost(CloseReason reason, std::string_view description = {});
  /// The user closes in order.
  Actions close();
  /// The user closes at once; also the end of a goodbye that left, or waited too long.
  Actions close_now();

 private:
  enum class Upgrade : std::uint8_t {
    none,     // possible
    offered,  // a candidate is there, silent
    probed,   // it was probed and answered
    done,     // on WebSocket for good: there is no way back
  };

  Actions end(CloseReason reason, std::string_view description = {});
  void pong(Actions& out);
  Actions drop_candidate();

  Timing timing_;
  State state_ = State::opening;
  Upgrade upgrade_ = Upgrade::none;
  bool awaiting_pong_ = false;
  bool extended_ = false;  // one packet other than a pong has already prolonged this wait
};

}  // namespace engineio
