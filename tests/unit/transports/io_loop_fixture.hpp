#pragma once

#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include "tests/unit/transports/socket_pair.hpp"
#include "transports/connection.hpp"
#include "transports/router.hpp"

namespace engineio::transports {

/// A loop with all that a Connection needs, whose io_context the test runs.
class IoLoopFixture : public testing::Test {
 protected:
  /// In a turn: a connection on this side of `sockets`.
  std::shared_ptr<Connection> connect(SocketPair& sockets, std::unique_ptr<Stage> stage) {
    auto made = std::make_shared<Connection>(*io, ::dup(sockets.here()), Peer{}, nullptr,
                                             std::shared_ptr<const void>());
    made->start(std::move(stage));
    return made;
  }

  /// Calls `function` as one turn of the loop.
  template <class Function>
  void turn(Function function) {
    const Loop::Turn scope(loop);
    function();
  }
  /// Runs everything that is ready.
  void poll() {
    context.restart();
    context.poll();
  }

  boost::asio::io_context context{1};
  Loop loop{context, 0, 1};
  Options options;
  std::atomic<std::size_t> sessions = 0;
  std::function<std::unique_ptr<SessionHandler>(Session&)> make_handler;
  Engine engine{loop, options, [this](Session& session) { return make_handler(session); },
                sessions};
  Router router{options};
  std::unique_ptr<IoLoop> io = std::make_unique<IoLoop>(loop, engine, router);
};

}  // namespace engineio::transports
