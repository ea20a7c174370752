#include "transports/poller.hpp"

#include <unistd.h>

#include <functional>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include "tests/unit/transports/socket_pair.hpp"

namespace engineio::transports {
namespace {

class Watcher final : public Poller::Handler {
 public:
  void on_ready(Ready ready) override {
    seen += std::string(ready.read ? "r" : "") + (ready.write ? "w" : "") +
            (ready.peer_closed ? "c" : "") + (ready.broken ? "b" : "") + ' ';
    if (then) then();
  }
  std::string seen;
  std::function<void()> then;
};

class PollerTest : public testing::Test {
 protected:
  void poll() {
    context.restart();
    context.poll();
  }
  // Forgets what was seen, and looks once: what can be read stays ready.
  std::string seen_next(Watcher& watcher) {
    watcher.seen.clear();
    context.restart();
    context.poll_one();
    return watcher.seen;
  }

  boost::asio::io_context context{1};
  Loop loop{context, 0, 1};
  Poller poller{loop};
  SocketPair a;
  SocketPair b;
  Watcher watch_a;
  Watcher watch_b;
};

TEST_F(PollerTest, tells_what_can_be_read_until_it_is_read) {
  poller.add(a.here(), watch_a, {.read = true});
  poll();
  EXPECT_EQ(watch_a.seen, "");
  a.write_there("x");
  EXPECT_EQ(seen_next(watch_a), "r ");
  EXPECT_EQ(seen_next(watch_a), "r ");  // nobody has read it
  char byte = 0;
  EXPECT_EQ(::read(a.here(), &byte, 1), 1);
  EXPECT_EQ(seen_next(watch_a), "");
}

TEST_F(PollerTest, tells_once_when_edge_triggered) {
  poller.add(a.here(), watch_a, {.read = true, .edge_triggered = true});
  a.write_there("x");
  EXPECT_EQ(seen_next(watch_a), "r ");
  EXPECT_EQ(seen_next(watch_a), "");
  a.write_there("y");
  EXPECT_EQ(seen_next(watch_a), "r ");
  poller.change(a.here(), watch_a, {.read = true, .edge_triggered = true});  // nobody has read it
  EXPECT_EQ(seen_next(watch_a), "r ");
  ::shutdown(a.there(), SHUT_WR);
  EXPECT_EQ(seen_next(watch_a), "rc ");
}

TEST_F(PollerTest, tells_only_what_was_asked_for) {
  a.write_there("x");
  poller.add(a.here(), watch_a, {.read = false, .write = true});
  EXPECT_EQ(seen_next(watch_a), "w ");
  poller.change(a.here(), watch_a, {.read = false, .write = false});
  EXPECT_EQ(seen_next(watch_a), "");
  poller.change(a.here(), watch_a, {.read = true, .write = true});
  EXPECT_EQ(seen_next(watch_a), "rw ");
}

TEST_F(PollerTest, always_tells_the_end) {
  poller.add(a.here(), watch_a, {.read = false});
  ::shutdown(a.there(), SHUT_WR);
  EXPECT_EQ(seen_next(watch_a), "c ");
  a.close_there();
  EXPECT_EQ(seen_next(watch_a), "cb ");
}

TEST_F(PollerTest, makes_a_turn_of_up_to_32_sockets) {
  class Task final : public TurnTask {
   public:
    int turns = 0;

   private:
    void end_of_turn() override { ++turns; }
  };
  for (const std::size_t count : {31U, 32U, 33U, 64U, 65U}) {
    SCOPED_TRACE(count);
    Task task;
    std::vector<std::unique_ptr<SocketPair>> sockets;
    std::vector<Watcher> watchers(count);
    for (Watcher& watcher : watchers) {
      sockets.push_back(std::make_unique<SocketPair>());
      watcher.then = [&] { loop.at_end_of_turn(task); };
      poller.add(sockets.back()->here(), watcher, {.read = true, .edge_triggered = true});
      sockets.back()->write_there("x");
    }
    poll();
    for (const Watcher& watcher : watchers) EXPECT_EQ(watcher.seen, "r ");
    EXPECT_EQ(task.turns, static_cast<int>((count + 31) / 32));
    for (std::size_t i = 0; i < count; ++i) poller.remove(sockets[i]->here(), watchers[i]);
  }
}

// Whatever else the loop has to do waits for eight turns at most.
TEST_F(PollerTest, lets_others_have_their_turn) {
  constexpr std::size_t count = 600;
  std::size_t seen = 0;
  std::size_t seen_before = 0;
  std::vector<std::unique_ptr<SocketPair>> sockets;
  std::vector<Watcher> watchers(count);
  for (Watcher& watcher : watchers) {
    sockets.push_back(std::make_unique<SocketPair>());
    watcher.then = [&] {
      if (++seen == 1) boost::asio::post(context, [&] { seen_before = seen; });
    };
    poller.add(sockets.back()->here(), watcher, {.read = true, .edge_triggered = true});
    sockets.back()->write_there("x");
  }
  poll();
  EXPECT_EQ(seen, count);
  EXPECT_EQ(seen_before, 256U);
}

TEST_F(PollerTest, does_not_call_who_was_removed_by_another_of_the_batch) {
  poller.add(a.here(), watch_a, {.read = true});
  poller.add(b.here(), watch_b, {.read = true});
  watch_a.then = [&] { poller.remove(b.here(), watch_b); };
  watch_b.then = [&] { poller.remove(a.here(), watch_a); };
  a.write_there("x");
  b.write_there("x");
  seen_next(watch_a);
  EXPECT_EQ((watch_a.seen + watch_b.seen).substr(0, 2), "r ");
  EXPECT_TRUE(watch_a.seen.empty() || watch_b.seen.empty());
}

TEST_F(PollerTest, forgets_the_others_of_the_batch_when_a_handler_throws) {
  poller.add(a.here(), watch_a, {.read = true});
  poller.add(b.here(), watch_b, {.read = true});
  watch_a.then = watch_b.then = [] { throw std::bad_alloc(); };
  a.write_there("x");
  b.write_there("x");
  EXPECT_THROW(poll(), std::bad_alloc);
  poller.remove(a.here(), watch_a);  // the batch was on the stack
  poller.remove(b.here(), watch_b);
  EXPECT_TRUE(watch_a.seen.empty() || watch_b.seen.empty());
}

TEST_F(PollerTest, lets_a_handler_remove_itself) {
  poller.add(a.here(), watch_a, {.read = true});
  watch_a.then = [&] { poller.remove(a.here(), watch_a); };
  a.write_there("x");
  poll();
  EXPECT_EQ(watch_a.seen, "r ");
}

TEST_F(PollerTest, leaves_the_context_without_work_once_it_is_stopped) {
  poller.add(a.here(), watch_a, {.read = true});
  a.write_there("x");
  watch_a.then = [&] { poller.stop(); };
  context.run();  // returns
  EXPECT_EQ(watch_a.seen, "r ");
  poller.remove(a.here(), watch_a);  // does no harm
}

TEST_F(PollerTest, throws_for_what_cannot_be_watched) {
  EXPECT_THROW(poller.add(-1, watch_a, {}), std::system_error);
}

}  // namespace
}  // namespace engineio::transports
