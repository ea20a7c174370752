#include "transports/departures.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/transports/io_loop_fixture.hpp"

namespace engineio::transports {
namespace {

class CountingStage final : public Stage {
 public:
  explicit CountingStage(std::size_t& ended) : ended_(ended) {}
  std::size_t on_bytes(std::span<char> bytes) override { return bytes.size(); }
  void on_deadline() override {}
  void on_shutdown() override {}
  void on_end() override { ++ended_; }

 private:
  std::size_t& ended_;
};

class DeparturesTest : public IoLoopFixture {
 protected:
  ~DeparturesTest() override {
    const Loop::Turn turn(loop);
    for (const auto& connection : connections) connection->abort();
  }
  void open(std::size_t count) {
    const Loop::Turn turn(loop);
    for (std::size_t i = 0; i < count; ++i) {
      sockets.push_back(std::make_unique<SocketPair>());
      connections.push_back(connect(*sockets.back(), std::make_unique<CountingStage>(ended)));
    }
  }
  void close_all_peers() {
    for (const auto& pair : sockets) pair->close_there();
  }
  // One step of the loop: a round of sockets, or one posted call.
  bool step() {
    context.restart();
    return context.poll_one() != 0;
  }

  std::size_t ended = 0;
  std::vector<std::unique_ptr<SocketPair>> sockets;
  std::vector<std::shared_ptr<Connection>> connections;
};

TEST_F(DeparturesTest, end_at_once_when_they_are_few) {
  open(16);
  close_all_peers();
  while (ended == 0 && step()) {
  }
  EXPECT_EQ(ended, 16U);
}

TEST_F(DeparturesTest, end_a_few_at_a_time_when_they_are_many) {
  open(100);
  close_all_peers();
  std::size_t before = 0;
  while (step()) {
    EXPECT_LE(ended - before, 16U);
    before = ended;
  }
  EXPECT_EQ(ended, 100U);
}

// Where more than a few go in each round, they do not pile up.
TEST_F(DeparturesTest, end_the_more_at_a_time_the_more_they_are) {
  rlimit descriptors{};  // a thousand are many for some systems
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &descriptors), 0);
  descriptors.rlim_cur = descriptors.rlim_max;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &descriptors), 0);
  open(1'500);
  close_all_peers();
  while (ended == 0 && step()) {
  }
  std::size_t most = 0;
  for (std::size_t before = ended; step(); before = ended) most = std::max(most, ended - before);
  EXPECT_GT(most, 4U);
  EXPECT_LT(most, 16U);
  EXPECT_EQ(ended, 1'500U);
}

// Whoever waits to be ended may be written to, or ended, by others.
TEST_F(DeparturesTest, may_end_otherwise_while_they_wait) {
  open(100);
  close_all_peers();
  while (ended == 0 && step()) {
  }
  {
    const Loop::Turn turn(loop);
    for (const auto& connection : connections) {
      connection->write_static("hello");
      if (connection != connections.back()) connection->abort();
    }
  }
  while (step()) {
  }
  EXPECT_EQ(ended, 100U);
}

}  // namespace
}  // namespace engineio::transports
