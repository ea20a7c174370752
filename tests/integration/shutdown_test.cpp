// close() in every state a client can be in: bounded, complete, and `run` returns.

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include "tests/support/server_test.hpp"

namespace {

using namespace std::chrono_literals;
using support::get;
using support::PollingSession;
using support::post;
using support::RawClient;
using support::TestServer;
using support::WebSocketSession;

class Shutdown : public support::ServerTest {
 protected:
  // Stops the server; the time that takes is bounded by the shutdown timeout, some way or other.
  void stop() {
    const auto begin = std::chrono::steady_clock::now();
    server().stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, options.shutdown_timeout + 5s);
    EXPECT_EQ(server().server().clients_count(), 0U);
    check_service = false;
  }
};
RUN_ON_LOOPS(Shutdown);

TEST_P(Shutdown, T95_tells_every_client) {
  PollingSession parked = polling();
  parked.park();
  WebSocketSession web = websocket();
  std::thread client([&] {
    EXPECT_EQ(web.close_code(), 1005U);
    web.finish_close();
  });
  stop();
  client.join();
  EXPECT_EQ(parked.getting.answer().body, "1");
  EXPECT_EQ(server().ending(parked.sid()).reason, "forced close");
  EXPECT_EQ(server().ending(web.sid()).reason, "forced close");
  EXPECT_ANY_THROW(RawClient(server().port()));  // nobody listens any more
}

TEST_P(Shutdown, T95_ends_in_every_state) {
  struct State {
    const char* name;
    std::function<void(RawClient&, const std::string& target)> reach;
  };
  const std::vector<State> states = {
      {"connected", [](RawClient&, const std::string&) {}},
      {"half a head",
       [](RawClient& client, const std::string&) { client.send("GET / HTTP/1.1\r\nHo"); }},
      {"half a body",
       [](RawClient& client, const std::string& target) {
         client.send(post(target, "4abc").substr(0, 80));
       }},
      {"parked", [](RawClient& client, const std::string& target) { client.send(get(target)); }},
      {"two GETs", [](RawClient& client,
                      const std::string& target) { client.send(get(target) + get(target)); }},
      {"idle after a request",
       [](RawClient& client, const std::string&) { client.request(get("/")); }},
      {"worked off",
       [](RawClient& client, const std::string& target) {
         std::string pongs = "3";
         for (int i = 0; i < 100'000; ++i)
           pongs +=
               "\x1e"
               "3";
         client.send(post(target, pongs));
       }},
      {"closing", [](RawClient& client,
                     const std::string& target) { client.request(post(target, "4close")); }},
      {"candidate",
       [](RawClient& client, const std::string& target) {
         client.request(support::upgrade("/engine.io/?EIO=4&transport=websocket" +
                                         target.substr(target.find("&sid="))));
       }},
      {"websocket",
       [](RawClient& client, const std::string&) {
         client.request(support::upgrade(support::websocket_target));
       }},
      {"half a frame",
       [](RawClient& client, const std::string&) {
         client.request(support::upgrade(support::websocket_target));
         client.send(engineio::transports::text_frame("4abc").substr(0, 5));
       }},
      {"full socket",
       [](RawClient& client, const std::string&) {
         client.request(support::upgrade(support::websocket_target));
         client.send(engineio::transports::text_frame("4flood 7000"));
       }},
      {"asked to close",
       [](RawClient& client, const std::string&) {
         client.request(support::upgrade(support::websocket_target));
         client.send(engineio::transports::text_frame("4close"));
       }},
  };
  std::vector<RawClient> clients;
  std::vector<PollingSession> sessions;
  for (const State& state : states) {
    for (int i = 0; i < 3; ++i) {
      SCOPED_TRACE(state.name);
      sessions.push_back(polling());
      clients.push_back(connect());
      state.reach(clients.back(), sessions.back().target());
    }
  }
  stop();
  for (RawClient& client : clients) client.read_to_end();
}

TEST_P(Shutdown, T95_ends_while_clients_come_and_go) {
  std::thread stopping;
  in_parallel(4, [&](int client) {
    for (int i = 0;; ++i) {
      if (client == 0 && i == 20) stopping = std::thread([this] { stop(); });
      try {
        PollingSession session = polling();
        session.post("4a");
        session.poll();
        websocket_of(session).complete_upgrade();
      } catch (const std::exception&) {
        if (client != 0 || i > 20) break;
      }
    }
  });
  stopping.join();
}

TEST_P(Shutdown, may_be_asked_for_twice_and_from_a_handler) {
  setup = [](engineio::Server& server) {
    server.route("/stop", [&server](const engineio::Request&) {
      server.close();
      server.close();
      return engineio::HttpResponse{};
    });
  };
  RawClient client = connect();
  client.send(get("/stop"));
  client.read_to_end();
  stop();
}

TEST(ServerLife, closes_before_it_runs) {
  engineio::Server server{engineio::ServerOptions{.threads = 4}};
  server.listen("127.0.0.1", 0);
  server.close();
  server.run();
}

TEST(ServerLife, is_destroyed_without_having_run) {
  const std::size_t before = support::open_descriptors();
  {
    engineio::Server server{engineio::ServerOptions{.threads = 4}};
    server.listen("127.0.0.1", 0);
    RawClient waiting(server.port());
  }
  EXPECT_EQ(support::open_descriptors(), before);
}

TEST(ServerLife, lives_on_a_borrowed_context) {
  boost::asio::io_context context(1);
  engineio::Server server(context);
  server.on_message([&](const engineio::Socket& socket, engineio::Message message) {
    if (message.data == "stop") return server.close();
    socket.send(message);
  });
  server.listen("127.0.0.1", 0);
  std::thread thread([&] { context.run(); });
  WebSocketSession web(server.port());
  web.send("4a");
  EXPECT_EQ(web.text(), "4a");
  web.send("4stop");
  EXPECT_EQ(web.close_code(), 1005U);
  web.finish_close();
  web.wire.close();
  thread.join();
}

// A reply that the application still has is answered, or thrown away, when there is no server.
TEST(ServerLife, is_outlived_by_the_replies_of_allow_request) {
  boost::asio::io_context context(1);
  std::vector<engineio::DecisionCallback> replies;
  {
    engineio::ServerOptions options;
    options.engine.allow_request = [&](const engineio::Request&, engineio::DecisionCallback reply) {
      replies.push_back(std::move(reply));
    };
    engineio::Server server(context, options);
    server.listen("127.0.0.1", 0);
    std::vector<RawClient> clients;
    for (int i = 0; i < 2; ++i) {
      clients.emplace_back(server.port());
      clients.back().send(get(support::polling_target));
    }
    while (replies.size() < clients.size()) context.run_one();
  }
  replies.front()({.allowed = true});
  replies.clear();
  context.restart();
  context.run();
}

TEST(ServerLife, is_destroyed_on_a_borrowed_context_that_stopped) {
  boost::asio::io_context context(1);
  {
    engineio::Server server(context);
    server.listen("127.0.0.1", 0);
    std::thread thread([&] { context.run(); });
    WebSocketSession web(server.port());
    context.stop();
    thread.join();
  }
  context.restart();
  context.run();  // what the server left behind must not touch it any more
}

TEST(ServerLife, is_destroyed_while_its_close_is_under_way) {
  const std::size_t before = support::open_descriptors();
  {
    boost::asio::io_context context(1);
    engineio::Server server(context, {.shutdown_timeout = 20s});
    server.listen("127.0.0.1", 0);
    std::thread thread([&] { context.run(); });
    WebSocketSession web(server.port());
    server.close();
    EXPECT_EQ(web.close_code(), 1005U);  // and is not answered
    context.stop();
    thread.join();
  }
  EXPECT_EQ(support::open_descriptors(), before);
}

TEST(ServerLife, says_which_address_cannot_be_used) {
  engineio::Server first;
  first.listen("127.0.0.1", 0);
  engineio::Server second;
  boost::system::error_code error;
  second.listen("127.0.0.1", first.port(), error);
  EXPECT_EQ(error, boost::system::errc::address_in_use);
  EXPECT_THROW(second.listen("127.0.0.1", first.port()), boost::system::system_error);
}

TEST(ServerLife, listens_on_all_addresses_of_a_name_or_on_none) {
  engineio::Server first;
  first.listen("127.0.0.1", 0);
  engineio::Server second;
  const std::size_t before = support::open_descriptors();
  boost::system::error_code error;
  second.listen("localhost", first.port(), error);
  EXPECT_EQ(error, boost::system::errc::address_in_use);
  EXPECT_EQ(second.port(), 0);
  EXPECT_EQ(support::open_descriptors(), before);
  EXPECT_NO_THROW(second.on_message({}));  // it does not listen yet
  second.listen("localhost", 0);
  EXPECT_THROW(second.on_message({}), std::logic_error);
}

}  // namespace
