#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <stdexcept>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "socketio/server.hpp"
#include "tests/support/socketio_client.hpp"

namespace support {

inline constexpr std::chrono::hours never{1};

/// Handlers and middlewares that wait for what does not come.
class WaitingHandlers {
 public:
  explicit WaitingHandlers(socketio::Server& io) {
    io.use([this](const socketio::Handshake& hello) -> boost::asio::awaitable<socketio::Admission> {
      if (!hello.auth().contains("wait")) co_return socketio::Admit{};
      co_await wait();
      co_return socketio::Admit{};
    });
    io.on("coroutine", [this](socketio::Socket socket) -> boost::asio::awaitable<void> {
      co_await wait();
      socket.emit("too late");
      throw std::runtime_error("nobody hears of it");
    });
    io.on("replies", [this](const socketio::Socket& socket) {
      socket.emit("question", [this, socket] { replies.add({}); });
      socket.timeout(never).emit("question",
                                 [socket](boost::system::error_code) { socket.emit("too late"); });
    });
    io.on("awaited reply", [](socketio::Socket socket) -> boost::asio::awaitable<void> {
      co_await socket.emit_with_ack<>("question");
      socket.emit("too late");
    });
    io.on("poll", [this, &io](const socketio::Socket& socket) {
      io.timeout(never).emit(
          "vote", [this, socket](boost::system::error_code error, const std::vector<int>&) {
            polls.add(error);
            socket.emit("too late");
          });
    });
    io.on("event middleware", [this](const socketio::Socket& socket) {
      socket.use([this](socketio::Event&) -> boost::asio::awaitable<socketio::Admission> {
        co_await wait();
        co_return socketio::Admit{};
      });
    });
  }

  /// Has everything wait for each of the clients, which are all there are.
  void begin(std::deque<SocketioClient>& clients) {
    clients.front().send(R"(2["poll"])");
    for (SocketioClient& client : clients) {
      client.asked(R"(["vote"])");
      client.send(R"(2["replies"])");
      client.asked(R"(["question"])");
      client.asked(R"(["question"])");
      client.send(R"(2["awaited reply"])");
      client.asked(R"(["question"])");
      client.send(R"(2["coroutine"])");
      client.send(R"(2["event middleware"])");
      client.send(R"(2["stays there"])");
    }
    timers_.wait_for(2 * clients.size());
  }
  /// A client that waits to be admitted.
  SocketioClient knock(std::uint16_t port) {
    const std::size_t before = timers_.all().size();
    SocketioClient client(port, R"(0{"wait":true})");
    timers_.wait_for(before + 1);
    return client;
  }

  /// Lets what waits in coroutines go on. Requires: no loop runs.
  void end() {
    for (boost::asio::steady_timer* timer : timers_.all()) timer->cancel();
  }

  Notes<boost::system::error_code> replies;
  Notes<boost::system::error_code> polls;

 private:
  boost::asio::awaitable<void> wait() {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, never);
    timers_.add(&timer);
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }

  Notes<boost::asio::steady_timer*> timers_;
};

}  // namespace support
