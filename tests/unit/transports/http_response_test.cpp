#include "transports/http_response.hpp"

#include <optional>
#include <string>

#include <gtest/gtest.h>

namespace engineio::transports {
namespace {

std::optional<std::string> text(const HttpResponse& response, const ResponseFraming& framing = {}) {
  BlockBuilder out;
  out.append("before|");
  const bool good = append_response_head(out, response, response.body.size(), framing);
  if (good && has_body(response.status, framing)) out.append(response.body);
  const std::string written(out.view().substr(7));
  if (good) return written;
  EXPECT_EQ(written, "") << "nothing of a refused response";
  return std::nullopt;
}

TEST(HttpResponse, HasAHeadAndABody) {
  EXPECT_EQ(text({.headers = {{"Cache-Control", "no-store"}, {"X", "a\tb"}},
                  .body = "hello",
                  .content_type = "text/plain"}),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\nX: "
            "a\tb\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(text({}), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

TEST(HttpResponse, SaysWhatBecomesOfTheConnection) {
  EXPECT_EQ(text({}, {.keep_alive = false}),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(text({}, {.keep_alive = true, .is_1_0 = true}),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(text({}, {.keep_alive = false, .is_1_0 = true}),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

TEST(HttpResponse, TellsAHeadRequestTheLengthOnly) {
  EXPECT_EQ(text({.status = 404, .body = "gone"}, {.is_head = true}),
            "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n");
}

TEST(HttpResponse, HasNoBodyWhereThereMustBeNone) {
  EXPECT_EQ(text({.status = 204, .body = "x"}),
            "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(text({.status = 205, .body = "x"}),
            "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(text({.status = 304, .body = "x"}), "HTTP/1.1 304 Not Modified\r\n\r\n");
  EXPECT_EQ(
      text({.status = 101,
            .headers = {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}},
            .body = "x"}),
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
}

TEST(HttpResponse, FramesByItselfAlone) {
  EXPECT_EQ(text({.headers = {{"content-length", "9"},
                              {"Transfer-Encoding", "chunked"},
                              {"CONNECTION", "close"},
                              {"Keep-Alive", "timeout=5"},
                              {"Content-Type", "text/html"}}}),
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n");
}

TEST(HttpResponse, WritesAHeadForABodyThatIsElsewhere) {
  BlockBuilder out;
  EXPECT_TRUE(append_response_head(out, {.body = "ignored"}, 1'000'000, {}));
  EXPECT_EQ(out.view(), "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
}

TEST(HttpResponse, RefusesFieldsThatWouldBeginAnother) {
  for (const char* bad : {"a\r\nX: y", "a\n", "a\r", "\x01", "\x7f"}) {
    EXPECT_EQ(text({.headers = {{"X", bad}}}), std::nullopt);
    EXPECT_EQ(text({.headers = {{"X", "fine"}, {bad, "y"}}}), std::nullopt);
    EXPECT_EQ(text({.content_type = bad}), std::nullopt);
  }
  EXPECT_EQ(text({.headers = {{"X", std::string("a\0b", 3)}}}), std::nullopt);
  EXPECT_EQ(text({.headers = {{"", "y"}}}), std::nullopt);
  EXPECT_EQ(text({.headers = {{"X ", "y"}}}), std::nullopt);
  EXPECT_EQ(text({.headers = {{"X:", "y"}}}), std::nullopt);
  EXPECT_NE(text({.headers = {{"X", "caf\xe9"}}}), std::nullopt);
}

TEST(HttpResponse, KnowsTheReasonPhrases) {
  EXPECT_EQ(reason_phrase(100), "Continue");
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(400), "Bad Request");
  EXPECT_EQ(reason_phrase(408), "Request Timeout");
  EXPECT_EQ(reason_phrase(413), "Payload Too Large");
  EXPECT_EQ(reason_phrase(426), "Upgrade Required");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(505), "HTTP Version Not Supported");
  EXPECT_EQ(reason_phrase(99), "Unknown");
  EXPECT_EQ(reason_phrase(299), "Unknown");
  EXPECT_EQ(reason_phrase(999), "Unknown");
  EXPECT_EQ(text({.status = 299}), "HTTP/1.1 299 Unknown\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace
}  // namespace engineio::transports
