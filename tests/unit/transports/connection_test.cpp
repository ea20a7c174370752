#include "transports/connection.hpp"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "tests/unit/transports/io_loop_fixture.hpp"

namespace engineio::transports {
namespace {

// Takes as many bytes as the test lets it, and keeps them.
class BusyStage final : public Stage {
 public:
  struct State {
    std::size_t takes = 0;
    std::string taken;
    bool ended = false;
  };
  explicit BusyStage(State& state) : state_(state) {}

  std::size_t on_bytes(std::span<char> bytes) override {
    const std::size_t count = std::min(state_.takes, bytes.size());
    state_.taken.append(bytes.data(), count);
    state_.takes -= count;
    return count;
  }
  void on_deadline() override {}
  void on_shutdown() override {}
  void on_end() override { state_.ended = true; }

 private:
  State& state_;
};

// Takes a few bytes in each turn, and keeps them.
class SlowStage final : public Stage {
 public:
  SlowStage(BusyStage::State& state, std::size_t bytes_per_turn)
      : state_(state), bytes_per_turn_(bytes_per_turn) {}
  void serve(Connection& connection) { connection_ = &connection; }

  std::size_t on_bytes(std::span<char> bytes) override {
    const std::size_t count = std::min(bytes_per_turn_, bytes.size());
    state_.taken.append(bytes.data(), count);
    if (count < bytes.size()) connection_->resume_later();
    return count;
  }
  void on_deadline() override {}
  void on_shutdown() override {}
  void on_end() override { state_.ended = true; }

 private:
  BusyStage::State& state_;
  std::size_t bytes_per_turn_;
  Connection* connection_ = nullptr;
};

class ConnectionTest : public IoLoopFixture {
 protected:
  ~ConnectionTest() override {
    if (!connection) return;
    const Loop::Turn turn(loop);
    connection->abort();
  }

  void open() { open(std::make_unique<BusyStage>(stage)); }
  void open_slow(std::size_t bytes_per_turn) {
    auto slow = std::make_unique<SlowStage>(stage, bytes_per_turn);
    SlowStage& opened = *slow;
    open(std::move(slow));
    opened.serve(*connection);
  }
  void open(std::unique_ptr<Stage> with) {
    turn([&] {
      if (connection) connection->abort();
      stage = {};
      sockets = std::make_unique<SocketPair>();
      connection = connect(*sockets, std::move(with));
    });
  }
  // What has come to the socket and was not read.
  int unread() const {
    int count = 0;
    EXPECT_EQ(::ioctl(sockets->here(), FIONREAD, &count), 0);
    return count;
  }

  std::unique_ptr<SocketPair> sockets;
  BusyStage::State stage;
  std::shared_ptr<Connection> connection;
};

TEST_F(ConnectionTest, gives_its_stage_what_comes) {
  open();
  stage.takes = 100;
  sockets->write_there("hello");
  poll();
  EXPECT_EQ(stage.taken, "hello");
}

// One read takes as much as the loop's buffer holds, and the poller tells of the rest once.
TEST_F(ConnectionTest, reads_all_of_what_does_not_fit_one_read) {
  const std::size_t buffer = io->read_buffer.size();
  for (const std::size_t size : {buffer - 1, buffer, buffer + 1, 2 * buffer, 2 * buffer + 1}) {
    SCOPED_TRACE(size);
    open();
    stage.takes = size;
    sockets->write_there(std::string(size, 'x'));
    poll();
    EXPECT_EQ(stage.taken.size(), size);
    EXPECT_EQ(unread(), 0);
  }
}

TEST_F(ConnectionTest, reads_what_came_before_the_end) {
  for (const std::size_t size : {std::size_t{1}, io->read_buffer.size()}) {
    SCOPED_TRACE(size);
    open();
    stage.takes = size;
    sockets->write_there(std::string(size, 'x'));
    sockets->close_there();
    poll();
    EXPECT_EQ(stage.taken.size(), size);
    EXPECT_TRUE(stage.ended);
  }
}

// A flood that is taken in over many turns, and then the end: nothing of it is lost, whether it is
// held, or left with the kernel because enough is held.
TEST_F(ConnectionTest, takes_in_what_came_before_the_end_over_many_turns) {
  const std::size_t buffer = io->read_buffer.size();
  for (const std::size_t size : {std::size_t{1'001}, buffer / 4, buffer, 2 * buffer}) {
    SCOPED_TRACE(size);
    open_slow(1'000);
    sockets->write_there(std::string(size, 'x'));
    sockets->close_there();
    while (!stage.ended) poll();
    EXPECT_EQ(stage.taken.size(), size);
  }
}

// Held bytes that the stage does not want yet do not keep a connection whose peer has gone.
TEST_F(ConnectionTest, ends_with_its_peer_though_its_stage_is_stuck) {
  options.limits.pipelined_bytes = 10;
  for (const std::size_t held : {std::size_t{10}, std::size_t{11}}) {
    SCOPED_TRACE(held);
    open();
    sockets->write_there(std::string(held, 'x'));
    poll();
    sockets->close_there();
    poll();
    EXPECT_TRUE(stage.ended);
  }
}

// It has closed its side only: it may read all that it has asked for before.
TEST_F(ConnectionTest, writes_all_to_a_peer_that_writes_no_more) {
  open();
  const std::string much(8 * 1024 * 1024, 'x');
  turn([&] { connection->write_static(much); });
  EXPECT_TRUE(connection->blocked());
  ::shutdown(sockets->there(), SHUT_WR);
  poll();
  std::size_t read = 0;
  for (int i = 0; i < 1'000 && read < much.size(); ++i, poll()) {
    read += sockets->read_there().size();
  }
  EXPECT_EQ(read, much.size());
  EXPECT_TRUE(stage.ended);
}

TEST_F(ConnectionTest, writes_what_was_written_in_the_turn_of_the_end) {
  open();
  turn([&] {
    connection->write_static("bye");
    ::shutdown(sockets->there(), SHUT_WR);
    poll();
    EXPECT_TRUE(stage.ended);
  });
  EXPECT_EQ(sockets->read_there(), "bye");
}

// The application closes the connection in the turn in which the end of its peer is told.
TEST_F(ConnectionTest, writes_what_was_written_before_it_was_closed_in_the_turn_of_the_end) {
  open();
  turn([&] {
    connection->write_static("bye");
    connection->close_when_written();
    ::shutdown(sockets->there(), SHUT_WR);
    poll();
  });
  EXPECT_EQ(sockets->read_there(), "bye");
  EXPECT_FALSE(io->connections.empty());
  poll();
  EXPECT_TRUE(io->connections.empty());  // it does not wait for an end that has come
}

TEST_F(ConnectionTest, ends_at_once_when_nothing_can_be_written_any_more) {
  open();
  const std::string much(8 * 1024 * 1024, 'x');
  turn([&] { connection->write_static(much); });
  EXPECT_TRUE(connection->blocked());
  sockets->close_there();
  poll();
  EXPECT_TRUE(stage.ended);
  EXPECT_FALSE(connection->open());
}

// What came while nothing was read is read later, though it was told of long before.
TEST_F(ConnectionTest, reads_on_once_its_peer_reads) {
  open();
  stage.takes = 100;
  const std::string much(8 * 1024 * 1024, 'x');
  turn([&] { connection->write_static(much); });
  EXPECT_TRUE(connection->blocked());
  sockets->write_there("hello");
  poll();
  EXPECT_EQ(stage.taken, "");
  for (std::size_t read = 0; read < much.size(); poll()) read += sockets->read_there().size();
  EXPECT_EQ(stage.taken, "hello");
}

// The rest of what a busy stage can't take is held; over Limits::pipelined_bytes nothing is read.
TEST_F(ConnectionTest, stops_reading_over_the_bytes_that_it_may_hold) {
  options.limits.pipelined_bytes = 10;
  for (const int held : {9, 10, 11}) {
    SCOPED_TRACE(held);
    open();
    sockets->write_there(std::string(static_cast<std::size_t>(held), 'x'));
    poll();
    EXPECT_EQ(unread(), 0);
    sockets->write_there("y");
    poll();
    EXPECT_EQ(unread(), held <= 10 ? 0 : 1);
  }
}

TEST_F(ConnectionTest, reads_on_once_its_stage_has_taken_what_was_held) {
  options.limits.pipelined_bytes = 10;
  open();
  sockets->write_there("held: 11 B.");
  poll();
  sockets->write_there("|later");
  poll();
  EXPECT_EQ(unread(), 6);
  stage.takes = 100;
  turn([&] { connection->resume(); });
  poll();
  poll();
  EXPECT_EQ(stage.taken, "held: 11 B.|later");
  EXPECT_EQ(unread(), 0);
}

// The time of a close begins anew whenever something has left: here it is none by then.
TEST_F(ConnectionTest, gives_each_part_of_what_still_leaves_the_time_of_a_close) {
  using namespace std::chrono_literals;
  options.limits.close_timeout = 1h;
  open();
  const std::string much(8 * 1024 * 1024, 'x');
  turn([&] {
    connection->write_static(much);
    connection->close_when_written();
  });
  poll();
  EXPECT_GT(connection->unsent_bytes(), 0U);
  options.limits.close_timeout = 0ms;
  EXPECT_FALSE(sockets->read_there().empty());
  context.restart();
  while (connection->unsent_bytes() > 0 && context.run_one_for(1s) > 0) {
  }
  EXPECT_EQ(connection->unsent_bytes(), 0U);
}

TEST_F(ConnectionTest, tells_its_stage_once_that_it_is_over) {
  open();
  sockets->close_there();
  poll();
  EXPECT_TRUE(stage.ended);
  EXPECT_FALSE(connection->open());
}

}  // namespace
}  // namespace engineio::transports
