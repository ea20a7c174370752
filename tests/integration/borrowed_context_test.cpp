// socketio::Server on the caller's io_context, which may end before or after it. For the sanitizers
// above all.

#include <chrono>
#include <deque>
#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "socketio/server.hpp"
#include "tests/support/test_options.hpp"
#include "tests/support/waiting_handlers.hpp"

namespace {

using namespace std::chrono_literals;
using boost::asio::as_tuple;
using boost::asio::awaitable;
using boost::system::error_code;
using socketio::Ack;
using socketio::Server;
using socketio::Socket;
using support::Notes;
using support::test_options;
using Waiting = support::WaitingHandlers;
using Client = support::SocketioClient;
using ::testing::IsEmpty;

TEST(SocketioOptions, are_checked_at_the_start) {
  EXPECT_THROW(Server({.connect_timeout = -1ms}), std::invalid_argument);
  EXPECT_THROW(Server({.limits = {.attachment_timeout = engineio::longest_duration + 1ms}}),
               std::invalid_argument);
  EXPECT_THROW(Server({.engine = {.transports = {}}}), std::invalid_argument);
  boost::asio::io_context context;
  EXPECT_THROW((Server{context, {.threads = 2}}), std::invalid_argument);
}

TEST(BorrowedContext, serves_on_a_borrowed_context) {
  boost::asio::io_context context(1);
  Server io(context, test_options());
  EXPECT_THROW(io.run(), std::logic_error);
  io.on("echo", [](const std::string& text, const Ack<std::string>& ack) { ack(text); });
  io.on("close", [&] { io.close(); });
  io.listen("127.0.0.1", 0);
  auto visit = std::async(std::launch::async, [port = io.port()] {
    Client client(port);
    client.send(R"(21["echo","tea"])");
    EXPECT_EQ(client.receive(), R"(31["tea"])");
    client.send(R"(2["close"])");
    client.expect_end();
  });
  context.run();
  visit.get();
}

/// A server on a borrowed context, which ends while one client is there.
class EndedServer : public testing::Test {
 protected:
  void serve_one_client(std::string_view packet) {
    io->listen("127.0.0.1", 0);
    std::thread thread([this] { context.run(); });
    Client client(io->port());
    client.send(packet);
    EXPECT_EQ(client.receive(), R"(2["ready"])");
    context.stop();
    thread.join();
    io.reset();
  }

  boost::asio::io_context context{1};
  boost::asio::steady_timer timer{context, boost::asio::steady_timer::time_point::max()};
  Notes<std::string> notes;
  std::optional<Server> io{std::in_place, context, test_options()};
};

TEST_F(EndedServer, leaves_to_a_coroutine_what_its_handler_has_captured) {
  const std::string greeting(100, 'x');  // on the heap
  io->on("wait", [this, greeting](Socket socket) -> awaitable<void> {
    socket.emit("ready");
    co_await timer.async_wait(as_tuple(boost::asio::use_awaitable));
    notes.add(greeting);
  });
  serve_one_client(R"(2["wait"])");
  timer.cancel();
  context.restart();
  context.run();
  EXPECT_EQ(notes.all(), std::vector{greeting});
}

TEST_F(EndedServer, tells_nobody_of_the_rooms_that_go_with_it) {
  io->on_rooms({.left = [this](const std::string& room, const std::string&) { notes.add(room); },
                .deleted = [this](const std::string& room) { notes.add(room); }});
  io->on("join", [](Socket socket) {
    socket.join("tea");
    socket.emit("ready");
  });
  serve_one_client(R"(2["join"])");
  EXPECT_THAT(notes.all(), IsEmpty());
}

/// A server on a borrowed context that is stopped while clients are there and much is waited for.
class AbandonedServer : public testing::Test {
 protected:
  AbandonedServer() {
    io->listen("127.0.0.1", 0);
    std::thread thread([this] { context.run(); });
    for (int i = 0; i < 2; ++i) clients.emplace_back(io->port());
    waiting->begin(clients);
    clients.push_back(waiting->knock(io->port()));
    context.stop();
    thread.join();
  }

  boost::asio::io_context context{1};
  std::optional<Server> io{std::in_place, context, test_options()};
  std::optional<Waiting> waiting{*io};
  std::deque<Client> clients;
};

TEST_F(AbandonedServer, ends_before_the_context) {
  io.reset();
  EXPECT_THAT(waiting->replies.all(), IsEmpty());
}

TEST_F(AbandonedServer, is_not_touched_by_what_the_context_runs_later) {
  io.reset();
  waiting->end();
  context.restart();
  context.poll();
  EXPECT_EQ(waiting->polls.all(), std::vector<error_code>{boost::asio::error::operation_aborted});
  EXPECT_THAT(waiting->replies.all(), IsEmpty());
}

}  // namespace
