// engineio::Server as its user sees it: handlers and handles.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/server_test.hpp"

namespace {

using namespace std::chrono_literals;
using engineio::Request;
using engineio::Socket;
using support::get;
using support::polling_target;
using support::PollingSession;
using support::post;
using support::WebSocketSession;

class Handles : public support::ServerTest {
 protected:
  Handles() {
    setup = [this](engineio::Server& server) {
      server.on_connection([this](const Socket& socket) {
        const std::lock_guard lock(mutex);
        sockets.emplace(socket.id(), socket);
      });
    };
  }
  Socket handle(const std::string& sid) {
    const std::lock_guard lock(mutex);
    return sockets.at(sid);
  }

  std::mutex mutex;
  std::map<std::string, Socket> sockets;
  std::atomic<int> drains = 0;
  std::atomic<bool> armed = false;
};
RUN_ON_LOOPS(Handles);

TEST_P(Handles, send_from_any_thread_in_the_order_of_each) {
  WebSocketSession web = websocket();
  PollingSession poller = polling();
  const std::vector<Socket> targets = {handle(web.sid()), handle(poller.sid())};
  constexpr int messages = 500;
  in_parallel(3, [&](int thread) {
    for (int i = 0; i < messages; ++i) {
      for (const Socket& socket : targets)
        socket.send(std::to_string(thread) + ' ' + std::to_string(i));
    }
  });
  std::vector<int> next(3);
  const auto expect_next = [&](std::string_view packet) {
    const auto thread = static_cast<std::size_t>(packet[1] - '0');
    EXPECT_EQ(packet.substr(3), std::to_string(next[thread]++));
  };
  for (int i = 0; i < 3 * messages; ++i) expect_next(web.text());
  next = {0, 0, 0};
  for (int received = 0; received < 3 * messages;) {
    const std::string payload = poller.poll();
    for (std::size_t at = 0; at <= payload.size(); ++received) {
      const std::size_t end = std::min(payload.find('\x1e', at), payload.size());
      expect_next(std::string_view(payload).substr(at, end - at));
      at = end + 1;
    }
  }
}

TEST_P(Handles, close_from_any_thread_and_stay_safe_afterwards) {
  WebSocketSession web = websocket();
  const Socket socket = handle(web.sid());
  socket.send("last");
  socket.close();
  socket.send("late");
  EXPECT_EQ(web.text(), "4last");
  EXPECT_EQ(web.close_code(), 1005U);
  EXPECT_EQ(server().ending(web.sid()).reason, "forced close");
  socket.send("dropped");
  socket.close(true);
  EXPECT_EQ(socket.id(), web.sid());
  EXPECT_EQ(socket.request().target, support::websocket_target);
  EXPECT_TRUE(socket == handle(web.sid()));
}

TEST_P(Handles, tell_when_what_was_sent_has_left) {
  setup = [this, before = setup](engineio::Server& server) {
    before(server);
    server.on_drain([this](const Socket&) { ++drains; });
    // What the callbacks report goes to the client, so that nobody has to wait for a moment.
    server.on_message([](const Socket& socket, engineio::Message) {
      socket.send({"a"}, [socket] { socket.send("a left"); });
      socket.send({"b"}, [socket] { socket.send("b left"); });
    });
  };
  check_service = false;
  WebSocketSession web = websocket();
  web.send("4go");
  for (const char* expected : {"4a", "4b", "4a left", "4b left"}) EXPECT_EQ(web.text(), expected);
  PollingSession poller = polling();
  EXPECT_EQ(poller.post("4go").body, "ok");
  EXPECT_EQ(poller.poll(),
            "4a\x1e"
            "4b");
  EXPECT_EQ(poller.poll(),
            "4a left\x1e"
            "4b left");
  EXPECT_GT(drains, 0);
}

TEST_P(Handles, tell_after_an_upgrade_what_was_under_way_by_polling) {
  options.engine.limits.send_queue_hard_bytes = 100'000'000;
  setup = [](engineio::Server& server) {
    server.on_message([](const Socket& socket, engineio::Message) {
      socket.send({std::string(20'000'000, 'x')}, [socket] { socket.send("left"); });
    });
  };
  check_service = false;
  PollingSession slow = polling();
  EXPECT_EQ(slow.post("4go").body, "ok");
  slow.getting.send(get(slow.target()));
  slow.getting.read(1);  // the rest stays under way
  WebSocketSession web = websocket_of(slow);
  web.send("5");
  EXPECT_EQ(web.text(), "4left");
}

TEST_P(Handles, may_be_closed_by_the_headers_of_the_poll_that_an_upgrade_releases) {
  options.engine.headers = [this](std::vector<engineio::HeaderField>&, const Request& request) {
    if (armed && request.method == "GET" && !request.upgrade)
      handle(std::string(request.query.get("sid"))).close(true);
  };
  PollingSession session = polling();
  session.park();
  WebSocketSession web = websocket_of(session);
  armed = true;
  web.send("5");  // without a probe, which would have released the poll
  EXPECT_EQ(server().ending(session.sid()).reason, "forced close");
  EXPECT_EQ(web.close_code(), 1005U);
  armed = false;
}

TEST_P(Handles, may_close_the_server_while_a_websocket_is_answered) {
  for (const bool of_a_session : {true, false}) {
    SCOPED_TRACE(of_a_session);
    std::atomic<engineio::Server*> closing = nullptr;
    std::promise<void> asked;
    support::TestServer own(
        [&] {
          engineio::ServerOptions with_headers = options;
          with_headers.threads = GetParam();
          with_headers.engine.headers = [&](std::vector<engineio::HeaderField>&,
                                            const Request& request) {
            if (!request.upgrade || !closing) return;
            closing.load()->close();
            asked.set_value();
          };
          return with_headers;
        }(),
        setup);
    PollingSession session(own.port());
    closing = &own.server();
    support::RawClient web(own.port());
    web.send(support::upgrade(std::string(support::websocket_target) +
                              (of_a_session ? "&sid=" + session.sid() : "")));
    asked.get_future().wait();
    web.read_to_end();
    own.stop();
    EXPECT_EQ(own.ending(session.sid()).reason, "forced close");
  }
}

TEST_P(Handles, may_be_closed_as_soon_as_they_are_connected) {
  setup = [](engineio::Server& server) {
    server.on_connection([](const Socket& socket) {
      socket.send("hello");
      if (socket.request().query.has("close"))
        socket.close(socket.request().query.get("close") == "now");
    });
  };
  check_service = false;  // "hello" comes before the echo
  const auto target = [](std::string_view base, const char* how_to_close) {
    return std::string(base) + "&close=" + how_to_close;
  };
  support::RawClient poller = connect();
  const std::string opened = poller.request(get(target(polling_target, "later"))).body;
  EXPECT_TRUE(
      opened.ends_with("\x1e"
                       "4hello"));
  EXPECT_EQ(
      poller.request(get(std::string(polling_target) + "&sid=" + support::sid_of(opened))).body,
      "6\x1e"
      "1");
  EXPECT_EQ(ask(get(target(polling_target, "now"))).body, "1");
  for (const char* how_to_close : {"later", "now"}) {
    support::RawClient web = connect();
    EXPECT_EQ(web.request(support::upgrade(target(support::websocket_target, how_to_close))).status,
              101);
    support::sid_of(web.frame().payload);
    EXPECT_EQ(web.frame().payload, "4hello");  // with the network since it was sent
    EXPECT_EQ(web.frame().opcode, 8U);
  }
  server().wait_for_sessions(0);
}

TEST_P(Handles, remember_the_request_that_opened_the_session) {
  support::RawClient client = connect();
  const std::string sid = support::sid_of(
      client.request(get(std::string(polling_target) + "&page=%2Fa", "X-Own: yes\r\n")).body);
  const Socket socket = handle(sid);
  EXPECT_EQ(socket.request().method, "GET");
  EXPECT_EQ(socket.request().query.get("page"), "/a");
  EXPECT_EQ(socket.request().header("x-own"), "yes");
  EXPECT_EQ(socket.request().remote_address, "127.0.0.1");
  EXPECT_NE(socket.request().remote_port, 0);
  EXPECT_FALSE(socket.request().secure);
}

bool has_ipv6() {
  sockaddr_in6 any{};
  any.sin6_family = AF_INET6;
  const int socket = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool bound = ::bind(socket, reinterpret_cast<sockaddr*>(&any), sizeof any) == 0;
  ::close(socket);
  return bound;
}

// As in Node.js: an IPv4 client of a socket for both shows as an IPv6 address.
TEST_P(Handles, see_ipv4_clients_of_a_dual_stack_socket_mapped) {
  setup = [before = setup](engineio::Server& server) {
    before(server);
    server.listen(0);  // the first port is the one used
  };
  support::RawClient client = connect();
  const std::string sid = support::sid_of(client.request(get(polling_target)).body);
  EXPECT_EQ(handle(sid).request().remote_address, has_ipv6() ? "::ffff:127.0.0.1" : "127.0.0.1");
}

TEST_P(Handles, know_the_request_of_the_message) {
  setup = [](engineio::Server& server) {
    server.on_message([](const Socket& socket, engineio::Message) {
      socket.send(std::string(to_string(socket.transport())) + ' ' +
                  std::string(socket.data_request().header("X-Own")));
    });
  };
  check_service = false;  // there is no echo
  PollingSession poller = polling();
  EXPECT_EQ(poller.post("4a", "X-Own: post\r\n").body, "ok");
  EXPECT_EQ(poller.poll(), "4polling post");
  WebSocketSession web = websocket_of(poller);
  web.complete_upgrade();
  web.send("4a");
  EXPECT_EQ(web.text(), "4websocket ");
}

TEST_P(Handles, bear_handlers_that_throw) {
  setup = [](engineio::Server& server) {
    server.on_connection([](const Socket&) { throw std::runtime_error("in on_connection"); });
    server.on_message([](const Socket& socket, engineio::Message message) {
      if (message.data == "throw") throw std::runtime_error("in on_message");
      socket.send(message);
    });
  };
  WebSocketSession web = websocket();
  web.send("4throw");
  web.send("4on");
  EXPECT_EQ(web.text(), "4on");
  server().wait_for_log("in on_connection");
  server().wait_for_log("in on_message");
}

}  // namespace
