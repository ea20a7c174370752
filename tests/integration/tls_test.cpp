// The same over TLS, and what hostile clients make of it.

#include <chrono>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "engineio/detail/sanitizers.hpp"
#include "tests/support/certificate.hpp"
#include "tests/support/server_test.hpp"

namespace {

using namespace std::chrono_literals;
using engineio::transports::text_frame;
using support::get;
using support::PollingSession;
using support::RawClient;
using support::WebSocketSession;

// In all, over the five points of a connection.
constexpr int resets = engineio::detail::thread_sanitizer ? 250 : 2'500;

class Tls : public support::ServerTest {
 protected:
  Tls() {
    options.tls = certificate_.tls();
    how.tls = true;
  }
  RawClient connect_plainly() { return RawClient(port()); }

 private:
  support::Certificate certificate_;
};
RUN_ON_LOOPS(Tls);

TEST_P(Tls, polls_and_upgrades) {
  PollingSession session = polling();
  session.park();
  EXPECT_EQ(session
                .post("4one\x1e"
                      "bAAEC")
                .body,
            "ok");
  EXPECT_EQ(session.getting.answer().body,
            "4one\x1e"
            "bAAEC");
  WebSocketSession web = websocket_of(session);
  web.complete_upgrade();
  web.send("4over websocket");
  EXPECT_EQ(web.text(), "4over websocket");
}

TEST_P(Tls, carries_messages_of_many_records) {
  WebSocketSession web = websocket();
  PollingSession poller = polling();
  for (const std::size_t size : {1U, 16'383U, 16'384U, 16'385U, 100'000U, 999'999U}) {
    SCOPED_TRACE(size);
    const std::string text = "4" + std::string(size, 't');
    web.send(text);
    EXPECT_TRUE(web.text() == text);
    EXPECT_EQ(poller.post(text).body, "ok");
    EXPECT_TRUE(poller.poll() == text);
  }
}

TEST_P(Tls, serves_many_sessions_on_one_connection) {
  RawClient client = connect();
  for (int i = 0; i < 16; ++i) {
    const std::string target = std::string(support::polling_target) + "&sid=" +
                               support::sid_of(client.request(get(support::polling_target)).body);
    client.send(support::post(target, "4a") + get(target));
    EXPECT_EQ(client.answer().body, "ok");
    EXPECT_EQ(client.answer().body, "4a");
  }
}

TEST_P(Tls, T74_T87_bears_floods) {
  WebSocketSession web = websocket();
  std::string messages;
  for (int i = 0; i < 20'000; ++i) messages += text_frame("4" + std::to_string(i));
  web.wire.send(messages);
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(web.text(), "4" + std::to_string(i));
  support::Connect small = how;
  small.receive_buffer = 4096;
  WebSocketSession slow(port(), small);
  slow.send("4flood 20000");
  EXPECT_EQ(server().ending(slow.sid()).description, "send queue limit");
}

TEST_P(Tls, tells_the_application_that_a_request_was_secure) {
  setup = [](engineio::Server& server) {
    server.route("/secure", [](const engineio::Request& request) {
      return engineio::HttpResponse{.body = request.secure ? "yes" : "no"};
    });
  };
  EXPECT_EQ(ask(get("/secure")).body, "yes");
}

TEST_P(Tls, answers_a_request_that_comes_with_the_end_of_the_client_s_direction) {
  RawClient client = connect();
  client.half_close(get("/"));
  EXPECT_EQ(client.answer().status, 404);
  PollingSession session = polling();
  session.park();
  session.getting.half_close();
  EXPECT_EQ(server().ending(session.sid()).description, "poll connection closed prematurely");
}

// Half of such requests come in on another loop than their session's, where the end is dealt with.
TEST_P(Tls, ends_with_the_client_s_direction_wherever_the_session_lives) {
  PollingSession session = polling();
  for (int i = 0; i < 8; ++i) {
    RawClient client = connect();
    client.half_close(support::post(session.target(), "4" + std::to_string(i)));
    EXPECT_TRUE(client.read_to_end().ends_with("ok"));
  }
}

// Many turns' worth of messages in one segment with the end.
TEST_P(Tls, takes_in_every_message_that_came_before_the_end) {
  WebSocketSession web = websocket();
  std::string messages;
  for (int i = 0; i < 20'000; ++i) messages += text_frame("4" + std::to_string(i));
  web.wire.half_close(messages);
  for (int i = 0; i < 20'000; ++i) ASSERT_EQ(web.text(), "4" + std::to_string(i));
  EXPECT_EQ(server().ending(web.sid()).reason, "transport close");
}

TEST_P(Tls, T22_closes_who_speaks_no_tls) {
  RawClient client = connect_plainly();
  client.send(get("/"));
  EXPECT_EQ(client.read_to_end().find("HTTP"), std::string::npos);
  RawClient garbage = connect_plainly();
  garbage.try_send(std::string(100'000, '\x16'));
  garbage.read_to_end();
}

TEST_P(Tls, T22_bounds_the_time_of_a_handshake) {
  options.engine.limits.tls_handshake_timeout = 800ms;
  const std::string begin("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
  const int count = support::raise_descriptor_limit(2'200) >= 2'200 ? 1'000 : 400;
  std::vector<RawClient> half;
  for (int i = 0; i < count; ++i) {
    half.push_back(connect_plainly());
    if (i % 2 == 0) half.back().send(begin);
  }
  for (RawClient& client : half) EXPECT_EQ(client.read_to_end(), "");
}

TEST_P(Tls, T22_counts_half_handshakes_among_the_connections_of_an_address) {
  options.engine.limits.connections_per_address = 3;
  check_service = false;
  std::vector<RawClient> half;
  for (int i = 0; i < 3; ++i) half.push_back(connect_plainly());
  EXPECT_EQ(connect_plainly().read_to_end(), "");
  for (RawClient& client : half) EXPECT_TRUE(client.silent());
}

TEST_P(Tls, T22_is_not_put_off_by_a_dribble) {
  options.engine.limits.tls_handshake_timeout = 500ms;
  RawClient client = connect_plainly();
  client.send(std::string("\x16\x03\x01\x20\x00\x01\x00\x1f\xfc\x03\x03", 11));
  int bytes = 0;
  while (client.silent() && bytes < 8000) {
    if (!client.try_send("x")) break;
    ++bytes;
    expect_service();
  }
  client.read_to_end();
  EXPECT_LT(bytes, 8000);
}

TEST_P(Tls, T86_bears_resets_at_every_point) {
  for (int i = 0; i < resets / 5; ++i) {
    connect_plainly().reset();
    RawClient half = connect_plainly();
    half.send(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
    half.reset();
    connect().reset();
    RawClient head = connect();
    head.send("GET / HT");
    head.reset();
    WebSocketSession web = websocket();
    web.send("4flood 10");
    web.wire.reset();
  }
}

TEST(TlsOptions, refuses_files_that_do_not_serve) {
  for (const engineio::Tls& files :
       {engineio::Tls{"/nowhere/cert.pem", "/nowhere/key.pem"},
        engineio::Tls{support::Certificate().tls()}}) {  // gone already
    engineio::Server server{{.tls = files}};
    EXPECT_THROW(server.listen("127.0.0.1", 0), std::system_error);
  }
}

}  // namespace
