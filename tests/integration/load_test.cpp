// Many clients at once, clients that break off anywhere, and a process that runs out of
// descriptors.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "engineio/detail/sanitizers.hpp"
#include "tests/support/server_test.hpp"

namespace {

using namespace std::chrono_literals;
using engineio::transports::text_frame;
using support::get;
using support::PollingSession;
using support::post;
using support::RawClient;
using support::TestServer;
using support::WebSocketSession;

// Under ThreadSanitizer a reset takes ten times as long, and finds nothing that fewer would not.
constexpr std::size_t resets = engineio::detail::thread_sanitizer ? 1'000 : 10'000;

// The clients that are there, for all loops.
class Members {
 public:
  void add(const engineio::Socket& socket) {
    const std::lock_guard lock(mutex_);
    sockets_.push_back(socket);
    if (sockets_.size() > 16) sockets_.erase(sockets_.begin());  // the older ones are gone
  }
  std::vector<engineio::Socket> all() {
    const std::lock_guard lock(mutex_);
    return sockets_;
  }

 private:
  std::mutex mutex_;
  std::vector<engineio::Socket> sockets_;
};

class Load : public support::ServerTest {
 protected:
  Members members;
};
RUN_ON_LOOPS(Load);

TEST_P(Load, serves_1000_websockets) {
  const int count = support::raise_descriptor_limit(2100) >= 2100 ? 1000 : 400;
  std::vector<WebSocketSession> sessions;
  for (int i = 0; i < count; ++i) sessions.push_back(websocket());
  for (int round = 0; round < 3; ++round) {
    for (WebSocketSession& session : sessions) session.send("4" + session.sid());
    for (WebSocketSession& session : sessions) ASSERT_EQ(session.text(), "4" + session.sid());
  }
  EXPECT_EQ(server().server().clients_count(), static_cast<std::size_t>(count));
  sessions.clear();
  server().wait_for_sessions(0);
}

TEST_P(Load, serves_pollers_and_websockets_in_parallel) {
  in_parallel(8, [this](int client) {
    for (int i = 0; i < 20; ++i) {
      PollingSession session = polling();
      for (int message = 0; message < 5; ++message) {
        const std::string text = "4" + std::to_string(client) + "/" + std::to_string(message);
        session.park();
        ASSERT_EQ(session.post(text).body, "ok");
        ASSERT_EQ(session.getting.answer().body, text);
      }
      WebSocketSession web = websocket_of(session);
      web.complete_upgrade();
      web.send("4last");
      ASSERT_EQ(web.text(), "4last");
      client % 2 == 0 ? web.wire.reset() : web.wire.close();
    }
  });
  server().wait_for_sessions(0);
}

TEST_P(Load, T86_bears_resets_at_every_point) {
  const auto requests = [](const std::string& target) {
    return std::vector<std::string>{
        "",
        "G",
        get("/"),
        get("/").substr(0, 20),
        get(support::polling_target),
        get(target),
        post(target, "4abc"),
        post(target, "4abc").substr(0, 100),
        post(target, "4flood 100"),
        get(target) + post(target, "4flood 100"),
        support::upgrade(support::websocket_target),
        support::upgrade(support::websocket_target) + text_frame("4flood 1000"),
        support::upgrade(support::websocket_target) + text_frame("4close"),
        support::upgrade(support::websocket_target) + text_frame("4abc").substr(0, 5)};
  };
  const std::size_t points = requests("").size();
  in_parallel(4, [&](int thread) {
    const std::string from = "127.0.0." + std::to_string(10 + thread);  // ports of its own
    support::Connect here;
    here.from = from.c_str();
    for (std::size_t i = 0; i < resets / 4; ++i) {
      PollingSession session(port(), here);
      RawClient client(port(), here);
      client.try_send(requests(session.target())[i % points]);
      if (i / points % 2 == 0) session.getting.try_send(get(session.target()));
      client.reset();
      session.getting.reset();
    }
  });
}

// Everybody gets what anybody sends, while some of them break off.
TEST_P(Load, T86_bears_resets_during_broadcasts) {
  setup = [this](engineio::Server& server) {
    server.on_connection([this](const engineio::Socket& socket) { members.add(socket); });
    server.on_message([this](const engineio::Socket& socket, engineio::Message message) {
      if (message.data == "hello") return socket.send(message);
      for (const engineio::Socket& member : members.all()) member.send(message);
    });
  };
  in_parallel(4, [&](int) {
    for (std::size_t i = 0; i < resets / 20; ++i) {
      WebSocketSession web = websocket();
      for (int message = 0; message < 3; ++message) web.send("4" + std::string(1000, 'b'));
      if (i % 2 == 0) web.text();
      web.wire.reset();
    }
  });
  server().wait_for_sessions(0);
}

// The connection ends at each byte of what a client sends.
TEST_P(Load, T86_bears_the_end_at_every_byte) {
  const std::string all = support::upgrade(support::websocket_target) + text_frame("4abc") +
                          engineio::transports::fragment(1, "4a") +
                          engineio::transports::ping_frame("p") +
                          engineio::transports::client_close(1000, "bye");
  for (std::size_t size = 0; size <= all.size(); ++size) {
    RawClient client = connect();
    client.send(all.substr(0, size));
    if (size % 2 == 0) client.half_close();
  }
  server().wait_for_sessions(0);
}

// Conversations with a few bytes changed, cut into random segments. The same ones every time.
TEST_P(Load, bears_mutated_conversations) {
  std::mt19937 random(20);
  const auto below = [&](std::size_t bound) { return random() % bound; };
  for (int round = 0; round < 400; ++round) {
    PollingSession session = polling();
    const std::string sid = "&sid=" + session.sid();
    const std::string conversations[] = {
        post(session.target(),
             "4one\x1e"
             "4two\x1e"
             "bAAEC") +
            get(session.target()) + post(session.target(), "4three"),
        support::upgrade(support::websocket_target) + text_frame("4one") +
            engineio::transports::fragment(1, "4t") + engineio::transports::ping_frame("p") +
            engineio::transports::last_fragment("wo") +
            engineio::transports::client_close(1000, "bye"),
        support::upgrade(std::string(support::websocket_target) + sid) + text_frame("2probe") +
            text_frame("5") + text_frame("4one") + engineio::transports::binary_frame("two"),
        "POST " + session.target() +
            " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n4ab\r\n0\r\n\r\n" +
            get("/next"),
    };
    std::string bytes = conversations[below(std::size(conversations))];
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) {
      const std::size_t at = below(bytes.size());
      const std::size_t kind = below(4);
      if (kind == 0) bytes[at] = static_cast<char>(random());
      if (kind == 1) bytes.erase(at, 1 + below(20));
      if (kind == 2) bytes.insert(at, bytes.substr(below(bytes.size()), below(200)));
      if (kind == 3) bytes.insert(at, 1, static_cast<char>(random()));
    }
    RawClient client = connect();
    for (std::string_view rest = bytes; !rest.empty();) {
      const std::size_t size = 1 + below(rest.size());
      if (!client.try_send(rest.substr(0, size))) break;
      rest.remove_prefix(size);
    }
    if (round % 3 == 0) client.reset();
    if (round % 3 == 1) client.half_close();
  }
}

TEST_P(Load, T89_takes_1000_connections_that_come_and_go) {
  in_parallel(4, [this](int) {
    for (int i = 0; i < 250; ++i) ASSERT_EQ(ask(get("/")).status, 404);
  });
}

// In a process of its own, which has few descriptors.
int run_out_of_descriptors() {
  std::set_terminate([] { std::_Exit(99); });
  TestServer server(engineio::ServerOptions{});
  const rlimit few{.rlim_cur = 40, .rlim_max = 40};
  if (::setrlimit(RLIMIT_NOFILE, &few) != 0) return 1;
  std::vector<RawClient> clients;
  try {
    while (clients.size() < 100) clients.emplace_back(server.port());
    return 2;  // the limit was not reached
  } catch (const std::exception&) {
  }
  // The clients have the last descriptors; the server has none for those that wait in the kernel's
  // queue.
  server.wait_for_log("out of file descriptors");
  clients.erase(clients.begin(),
                clients.begin() + static_cast<std::ptrdiff_t>(clients.size() / 2 + 1));
  for (RawClient& client : clients) client.close();
  RawClient late(server.port());
  for (int i = 0; i < 100; ++i) {
    try {
      return late.request(get("/")).status == 404 ? 0 : 3;
    } catch (const std::runtime_error&) {
      late = RawClient(server.port());  // was among those turned away
    }
  }
  return 4;
}

TEST(LoadOnDescriptors, T89_goes_on_when_there_are_descriptors_again) {
  // Its check of virtual tables opens a pipe, and takes a refusal for a broken object. What is
  // refused there is given by hand in listener_test, which every sanitizer sees.
  if (engineio::detail::address_sanitizer)
    GTEST_SKIP() << "UndefinedBehaviorSanitizer needs descriptors of its own";
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) std::_Exit(run_out_of_descriptors());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
