// How a session begins: the checks in their order, the open packet, the ids.

#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/server_test.hpp"

namespace {

using support::get;
using support::HttpAnswer;
using support::polling_target;
using support::PollingSession;
using support::post;
using support::sid_of;
using support::WebSocketSession;

class Handshake : public support::ServerTest {
 protected:
  std::mutex mutex;
  std::vector<std::string> reported;
};
RUN_ON_LOOPS(Handshake);

class Permission : public support::ServerTest {
 protected:
  std::mutex mutex;
  std::vector<engineio::DecisionCallback> waiting;
  std::atomic<int> count = 0;
};
RUN_ON_LOOPS(Permission);

constexpr std::string_view transport_unknown = R"({"code":0,"message":"Transport unknown"})";
constexpr std::string_view bad_request = R"({"code":3,"message":"Bad request"})";
constexpr std::string_view bad_version = R"({"code":5,"message":"Unsupported protocol version"})";

void expect_json(const HttpAnswer& answer, int status, std::string_view body) {
  EXPECT_EQ(answer.status, status);
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_EQ(answer.count("cache-control"), 0U);
  EXPECT_EQ(answer.body, body);
}

TEST_P(Handshake, opens_over_polling) {
  const HttpAnswer answer = ask(get(polling_target));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "text/plain; charset=UTF-8");
  EXPECT_EQ(answer.header("cache-control"), "no-store");
  const std::string sid = sid_of(answer.body);
  EXPECT_EQ(sid.size(), 20U);
  EXPECT_EQ(
      answer.body,
      R"(0{"sid":")" + sid +
          R"(","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
}

TEST_P(Handshake, opens_over_websocket) {
  support::RawClient client = connect();
  const HttpAnswer answer = client.request(
      support::upgrade(support::websocket_target, "Sec-WebSocket-Protocol: one, two\r\n"));
  EXPECT_EQ(answer.status, 101);
  EXPECT_EQ(answer.header("Upgrade"), "websocket");
  EXPECT_EQ(answer.header("Connection"), "Upgrade");
  EXPECT_EQ(answer.header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(answer.header("Sec-WebSocket-Protocol"), "one");
  EXPECT_EQ(answer.headers.size(), 4U);
  const std::string opened = client.frame().payload;
  EXPECT_EQ(
      opened,
      R"(0{"sid":")" + sid_of(opened) +
          R"(","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
}

TEST_P(Handshake, T23_to_T28_refuses_with_the_code_of_the_first_failed_check) {
  struct Case {
    const char* name;
    std::string request;
    std::string_view body;
  };
  const std::string path = "/engine.io/";
  for (const Case& one : std::initializer_list<Case>{
           {"no query", get(path), transport_unknown},
           {"no transport", get(path + "?EIO=4"), transport_unknown},
           {"bogus", get(path + "?EIO=4&transport=bogus"), transport_unknown},
           {"__proto__", get(path + "?EIO=4&transport=__proto__"), transport_unknown},
           {"constructor", get(path + "?EIO=4&transport=constructor"), transport_unknown},
           {"webtransport", get(path + "?EIO=4&transport=webtransport"), transport_unknown},
           {"no EIO", get(path + "?transport=polling"), bad_version},
           {"EIO 3", get(path + "?EIO=3&transport=polling"), bad_version},
           {"EIO 5", get(path + "?EIO=5&transport=polling"), bad_version},
           {"EIO 4, then 3", get(path + "?EIO=4&EIO=3&transport=polling"), bad_version},
           {"unknown sid", get(path + "?EIO=4&transport=polling&sid=abc"),
            support::session_unknown},
           {"sid __proto__", get(path + "?EIO=4&transport=polling&sid=__proto__"),
            support::session_unknown},
           {"sid toString", get(path + "?EIO=4&transport=polling&sid=toString"),
            support::session_unknown},
           {"sid of 8 KB", get(path + "?EIO=4&transport=polling&sid=" + std::string(8000, 'a')),
            support::session_unknown},
           {"sid with a NUL", get(path + "?EIO=4&transport=polling&sid=%00"),
            support::session_unknown},
           {"POST", post(polling_target, "4a"), R"({"code":2,"message":"Bad handshake method"})"},
           {"websocket without upgrade", get(support::websocket_target), bad_request},
       }) {
    SCOPED_TRACE(one.name);
    expect_json(ask(one.request), 400, one.body);
  }
  EXPECT_EQ(ask(get(path + "?EIO=3&EIO=4&transport=polling")).status, 200);
}

TEST_P(Handshake, T26_takes_an_empty_sid_for_none) {
  EXPECT_EQ(sid_of(ask(get(std::string(polling_target) + "&sid=")).body).size(), 20U);
}

TEST_P(Handshake, T31_refuses_another_revision_on_a_session) {
  PollingSession session = polling();
  for (const char* revision : {"EIO=3&", "", "EIO=5&"}) {
    const std::string target =
        "/engine.io/?" + std::string(revision) + "transport=polling&sid=" + session.sid();
    expect_json(ask(get(target)), 400, bad_request);
    expect_json(ask(post(target, "4a")), 400, bad_request);
    const HttpAnswer refused = ask(support::upgrade("/engine.io/?" + std::string(revision) +
                                                    "transport=websocket&sid=" + session.sid()));
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.body, "Bad request");
  }
  EXPECT_TRUE(session.alive());
}

TEST_P(Handshake, refuses_an_upgrade_in_plain_text) {
  struct Case {
    const char* name;
    std::string target;
    const char* text;
  };
  for (const Case& one :
       {Case{"EIO 3", "/engine.io/?EIO=3&transport=websocket", "Unsupported protocol version"},
        Case{"unknown sid", std::string(support::websocket_target) + "&sid=nobody",
             "Session ID unknown"},
        Case{"no transport", "/engine.io/?EIO=4", "Transport unknown"}}) {
    SCOPED_TRACE(one.name);
    support::RawClient client = connect();
    const HttpAnswer answer = client.request(support::upgrade(one.target));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.header("Content-Type"), "text/html");
    EXPECT_EQ(answer.header("Connection"), "close");
    EXPECT_EQ(answer.body, one.text);
    EXPECT_EQ(client.read_to_end(), "");
  }
}

TEST_P(Handshake, T76_answers_an_upgrade_elsewhere_with_404) {
  EXPECT_EQ(ask(support::upgrade("/elsewhere")).status, 404);
}

TEST_P(Handshake, T77_wants_a_proper_websocket_request) {
  const auto with_key = [](const char* key) {
    return std::string(
               "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
               "13\r\nSec-WebSocket-Key: ") +
           key + "\r\n";
  };
  for (const char* key :
       {"", "abc", "dGhlIHNhbXBsZSBub25jZQ=", "AAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAAA=", "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZ_=="}) {
    SCOPED_TRACE(key);
    EXPECT_EQ(ask(get(support::websocket_target, with_key(key))).status, 400);
  }
  for (const char* version : {"8", "12", "14", "x", ""}) {
    SCOPED_TRACE(version);
    const HttpAnswer answer =
        ask(get(support::websocket_target,
                std::string("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: "
                            "dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: ") +
                    version + "\r\n"));
    EXPECT_EQ(answer.status, 426);
    EXPECT_EQ(answer.header("Sec-WebSocket-Version"), "13");
  }
  // Without Connection it is no upgrade at all.
  expect_json(ask(get(support::websocket_target,
                      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                      "dGhlIHNhbXBsZSBub25jZQ==\r\n")),
              400, bad_request);
}

TEST_P(Handshake, closes_the_websocket_of_a_polling_request) {
  support::RawClient client = connect();
  EXPECT_EQ(client.request(support::upgrade(polling_target)).status, 101);
  const support::Frame frame = client.frame();
  EXPECT_EQ(frame.opcode, 8U);
  EXPECT_EQ(frame.payload, "");
}

TEST_P(Handshake, T25_T68_logs_one_escaped_line_a_request) {
  ask(get("/engine.io/?EIO=4&transport=polling&sid=" + std::string(8000, 'a') +
          "%0d%0aforged%1b[31m"));
  ask(get("/engine.io/?EIO=4&transport=x%0aforged%22"));
  server().wait_for_log("Transport unknown");
  for (const std::string& line : server().log_lines()) {
    EXPECT_LT(line.size(), 600U);
    for (const char c : line) EXPECT_GE(static_cast<unsigned char>(c), 0x20);
  }
}

TEST_P(Handshake, T29_gives_every_session_another_id) {
  std::set<std::string> ids;
  support::RawClient client = connect();
  for (int i = 0; i < 300; ++i) ids.insert(sid_of(client.request(get(polling_target)).body));
  EXPECT_EQ(ids.size(), 300U);
}

TEST_P(Handshake, reports_every_refusal) {
  options.engine.on_connection_error = [&](const engineio::ConnectionError& error) {
    const std::lock_guard lock(mutex);
    reported.push_back(std::to_string(static_cast<int>(error.code)) + ' ' +
                       std::string(error.message) + ' ' + std::string(error.context));
  };
  ask(get("/engine.io/?EIO=4&transport=bogus"));
  ask(post(polling_target, "4"));
  EXPECT_EQ(reported, (std::vector<std::string>{"0 Transport unknown transport=bogus",
                                                "2 Bad handshake method method=POST"}));
}

TEST_P(Permission, asks_once_a_handshake_and_never_after) {
  options.engine.allow_request = [&](const engineio::Request&,
                                     const engineio::DecisionCallback& reply) {
    ++count;
    reply({.allowed = true});
    reply({.allowed = false});  // too late
  };
  PollingSession session = polling();
  session.post("4a");
  session.poll();
  websocket_of(session).complete_upgrade();
  EXPECT_EQ(count, 1);
}

TEST_P(Permission, answers_a_refusal_with_the_application_s_words) {
  options.engine.allow_request = [](const engineio::Request& request,
                                    const engineio::DecisionCallback& reply) {
    const std::string why(request.query.get("why"));
    if (why == "throw") throw std::runtime_error("no");
    if (why != "forget") reply({.allowed = why.empty(), .message = why == "none" ? "" : why});
  };
  const auto target = [](const char* why) { return std::string(polling_target) + "&why=" + why; };
  expect_json(ask(get(target("banned"))), 403, R"({"code":4,"message":"banned"})");
  expect_json(ask(get(target("none"))), 403, R"({"code":4,"message":"Forbidden"})");
  expect_json(ask(get(target("throw"))), 403, R"({"code":4,"message":"Forbidden"})");
  expect_json(ask(get(target("forget"))), 403, R"({"code":4,"message":"Forbidden"})");
  const HttpAnswer upgrade =
      ask(support::upgrade(std::string(support::websocket_target) + "&why=banned"));
  EXPECT_EQ(upgrade.status, 400);
  EXPECT_EQ(upgrade.body, "banned");
}

TEST_P(Permission, bears_a_client_that_leaves_before_the_decision) {
  options.engine.allow_request = [&](const engineio::Request& request,
                                     engineio::DecisionCallback reply) {
    if (request.query.get("later").empty()) return reply({.allowed = true});
    const std::lock_guard lock(mutex);
    waiting.push_back(std::move(reply));
  };
  {
    support::RawClient leaving = connect();
    leaving.send(get(std::string(polling_target) + "&later=1"));
    for (;;) {
      const std::lock_guard lock(mutex);
      if (!waiting.empty()) break;
    }
    leaving.reset();
  }
  expect_service();
  const std::lock_guard lock(mutex);
  for (const auto& reply : waiting) reply({.allowed = true});
  waiting.clear();
  expect_service();
  server().wait_for_sessions(0);
}

TEST_P(Permission, takes_the_application_s_ids_on_whatever_loop_they_live) {
  options.engine.generate_id = [this](const engineio::Request& request) -> std::string {
    if (request.query.get("id") == "throw") throw std::runtime_error("none left");
    if (request.query.get("id") == "same") return "same";
    if (request.query.get("id") == "empty") return "";
    return "id-" + std::to_string(count++);
  };
  for (int i = 0; i < 16; ++i) {
    PollingSession session = polling();
    EXPECT_EQ(session.sid(), "id-" + std::to_string(i));
    EXPECT_EQ(session.post("4a").body, "ok");
    EXPECT_EQ(session.poll(), "4a");
  }
  expect_json(ask(get(std::string(polling_target) + "&id=throw")), 400, bad_request);
  expect_json(ask(get(std::string(polling_target) + "&id=empty")), 400, bad_request);
  EXPECT_EQ(ask(get(std::string(polling_target) + "&id=same")).status, 200);
  expect_json(ask(get(std::string(polling_target) + "&id=same")), 400, bad_request);
  expect_json(ask(get(std::string(polling_target) + "&id=same")), 400, bad_request);
}

TEST_P(Permission, adds_the_application_s_headers) {
  options.engine.initial_headers = [](std::vector<engineio::HeaderField>& headers,
                                      const engineio::Request&) {
    headers.push_back({"X-First", "1"});
  };
  options.engine.headers = [](std::vector<engineio::HeaderField>& headers,
                              const engineio::Request&) {
    headers.push_back({"X-Every", "2"});
  };
  support::RawClient client = connect();
  const HttpAnswer opened = client.request(get(polling_target));
  EXPECT_EQ(opened.header("X-First") + opened.header("X-Every"), "12");
  const std::string target = std::string(polling_target) + "&sid=" + sid_of(opened.body);
  EXPECT_EQ(client.request(post(target, "4a")).header("X-Every"), "2");
  const HttpAnswer polled = client.request(get(target));
  EXPECT_EQ(polled.header("X-First") + polled.header("X-Every"), "2");
  const HttpAnswer upgraded = ask(support::upgrade(support::websocket_target));
  EXPECT_EQ(upgraded.header("X-First") + upgraded.header("X-Every"), "12");
  const HttpAnswer refused = client.request(get(std::string(polling_target) + "&sid=unknown"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.header("X-Every"), "");
}

}  // namespace
