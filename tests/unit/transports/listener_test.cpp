// T89: what the system may refuse when a client is to be let in.

#include "transports/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "transports/connection.hpp"
#include "transports/router.hpp"

namespace engineio::transports {
namespace {

using namespace std::chrono_literals;

// What accept4 is to fail with, how often still, and how often it was called.
int failing_with = 0;
int failures_left = 0;
int calls = 0;

int faulty_accept(int socket, sockaddr* address, socklen_t* size, int flags) {
  ++calls;
  if (failures_left == 0) return ::accept4(socket, address, size, flags);
  --failures_left;
  errno = failing_with;
  return -1;
}

class ListenerTest : public testing::Test {
 protected:
  ListenerTest() {
    options.log = [this](LogLevel, std::string_view line) { log.emplace_back(line); };
    failing_with = failures_left = calls = 0;
  }
  ~ListenerTest() override {
    for (const int client : clients) ::close(client);
    listener.reset();
    const Loop::Turn turn(loop);
    while (!io->connections.empty()) io->connections.front().abort();
  }

  void listen(Duration rest) {
    boost::system::error_code error;
    listener = std::make_unique<Listener>(
        std::vector<IoLoop*>{io.get()}, router.address_limits(),
        boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0), false,
        Listener::Settings{.rest = rest, .accept = &faulty_accept}, error);
    ASSERT_FALSE(error) << error.message();
    listener->start();
  }
  // A connection that the kernel has completed by the time this returns.
  void connect() {
    clients.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(listener->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(
        ::connect(clients.back(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  void poll() {
    context.restart();
    context.poll();
  }
  std::size_t connections() const { return io->connections.size(); }

  boost::asio::io_context context{1};
  Loop loop{context, 0, 1};
  Options options;
  std::vector<std::string> log;
  std::atomic<std::size_t> sessions = 0;
  Engine engine{loop, options, {}, sessions};
  Router router{options};
  std::unique_ptr<IoLoop> io = std::make_unique<IoLoop>(loop, engine, router);
  std::unique_ptr<Listener> listener;
  std::vector<int> clients;
};

class ListenerFaults : public ListenerTest, public testing::WithParamInterface<int> {};

INSTANTIATE_TEST_SUITE_P(T89, ListenerFaults, testing::Values(EMFILE, ENFILE, ENOMEM, ENOBUFS));

TEST_P(ListenerFaults, rests_and_does_not_spin) {
  failing_with = GetParam();
  failures_left = 1'000'000;
  listen(1h);
  for (int i = 0; i < 3; ++i) connect();
  for (int i = 0; i < 100; ++i) poll();
  EXPECT_EQ(calls, 2);  // for the client, and for turning it away
  EXPECT_EQ(connections(), 0U);
}

TEST_P(ListenerFaults, goes_on_after_the_rest) {
  failing_with = GetParam();
  failures_left = 20;
  listen(0ms);
  for (int i = 0; i < 3; ++i) connect();
  while (connections() < 3) {
    context.restart();
    context.run_one();
  }
  EXPECT_GE(calls, 20 + 3);
}

TEST_P(ListenerFaults, says_so_once_a_second) {
  failing_with = GetParam();
  failures_left = 40;
  listen(0ms);
  connect();
  const TimePoint begin = Clock::now();
  while (connections() < 1) {
    context.restart();
    context.run_one();
  }
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(Clock::now() - begin).count();
  const bool memory = GetParam() == ENOMEM || GetParam() == ENOBUFS;
  ASSERT_FALSE(log.empty());
  EXPECT_TRUE(log[0].starts_with(memory ? "out of memory" : "out of file descriptors")) << log[0];
  EXPECT_LE(log.size(), static_cast<std::size_t>(seconds));
}

TEST_F(ListenerTest, turns_one_client_away_for_each_rest_without_descriptors) {
  failing_with = EMFILE;
  failures_left = 1;
  listen(0ms);
  connect();
  connect();
  while (connections() < 1) {
    context.restart();
    context.run_one();
  }
  poll();
  EXPECT_EQ(connections(), 1U);
  char byte = 0;
  EXPECT_EQ(::recv(clients[0], &byte, 1, 0), 0);  // the first one was let in and out
}

// It is lost when another thread takes the descriptor that was freed for a moment.
TEST_F(ListenerTest, gets_its_spare_descriptor_back) {
  const auto run_until = [this](auto condition) {
    while (!condition()) {
      context.restart();
      context.run_one();
    }
  };
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  const rlimit none{0, usual.rlim_max};
  failing_with = EMFILE;
  failures_left = 2;  // for the client, and for turning it away
  listen(0ms);
  connect();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  run_until([] { return calls == 2; });
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
  run_until([this] { return connections() == 1; });
  failures_left = 1;
  connect();
  run_until([] { return failures_left == 0; });
  char byte = 0;
  EXPECT_EQ(::recv(clients[1], &byte, 1, MSG_DONTWAIT), 0);  // let in and out
}

TEST_F(ListenerTest, takes_the_next_one_when_a_client_is_gone_already) {
  for (const int fault : {ECONNABORTED, EINTR}) {
    failing_with = fault;
    failures_left = 3;
    calls = 0;
    if (!listener) listen(1h);
    connect();
    poll();
    EXPECT_EQ(calls, 3 + 2);  // faults, the client, and nobody more
  }
  EXPECT_EQ(connections(), 2U);
  EXPECT_TRUE(log.empty());
}

}  // namespace
}  // namespace engineio::transports
