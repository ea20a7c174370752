// socketio::Server over real sockets: both directions, and its end in every state. For the
// sanitizers above all.

#include <chrono>
#include <deque>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "socketio/server.hpp"
#include "tests/support/server_test.hpp"
#include "tests/support/test_options.hpp"
#include "tests/support/waiting_handlers.hpp"

namespace {

using namespace std::chrono_literals;
using boost::asio::as_tuple;
using boost::asio::awaitable;
using boost::system::error_code;
using socketio::Ack;
using socketio::DisconnectReason;
using socketio::Server;
using socketio::Socket;
using support::never;
using support::Notes;
using support::test_options;
using Waiting = support::WaitingHandlers;
using Client = support::SocketioClient;
using ::testing::Each;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// What callbacks refer to is a member: the server outlives the test's body.
class SocketioServer : public testing::TestWithParam<std::size_t> {
 protected:
  SocketioServer() : io_(std::in_place, test_options(GetParam())) {
    io().on_connection([this](const Socket& socket) { sockets.add(socket); });
    io().on_disconnect(
        [this](const Socket&, DisconnectReason reason) { reasons.add(to_string(reason)); });
  }
  ~SocketioServer() override { destroy(); }

  Server& io() { return *io_; }
  void start() {
    io().listen("127.0.0.1", 0);
    thread_ = std::thread([this] { io().run(); });
  }
  /// Two clients for each loop.
  void connect_some() {
    for (std::size_t i = 0; i < 2 * GetParam(); ++i) clients.emplace_back(io().port());
  }
  /// close() has been called: everybody hears of it, and run() returns.
  void expect_end() {
    for (Client& client : clients) client.expect_end();
    thread_.join();
    EXPECT_THAT(reasons.all(), SizeIs(clients.size()));
    EXPECT_THAT(reasons.all(), Each("server shutting down"));
    EXPECT_EQ(io().clients_count(), 0U);
  }
  void destroy() {
    if (thread_.joinable()) {
      io().close();
      thread_.join();
    }
    io_.reset();
  }

  Notes<Socket> sockets;
  Notes<std::string_view> reasons;
  Notes<error_code> errors;
  Notes<Ack<int>> acks;
  std::optional<Waiting> waiting;
  std::deque<Client> clients;

 private:
  std::optional<Server> io_;
  std::thread thread_;
};
INSTANTIATE_TEST_SUITE_P(Loops, SocketioServer, testing::Values(1U, 3U), support::loops_of);

TEST_P(SocketioServer, events_and_replies_go_both_ways) {
  io().on("ask", [](const Socket&, const std::string& text, const Ack<std::string>& ack) {
    ack(text + '!');
  });
  io().on("ask me", [](const Socket& socket) {
    socket.emit("question", 1, [socket](const std::string& answer) { socket.emit("so", answer); });
  });
  start();
  connect_some();
  for (Client& client : clients) {
    client.send(R"(27["ask","tea"])");
    EXPECT_EQ(client.receive(), R"(37["tea!"])");
    client.send(R"(2["ask me"])");
    client.send(client.asked(R"(["question",1])") + R"(["yes"])");
    EXPECT_EQ(client.receive(), R"(2["so","yes"])");
  }
}

TEST_P(SocketioServer, a_broadcast_collects_the_replies_of_all_loops) {
  io().on("poll", [this](const Socket& socket) {
    io().timeout(never).emit("vote", [socket](error_code error, const std::vector<int>& votes) {
      EXPECT_FALSE(error) << error.message();
      socket.emit("votes", votes.size());
    });
  });
  start();
  connect_some();
  for (int round = 0; round < 3; ++round) {
    clients.front().send(R"(2["poll"])");
    for (Client& client : clients) client.send(client.asked(R"(["vote"])") + "[1]");
    EXPECT_EQ(clients.front().receive(), R"(2["votes",)" + std::to_string(clients.size()) + ']');
  }
}

TEST_P(SocketioServer, an_ack_may_be_called_on_another_loop) {
  io().on("keep", [this](const Ack<int>& ack) { acks.add(ack); });
  io().on("answer", [this] { acks.all().back()(5); });
  start();
  connect_some();
  for (std::size_t i = 0; i < clients.size(); ++i) {
    clients.front().send(R"(21["keep"])");
    acks.wait_for(i + 1);
    clients[i].send(R"(2["answer"])");
    EXPECT_EQ(clients.front().receive(), "31[5]");
  }
}

TEST_P(SocketioServer, closes_from_an_event_handler) {
  io().on("close", [this](const Socket& socket, const Ack<>& ack) {
    io().close();
    io().close();
    socket.join("room");
    socket.emit("too late");
    ack();
    EXPECT_FALSE(socket.connected());
  });
  start();
  connect_some();
  clients.back().send(R"(21["close"])");
  expect_end();
}

TEST_P(SocketioServer, closes_from_a_replys_callback) {
  io().on("ask me", [this](const Socket& socket) {
    socket.emit("question", [this, socket] {
      io().close();
      socket.emit("too late");
    });
  });
  start();
  connect_some();
  clients.back().send(R"(2["ask me"])");
  clients.back().send(clients.back().asked(R"(["question"])") + "[]");
  expect_end();
}

TEST_P(SocketioServer, closes_from_a_broadcasts_callback) {
  io().on("poll", [this](const Socket&) {
    io().timeout(never).emit("vote", [this](error_code error, const std::vector<int>&) {
      errors.add(error);
      io().close();
    });
  });
  start();
  connect_some();
  clients.back().send(R"(2["poll"])");
  for (Client& client : clients) client.send(client.asked(R"(["vote"])") + "[1]");
  expect_end();
  EXPECT_EQ(errors.all(), std::vector{error_code()});
}

TEST_P(SocketioServer, closes_from_a_disconnect_handler) {
  io().on("leave", [](const Socket& socket) { socket.disconnect(); });
  io().on_disconnect([this](const Socket& socket) {
    io().close();
    socket.emit("too late");
  });
  start();
  connect_some();
  clients.back().send(R"(2["leave"])");
  for (Client& client : clients) client.expect_end();
  reasons.wait_for(clients.size());
}

TEST_P(SocketioServer, closes_from_a_coroutine) {
  io().on("ask me", [this](const Socket& socket) -> awaitable<void> {
    const Socket own = socket;
    co_await own.emit_with_ack<>("question");
    io().close();
    own.emit("too late");
    co_await own.emit_with_ack<>("nobody answers");  // operation_aborted: not an error of anybody's
  });
  start();
  connect_some();
  clients.back().send(R"(2["ask me"])");
  clients.back().send(clients.back().asked(R"(["question"])") + "[]");
  expect_end();
}

TEST_P(SocketioServer, closes_from_another_thread) {
  io().on("chat", [](const Socket& socket) { socket.broadcast().emit("chat"); });
  start();
  connect_some();
  for (Client& client : clients) client.send(R"(2["chat"])");
  io().close();
  expect_end();
}

TEST_P(SocketioServer, ends_whatever_is_waited_for) {
  waiting.emplace(io());
  start();
  connect_some();
  waiting->begin(clients);
  Client outside = waiting->knock(io().port());
  destroy();
  EXPECT_THAT(reasons.all(), SizeIs(clients.size()));
  EXPECT_EQ(waiting->polls.all(), std::vector<error_code>{boost::asio::error::operation_aborted});
  EXPECT_THAT(waiting->replies.all(), IsEmpty());
  outside.expect_end();
}

// Whoever waits for them in another thread would wait for ever.
TEST_P(SocketioServer, completes_operations_that_are_begun_while_it_ends) {
  start();
  connect_some();
  const auto until_it_fails = [this](const auto& begin) {
    return std::async(std::launch::async, [this, begin] {
      error_code error;
      while (!error) {
        const auto told = std::make_shared<std::promise<error_code>>();
        begin([told](error_code outcome, auto&&...) { told->set_value(outcome); });
        error = told->get_future().get();
      }
      errors.add(error);
    });
  };
  std::vector<std::future<void>> threads;
  threads.push_back(until_it_fails([this](auto tell) { io().fetch_sockets(tell); }));
  threads.push_back(until_it_fails([this](auto tell) { io().count_sockets(tell); }));
  threads.push_back(until_it_fails([this](auto tell) { io().sockets_join({"a", "b"}, tell); }));
  threads.push_back(until_it_fails(
      [this](auto tell) { io().to("nobody").timeout(never).emit_with_ack<int>("q")(tell); }));
  io().close();
  expect_end();
  for (std::future<void>& thread : threads)
    ASSERT_EQ(thread.wait_for(support::patience), std::future_status::ready);
  EXPECT_THAT(errors.all(), Each(error_code(boost::asio::error::operation_aborted)));
}

TEST(SocketioServerEnd, completes_operations_that_are_begun_after_its_own_work_has_thrown) {
  Server io(test_options());
  io.on("work", [](Socket) -> awaitable<void> {
    boost::asio::post(co_await boost::asio::this_coro::executor,
                      [] { throw std::runtime_error("own work"); });
  });
  io.listen("127.0.0.1", 0);
  const auto client =
      std::async(std::launch::async, [port = io.port()] { Client(port).send(R"(2["work"])"); });
  EXPECT_THROW(io.run(), std::runtime_error);
  std::optional<error_code> outcome;
  io.count_sockets([&](error_code error, std::size_t) { outcome = error; });
  EXPECT_EQ(outcome, boost::asio::error::operation_aborted);
}

TEST_P(SocketioServer, handles_live_longer) {
  io().on("owed", [this](const Socket& socket, const Ack<int>& ack) {
    socket.data<std::string>() = "mine";
    acks.add(ack);
  });
  start();
  connect_some();
  for (Client& client : clients) client.send(R"(27["owed"])");
  acks.wait_for(clients.size());
  destroy();
  for (const Socket& socket : sockets.all()) {
    EXPECT_THAT(socket.id(), SizeIs(20));
    EXPECT_EQ(socket.nsp(), "/");
    EXPECT_EQ(socket.handshake().address(), "127.0.0.1");
    EXPECT_FALSE(socket.connected());
    EXPECT_EQ(socket.connection_id(), "");
    EXPECT_EQ(socket.transport(), "");
    EXPECT_FALSE(socket.conn());
    EXPECT_EQ(socket.buffered_bytes(), 0U);
    EXPECT_EQ(socket.data<std::string>(), "mine");
    EXPECT_THAT(socket.rooms(), IsEmpty());
    socket.emit("too late", 1);
    socket.volatile_().send("too late");
    socket.join("room");
    socket.leave("room");
    socket.off("event");
    socket.disconnect(true);
  }
  for (const Ack<int>& ack : acks.all()) ack(1);
}

}  // namespace
