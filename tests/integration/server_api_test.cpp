// engineio::Server as its user sees it: routes and options, and its run.

#include <stdexcept>
#include <string>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include "tests/support/server_test.hpp"

namespace {

using namespace std::chrono_literals;
using engineio::HttpResponse;
using engineio::Request;
using support::get;
using support::HttpAnswer;
using support::polling_target;
using support::PollingSession;
using support::post;
using support::WebSocketSession;

SERVER_TESTS(Routes);
SERVER_TESTS(EngineOptions);

TEST_P(Routes, answer_ahead_of_the_engine_and_behind_it) {
  setup = [](engineio::Server& server) {
    server.route("/page", [](const Request& request) {
      return HttpResponse{.body = request.method, .content_type = "text/html"};
    });
    server.route("/engine.io/client.js",
                 [](const Request&) { return HttpResponse{.body = "client"}; });
    server.fallback([](const Request& request) {
      return HttpResponse{.status = 203, .body = std::string(request.path())};
    });
  };
  EXPECT_EQ(ask(get("/page?x=1")).body, "GET");
  EXPECT_EQ(ask(get("/page")).header("Content-Type"), "text/html");
  EXPECT_EQ(ask(post("/page", "a body that nobody reads")).body, "POST");
  EXPECT_EQ(ask(get("/engine.io/client.js")).body, "client");
  EXPECT_EQ(ask(get("/other/page")).body, "/other/page");
  support::RawClient client = connect();
  client.send("HEAD /page HTTP/1.1\r\nHost: a\r\n\r\n" + get("/page"));
  EXPECT_EQ(client.answer(true).header("Content-Length"), "4");
  EXPECT_EQ(client.answer().body, "GET");
}

TEST_P(Routes, answer_500_for_a_handler_that_throws_or_writes_nonsense) {
  setup = [](engineio::Server& server) {
    server.route("/throw", [](const Request&) -> HttpResponse { throw std::runtime_error("no"); });
    server.route("/inject", [](const Request&) {
      return HttpResponse{.headers = {{"A", "b\r\nC: d"}}};
    });
  };
  EXPECT_EQ(ask(get("/throw")).status, 500);
  const HttpAnswer answer = ask(get("/inject"));
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.count("C"), 0U);
}

TEST_P(Routes, send_large_answers) {
  const std::string large(5'000'000, 'x');
  setup = [&](engineio::Server& server) {
    server.route("/large", [large](const Request&) { return HttpResponse{.body = large}; });
  };
  support::Connect slow;
  slow.receive_buffer = 4096;
  support::RawClient client(port(), slow);
  EXPECT_TRUE(client.request(get("/large")).body == large);
  EXPECT_TRUE(client.request(get("/large", "Connection: close\r\n")).body == large);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_P(EngineOptions, path) {
  options.engine.path = "/own";
  check_service = false;
  EXPECT_EQ(ask(get("/own/?EIO=4&transport=polling")).status, 200);
  EXPECT_EQ(ask(get(polling_target)).status, 404);
}

TEST_P(EngineOptions, allow_upgrades_hides_the_offer_only) {
  options.engine.allow_upgrades = false;
  EXPECT_NE(ask(get(polling_target)).body.find(R"("upgrades":[])"), std::string::npos);
  PollingSession session = polling();
  websocket_of(session).complete_upgrade();
}

TEST_P(EngineOptions, transports_without_websocket) {
  options.engine.transports = {engineio::TransportKind::polling};
  check_service = false;
  EXPECT_NE(ask(get(polling_target)).body.find(R"("upgrades":[])"), std::string::npos);
  EXPECT_EQ(ask(support::upgrade(support::websocket_target)).body,
            R"({"code":0,"message":"Transport unknown"})");
  EXPECT_EQ(ask(support::upgrade(polling_target)).status,
            200);  // an upgrade that nobody knows is a plain request
}

TEST_P(EngineOptions, an_initial_packet_follows_the_open_packet) {
  options.engine.initial_packet = "welcome";
  check_service = false;
  EXPECT_TRUE(ask(get(polling_target))
                  .body.ends_with("}\x1e"
                                  "4welcome"));
  WebSocketSession web = websocket();
  EXPECT_EQ(web.text(), "4welcome");
}

TEST_P(EngineOptions, a_path_without_a_slash_at_its_end) {
  options.engine.path = "/x/";
  options.engine.add_trailing_slash = false;
  check_service = false;
  const std::string query = "?EIO=4&transport=polling";
  for (const char* path : {"/x", "/x/", "/xyz"})
    EXPECT_EQ(ask(get(path + query)).status, 200) << path;
  EXPECT_EQ(ask(get("/y" + query)).status, 404);
}

TEST_P(EngineOptions, transports_without_polling) {
  options.engine.transports = {engineio::TransportKind::websocket};
  check_service = false;
  EXPECT_EQ(ask(get(polling_target)).body, R"({"code":0,"message":"Transport unknown"})");
  WebSocketSession web = websocket();
  web.send("4a");
  EXPECT_EQ(web.text(), "4a");
}

TEST_P(EngineOptions, times_and_sizes_are_told_in_the_open_packet) {
  options.engine.ping_interval = 1234ms;
  options.engine.ping_timeout = 5678ms;
  options.engine.max_payload = 4321;
  const std::string opened = ask(get(polling_target)).body;
  EXPECT_NE(opened.find(R"("pingInterval":1234,"pingTimeout":5678,"maxPayload":4321})"),
            std::string::npos);
}

// The application's own work on a loop: the other loops end as well.
TEST(ServerRun, passes_on_what_a_loop_throws) {
  for (const std::size_t loop : {0U, 3U}) {
    engineio::Server server({.threads = 4});
    server.listen("127.0.0.1", 0);
    server.loop(loop).post([] { throw std::runtime_error("own work"); });
    EXPECT_THROW(server.run(), std::runtime_error);
  }
}

TEST(ServerOptions, are_checked_at_the_start) {
  EXPECT_THROW(engineio::Server({.engine = {.max_payload = 4'000'000'001U}}),
               std::invalid_argument);
  EXPECT_THROW(engineio::Server({.shutdown_timeout = -1ms}), std::invalid_argument);
  engineio::ServerOptions both;
  both.engine.cors = engineio::Cors{.origins = {"*"}, .credentials = true};
  EXPECT_THROW(engineio::Server{both}, std::invalid_argument);
  boost::asio::io_context context;
  EXPECT_THROW((engineio::Server{context, engineio::ServerOptions{.threads = 2}}),
               std::invalid_argument);
}

}  // namespace
