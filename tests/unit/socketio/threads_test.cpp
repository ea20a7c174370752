#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/socketio/world.hpp"

// Several loops, each on a thread of its own: for ThreadSanitizer, and for what must hold whoever
// runs first.

namespace socketio {
namespace {

using boost::system::error_code;
using ::testing::SizeIs;
using testing::TestClient;
using testing::Wire;
using testing::World;
using namespace std::chrono_literals;
namespace asio = boost::asio;

constexpr std::size_t loops = 4;

/// Runs the loops of a world on threads, from its construction to its end.
class Running {
 public:
  explicit Running(World& world) : world_(world) {
    for (std::size_t i = 0; i < loops; ++i) {
      asio::io_context& context = world.loop(i).context();
      context.restart();
      guards_.emplace_back(context.get_executor());
      threads_.emplace_back([&context] { context.run(); });
    }
  }
  ~Running() {
    settle();
    // Heartbeats would keep them going.
    for (std::size_t i = 0; i < loops; ++i) world_.loop(i).context().stop();
    for (std::thread& thread : threads_) thread.join();
  }

  /// Returns when what is posted now, and what that posts in turn, has run on every loop.
  void settle() {
    for (int round = 0; round < 4; ++round) {
      for (std::size_t i = 0; i < loops; ++i) {
        std::promise<void> done;
        world_.loop(i).post([&done] { done.set_value(); });
        done.get_future().wait();
      }
    }
  }

 private:
  World& world_;
  std::vector<asio::executor_work_guard<asio::io_context::executor_type>> guards_;
  std::vector<std::thread> threads_;
};

class Threads : public ::testing::Test {
 protected:
  Threads() : world_({}, loops) {}

  void start(std::size_t clients_per_loop) {
    for (std::size_t i = 0; i < loops * clients_per_loop; ++i) {
      clients_.push_back(world_.client(i % loops));
      clients_.back().join();
      clients_.back().received();
    }
  }
  /// Hands a message in on the client's own loop, from any thread.
  void post(std::size_t client, std::string message) {
    const auto session = clients_[client].session();
    session->loop().post([session, message = std::move(message)] {
      if (!session->transport()) return;
      session->sink().on_packet(*session->transport(), {engineio::PacketType::message, message});
    });
  }

  World world_;
  std::vector<TestClient> clients_;
};

TEST_F(Threads, BroadcastsFromEveryLoopReachEverybodyInOrder) {
  std::atomic<int> handled = 0;
  world_.main().on("shout", [&](Socket socket, int n, Ack<int> ack) {
    socket.broadcast().emit("heard", socket.id(), n);
    socket.join("room" + std::to_string(n % 3));
    world_.main().to("room1").volatile_().emit("whisper");
    ack(n);
    ++handled;
  });
  start(2);
  constexpr int shouts = 50;
  {
    Running running(world_);
    for (int n = 0; n < shouts; ++n) {
      for (std::size_t i = 0; i < clients_.size(); ++i) {
        post(i, "2" + std::to_string(n) + R"(["shout",)" + std::to_string(n) + "]");
      }
    }
  }
  EXPECT_EQ(handled, shouts * static_cast<int>(clients_.size()));
  for (TestClient& client : clients_) {
    std::map<std::string, int> next;
    for (const std::string& packet : client.received()) {
      if (!packet.starts_with(R"(42["heard",")")) continue;
      const std::string id = packet.substr(12, 20);
      EXPECT_EQ(packet.substr(34), std::to_string(next[id]++) + "]");
    }
    EXPECT_THAT(next, SizeIs(clients_.size() - 1));
    for (const auto& [id, count] : next) EXPECT_EQ(count, shouts);
  }
}

TEST_F(Threads, EmitsOfOneThreadKeepTheirOrder) {
  std::vector<Socket> sockets(loops);
  world_.main().on("here", [&](Socket socket, std::size_t i) { sockets[i] = socket; });
  start(1);
  for (std::size_t i = 0; i < loops; ++i)
    clients_[i].send(R"(2["here",)" + std::to_string(i) + "]");
  constexpr int emits = 200;
  {
    Running running(world_);
    std::thread other([&] {
      for (int n = 0; n < emits; ++n) {
        for (const Socket& socket : sockets) {
          if (n % 2 == 0) {
            socket.emit("n", n);
          } else {
            world_.main().to(socket.id()).emit("n", n);
          }
        }
      }
    });
    other.join();
  }
  for (TestClient& client : clients_) {
    const Wire got = client.received();
    ASSERT_THAT(got, SizeIs(emits));
    for (int n = 0; n < emits; ++n)
      EXPECT_EQ(got[static_cast<std::size_t>(n)], R"(42["n",)" + std::to_string(n) + "]");
  }
}

TEST_F(Threads, OperationsOverAllLoopsComplete) {
  std::atomic<int> counted = 0;
  std::atomic<int> fetched = 0;
  std::atomic<int> replies = 0;
  world_.main().on("look", [&](Socket socket) -> asio::awaitable<void> {
    counted += static_cast<int>(co_await socket.broadcast().count_sockets());
    co_await socket.in("nobody").sockets_join("x", asio::use_awaitable);
    const std::vector<RemoteSocket> all = co_await world_.main().fetch_sockets();
    fetched += static_cast<int>(all.size());
    auto [error, answers] = co_await world_.main().timeout(1ms).emit_with_ack<int>("q")(
        asio::as_tuple(asio::use_awaitable));
    if (error == Errc::timed_out) ++replies;
  });
  start(1);
  {
    Running running(world_);
    for (std::size_t i = 0; i < clients_.size(); ++i) post(i, R"(2["look"])");
    while (replies != static_cast<int>(loops)) running.settle();
  }
  EXPECT_EQ(counted, static_cast<int>(loops * (loops - 1)));
  EXPECT_EQ(fetched, static_cast<int>(loops * loops));
}

TEST_F(Threads, RepliesToABroadcastMeetOnTheLoopWhereItBegan) {
  std::promise<std::vector<int>> all;
  world_.main().on("ask", [&](Socket) {
    world_.main().timeout(30s).emit("q", [&](error_code error, std::vector<int> answers) {
      EXPECT_FALSE(error);
      all.set_value(std::move(answers));
    });
  });
  start(2);
  Running running(world_);
  post(1, R"(2["ask"])");
  running.settle();
  // The second loop has given its first id: 0·4 + 1.
  for (std::size_t i = 0; i < clients_.size(); ++i) post(i, "31[" + std::to_string(i) + "]");
  EXPECT_THAT(all.get_future().get(), ::testing::UnorderedElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST_F(Threads, HandlesMayBeDroppedAndUsedAnywhere) {
  std::vector<Socket> sockets(loops * 2);
  std::atomic<int> gone = 0;
  world_.main().on("here", [&](Socket socket, std::size_t i) {
    socket.on("x", [socket] {});
    sockets[i] = socket;
  });
  world_.main().on_disconnect([&] { ++gone; });
  start(2);
  for (std::size_t i = 0; i < sockets.size(); ++i)
    clients_[i].send(R"(2["here",)" + std::to_string(i) + "]");
  {
    Running running(world_);
    std::thread other([&] {
      for (Socket& socket : sockets) {
        socket.timeout(30s).emit("q", [](error_code) {});
        socket.disconnect(true);
        socket.emit("late");
        socket = {};
      }
    });
    other.join();
    running.settle();
    for (std::size_t i = 0; i < loops; ++i)
      world_.loop(i).post([&, i] { world_.core().shut_down(i); });
  }
  EXPECT_EQ(gone, static_cast<int>(clients_.size()));
}

}  // namespace
}  // namespace socketio
