#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/engine_client.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/test_server.hpp"

namespace support {

/// A test against a server, run with one loop and with four. After each test the server must serve
/// a new client by both transports, and when it has stopped no descriptor may be left open.
class ServerTest : public testing::TestWithParam<std::size_t> {
 protected:
  using Limits = engineio::Limits;

  ServerTest() : descriptors_before_(open_descriptors()) {
    options.shutdown_timeout = std::chrono::milliseconds(200);
  }

  /// The server; it starts, with `options` as they are then, when it is first used.
  TestServer& server() {
    if (!server_) {
      options.threads = GetParam();
      server_.emplace(options, setup);
    }
    return *server_;
  }
  std::uint16_t port() { return server().port(); }
  RawClient connect() { return RawClient(port(), how); }
  PollingSession polling() { return PollingSession(port(), how); }
  WebSocketSession websocket() { return WebSocketSession(port(), how); }
  WebSocketSession websocket_of(const PollingSession& session) {
    return {port(), session.sid(), how};
  }
  /// One request on a connection of its own.
  HttpAnswer ask(std::string_view request) { return connect().request(request); }
  /// Checks that a new client can open a session and gets its echo, by both transports.
  void expect_service() {
    auto poller = polling();
    EXPECT_EQ(poller.post("4hello").body, "ok");
    EXPECT_EQ(poller.poll(), "4hello");
    EXPECT_EQ(poller.post("1").body, "ok");
    auto web = websocket();
    web.send("4hello");
    EXPECT_EQ(web.text(), "4hello");
  }

  /// Runs `client(0)` … `client(count - 1)`, each on a thread of its own; an exception fails the
  /// test.
  template <class Client>
  void in_parallel(int count, const Client& client) {
    server();
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
      threads.emplace_back([&client, i] {
        try {
          client(i);
        } catch (const std::exception& error) {
          ADD_FAILURE() << "client " << i << ": " << error.what();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  void TearDown() override {
    if (!server_) return;
    if (check_service) expect_service();
    server_.reset();
    EXPECT_EQ(open_descriptors(), descriptors_before_);
  }

  engineio::ServerOptions options;
  TestServer::Setup setup;
  Connect how;
  bool check_service = true;  ///< off for limits that turn new clients away

 private:
  std::size_t descriptors_before_;
  std::optional<TestServer> server_;
};

inline std::string loops_of(const testing::TestParamInfo<std::size_t>& info) {
  return std::to_string(info.param) + (info.param == 1 ? "_loop" : "_loops");
}

}  // namespace support

/// Runs a fixture that derives from ServerTest. What callbacks in `options` refer to must be
/// members of the fixture: the server outlives the test's body.
#define RUN_ON_LOOPS(Family) \
  INSTANTIATE_TEST_SUITE_P(Loops, Family, testing::Values(1U, 4U), support::loops_of)
/// Declares a family of ServerTests.
#define SERVER_TESTS(Family)                    \
  class Family : public support::ServerTest {}; \
  RUN_ON_LOOPS(Family)
