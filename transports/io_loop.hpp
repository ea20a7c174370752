#pragma once

#include <array>
#include <string>

#include <boost/intrusive/list.hpp>

#include "engineio/detail/log_throttle.hpp"
#include "engineio/engine.hpp"
#include "engineio/loop.hpp"
#include "transports/departures.hpp"
#include "transports/poller.hpp"

namespace engineio::transports {

class Connection;
class Router;

/// What the connections of one loop share: readiness, the read buffers, the sessions, the routes.
struct IoLoop {
  using ConnectionHook =
      boost::intrusive::list_base_hook<boost::intrusive::tag<struct ConnectionTag>,
                                       boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
  using Connections =
      boost::intrusive::list<Connection, boost::intrusive::base_hook<ConnectionHook>,
                             boost::intrusive::constant_time_size<false>>;

  IoLoop(Loop& own_loop, Engine& own_engine, Router& own_router)
      : loop(own_loop), poller(own_loop), engine(own_engine), router(own_router) {}

  /// Logs one line of a kind a second, and counts the others.
  void log_some(engineio::detail::LogThrottle& kind, LogLevel level, const std::string& line) {
    if (const auto end = kind.admit(loop.now())) engine.log(level, line + *end);
  }

  Loop& loop;
  Poller poller;
  Engine& engine;
  Router& router;
  Connections connections;
  Departures departures{loop};
  /// Every connection reads into these: an idle one keeps no buffer.
  std::array<char, 64 * 1024> read_buffer;
  std::array<char, 32 * 1024> plaintext_buffer;
  /// For log lines that anybody can provoke as often as they like: log_some().
  engineio::detail::LogThrottle refused_connection_lines;
  engineio::detail::LogThrottle refused_request_lines;
  engineio::detail::LogThrottle refused_client_lines;
  engineio::detail::LogThrottle unknown_session_lines;
  engineio::detail::LogThrottle turned_away_lines;
  /// The server closes: no connection may begin.
  bool stopping = false;
};

}  // namespace engineio::transports
