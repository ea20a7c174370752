// Requests that two servers could read differently, or that no client of ours sends: refused, and
// the connection closed.

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/server_test.hpp"

namespace {

using namespace std::chrono_literals;
using support::get;
using support::HttpAnswer;
using support::polling_target;
using support::PollingSession;
using support::post;
using support::RawClient;

SERVER_TESTS(HttpFraming);

const std::string handshake = std::string(polling_target);
const std::string smuggled = get("/admin");

struct Refusal {
  const char* name;
  std::string bytes;
  int status = 400;
};

std::size_t answers_in(std::string_view bytes) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = bytes.find("HTTP/1.1 ", at)) != std::string_view::npos; ++at)
    ++count;
  return count;
}

// One answer with that status, and the end of the connection: nothing behind it was taken for a
// request.
void expect_refused(RawClient client, const Refusal& refusal) {
  SCOPED_TRACE(refusal.name);
  client.try_send(refusal.bytes);
  const std::string all = client.read_to_end();
  EXPECT_EQ(all.substr(0, 13), "HTTP/1.1 " + std::to_string(refusal.status) + ' ');
  EXPECT_EQ(answers_in(all), 1U);
}

#define EXPECT_ALL_REFUSED(...)                                    \
  for (const Refusal& refusal : std::vector<Refusal>{__VA_ARGS__}) \
  expect_refused(connect(), refusal)

std::string posted(std::string_view lines, std::string_view rest,
                   std::string_view version = "HTTP/1.1") {
  return "POST " + handshake + ' ' + std::string(version) + "\r\nHost: a\r\n" + std::string(lines) +
         "\r\n" + std::string(rest);
}

TEST_P(HttpFraming, T01_T02_T03_refuses_transfer_encodings_but_chunked_on_1_1) {
  const std::string rest = "0\r\n\r\n" + smuggled;
  EXPECT_ALL_REFUSED(
      {"xchunked", posted("Transfer-Encoding: xchunked\r\n", rest)},
      {"identity", posted("Transfer-Encoding: identity\r\n", rest)},
      {"chunked, identity", posted("Transfer-Encoding: chunked, identity\r\n", rest)},
      {"gzip, chunked", posted("Transfer-Encoding: gzip, chunked\r\n", rest)},
      {"twice", posted("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", rest)},
      {"empty", posted("Transfer-Encoding:\r\n", rest)},
      {"HTTP/1.0", posted("Transfer-Encoding: chunked\r\n", rest, "HTTP/1.0")});
}

TEST_P(HttpFraming, T04_refuses_doubtful_content_lengths) {
  const std::string rest = "4abc" + smuggled;
  EXPECT_ALL_REFUSED(
      {"length, then chunked", posted("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", rest)},
      {"chunked, then length", posted("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", rest)},
      {"two different", posted("Content-Length: 4\r\nContent-Length: 5\r\n", rest)},
      {"twice the same", posted("Content-Length: 4\r\nContent-Length: 4\r\n", rest)},
      {"a list", posted("Content-Length: 4, 4\r\n", rest)},
      {"plus", posted("Content-Length: +4\r\n", rest)},
      {"minus", posted("Content-Length: -1\r\n", rest)},
      {"hex", posted("Content-Length: 0x4\r\n", rest)},
      {"empty", posted("Content-Length:\r\n", rest)},
      {"2^64", posted("Content-Length: 18446744073709551616\r\n", rest)});
}

TEST_P(HttpFraming, T05_refuses_malformed_lines) {
  EXPECT_ALL_REFUSED(
      {"continuation line", posted("A: b\r\n Transfer-Encoding: chunked\r\n", smuggled)},
      {"space before the colon", posted("Content-Length : 4\r\n", "4abc" + smuggled)},
      {"bare line feed", "GET " + handshake + " HTTP/1.1\nHost: a\n\n"},
      {"line feed in a field", posted("A: b\nC: d\r\n", smuggled)},
      {"NUL", posted(std::string_view("A: b\0c\r\n", 8), smuggled)},
      {"no name", posted(": b\r\n", smuggled)}, {"no colon", posted("Abc\r\n", smuggled)},
      {"carriage return alone", posted("A: b\rc\r\n", smuggled)},
      {"line end in front", "\r\n" + get(handshake)});
}

TEST_P(HttpFraming, T06_refuses_chunk_extensions_and_endless_trailers) {
  PollingSession session = polling();
  const auto chunked = [&](const std::string& rest) {
    return "POST " + session.target() +
           " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + rest;
  };
  const std::string megabyte(1'000'000, 'x');
  EXPECT_ALL_REFUSED({"a quoted line feed", chunked("1;a=\"\n\"\r\n4\r\n0\r\n\r\n" + smuggled)},
                     {"a bad size", chunked("+3\r\n")}, {"a negative size", chunked("-1\r\n")},
                     {"a size over all bodies", chunked("ffffffffffffffff0\r\n")});
  session = polling();
  expect_refused(connect(), {"an extension of 1 MB", chunked("1;" + megabyte)});
  session = polling();
  expect_refused(connect(), {"a trailer of 1 MB", chunked("1\r\n3\r\n0\r\nA: " + megabyte), 431});
}

TEST_P(HttpFraming, T06_drops_trailers_and_takes_chunks) {
  PollingSession session = polling();
  const std::string head =
      "POST " + session.target() + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  const HttpAnswer answer =
      session.posting.request(head + "3\r\n4ab\r\n2\r\ncd\r\n0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.body, "ok");
  EXPECT_EQ(session.poll(), "4abcd");
  EXPECT_TRUE(session.alive());  // on the same connection: the trailer did not close it
}

TEST_P(HttpFraming, T07_wants_exactly_one_host) {
  const std::string start = "GET " + handshake + " HTTP/1.1\r\n";
  const std::string upgrade_lines =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  EXPECT_ALL_REFUSED({"none", start + "\r\n"}, {"two", start + "Host: a\r\nHost: a\r\n\r\n"},
                     {"empty", start + "Host:\r\n\r\n"},
                     {"with a space", start + "Host: a b\r\n\r\n"},
                     {"none, upgrade", start + upgrade_lines},
                     {"two, upgrade", start + "Host: a\r\nHost: b\r\n" + upgrade_lines});
}

TEST_P(HttpFraming, T08_never_serves_the_body_of_a_get) {
  setup = [](engineio::Server& server) {
    server.route("/hidden",
                 [](const engineio::Request&) { return engineio::HttpResponse{.body = "hidden"}; });
  };
  const std::string hidden = get("/hidden");
  RawClient client = connect();
  client.send("GET " + handshake + " HTTP/1.1\r\nHost: a\r\nContent-Length: " +
              std::to_string(hidden.size()) + "\r\n\r\n" + hidden + get("/next"));
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_EQ(client.answer().status, 404);
  EXPECT_TRUE(client.silent());
}

TEST_P(HttpFraming, T10_T11_bounds_the_head) {
  std::string many;
  for (int i = 0; i < 2000; ++i) many += "X" + std::to_string(i) + ": y\r\n";
  const std::string upgrade_behind = many + "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  EXPECT_ALL_REFUSED(
      {"2,000 fields", get(handshake, many), 431},
      {"Upgrade behind them", get(handshake, upgrade_behind), 431},
      {"a field of 20 KB", get(handshake, "A: " + std::string(20'000, 'b') + "\r\n"), 431},
      {"a target of 20 KB", get("/" + std::string(20'000, 'b')), 431},
      {"an endless line", std::string(20'000, 'A'), 431});
}

TEST_P(HttpFraming, T17_T18_finds_the_engine_by_its_exact_prefix) {
  struct Target {
    const char* path;
    int status;
  };
  for (const Target& target :
       {Target{"http://localhost/engine.io/", 404}, Target{"//engine.io/", 404},
        Target{"/ENGINE.IO/", 404}, Target{"/engine%2eio/", 404}, Target{"/engine.io", 404},
        Target{"/engine.iox/", 404}, Target{"*", 404}, Target{"/engine.io/../engine.io/", 400},
        Target{"/engine.io/%2e%2e/engine.io/", 400}, Target{"/engine.io/./", 400},
        Target{"/engine.io/xyz", 200}, Target{"/engine.io/", 200}}) {
    SCOPED_TRACE(target.path);
    EXPECT_EQ(ask(get(std::string(target.path) + "?EIO=4&transport=polling")).status,
              target.status);
  }
}

TEST_P(HttpFraming, T20_knows_only_get_for_a_handshake) {
  for (const char* method : {"PUT", "POST", "TRACE", "OPTIONS", "DELETE", "FOO"}) {
    SCOPED_TRACE(method);
    const HttpAnswer answer =
        ask(std::string(method) + ' ' + handshake + " HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, R"({"code":2,"message":"Bad handshake method"})");
    EXPECT_EQ(ask(std::string(method) + " /elsewhere HTTP/1.1\r\nHost: a\r\n\r\n").status, 404);
  }
  EXPECT_EQ(ask("CONNECT localhost:80 HTTP/1.1\r\nHost: a\r\n\r\n").status, 404);
}

TEST_P(HttpFraming, T20_answers_head_without_a_body) {
  RawClient client = connect();
  client.send("HEAD " + handshake + " HTTP/1.1\r\nHost: a\r\n\r\n");
  const HttpAnswer answer = client.answer(true);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(
      answer.header("Content-Length"),
      std::to_string(std::string_view(R"({"code":2,"message":"Bad handshake method"})").size()));
  EXPECT_EQ(client.request(get("/next")).status, 404);  // the next bytes are the next answer
}

TEST_P(HttpFraming, T20_answers_head_without_a_body_when_its_own_body_breaks) {
  RawClient client = connect();
  client.send("HEAD " + handshake + " HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx");
  const std::string answer = client.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
  EXPECT_EQ(answer.find("\r\n\r\n"), answer.size() - 4) << answer;
}

TEST_P(HttpFraming, T21_refuses_other_protocols) {
  EXPECT_ALL_REFUSED({"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
                     {"HTTP/1.9", "GET / HTTP/1.9\r\nHost: a\r\n\r\n"}, {"HTTP/0.9", "GET /\r\n"},
                     {"TLS", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)},
                     {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"});
}

TEST_P(HttpFraming, answers_a_request_that_comes_with_the_end_of_the_connection) {
  RawClient client = connect();
  client.half_close(get(handshake));
  EXPECT_EQ(client.answer().status, 200);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_P(HttpFraming, keeps_connections_as_http_says) {
  RawClient kept = connect();
  EXPECT_EQ(kept.request(get("/a")).status, 404);
  EXPECT_EQ(kept.request(get("/b", "Connection: close\r\n")).header("Connection"), "close");
  EXPECT_EQ(kept.read_to_end(), "");
  RawClient old = connect();
  EXPECT_EQ(old.request("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").header("Connection"),
            "keep-alive");
  EXPECT_EQ(old.request("GET /a HTTP/1.0\r\n\r\n").status, 404);
  EXPECT_EQ(old.read_to_end(), "");
}

}  // namespace
