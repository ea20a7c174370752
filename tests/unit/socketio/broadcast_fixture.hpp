#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/socketio/world.hpp"

namespace socketio::testing {

/// For tests of broadcasts. Three clients; with several loops on different ones. Each joins the
/// rooms that it names.
class BroadcastTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  BroadcastTest() : world_({}, GetParam()) {
    world_.main().on_connection(
        [this](Socket socket) { sockets_[socket.handshake().url()] = socket; });
    world_.main().on("join", [](Socket socket, std::string room) { socket.join(room); });
  }
  void start() {
    for (const char* name : {"a", "b", "c"}) {
      const std::size_t loop = clients_.size() % GetParam();
      clients_.push_back(world_.client(loop, name));
      clients_.back().join();
      clients_.back().received();
    }
  }
  Socket& socket(const char* name) { return sockets_[name]; }
  /// Who got something, and what.
  std::map<std::string, Wire> received() {
    world_.run();
    std::map<std::string, Wire> out;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      if (Wire got = clients_[i].received(); !got.empty())
        out[std::string(1, static_cast<char>('a' + i))] = got;
    }
    return out;
  }
  std::string who() {
    std::string names;
    for (const auto& [name, got] : received()) {
      names += name;
      EXPECT_THAT(got, ::testing::SizeIs(1)) << name;
    }
    return names;
  }
  /// On the loop of client a.
  void here(const std::function<void()>& function) { world_.at(0, function); }

  World world_;
  std::map<std::string, Socket> sockets_;
  std::vector<TestClient> clients_;
};

}  // namespace socketio::testing
