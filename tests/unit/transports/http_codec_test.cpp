#include "transports/http_codec.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace engineio::transports {
namespace {

using namespace std::literals;

// Everything that came out of the codec, as text, so that two ways can be compared.
struct Transcript {
  std::vector<std::string> events;
  std::string unread;
  bool operator==(const Transcript&) const = default;
};

void note_head(Transcript& out, HttpCodec& codec) {
  const Request request = codec.take_head();
  std::string text = "head " + request.method + ' ' + request.target;
  for (const auto& [name, value] : request.headers) text += " [" + name + ": " + value + ']';
  for (const auto& [key, value] : request.query.items()) text += " <" + key + '=' + value + '>';
  if (request.upgrade) text += " upgrade";
  if (codec.keep_alive()) text += " keep-alive";
  if (codec.is_1_0()) text += " 1.0";
  if (codec.expects_continue()) text += " continue";
  if (codec.has_body()) text += " body";
  if (codec.content_length()) text += " length " + std::to_string(*codec.content_length());
  out.events.push_back(text);
}

// Feeds one piece to its end, request after request. Returns false after an error.
bool feed_piece(Transcript& out, HttpCodec& codec, std::string_view piece, std::size_t body_limit) {
  for (;;) {
    const auto [event, consumed] = codec.feed(piece);
    piece.remove_prefix(consumed);
    switch (event) {
      case HttpEvent::need_more: EXPECT_TRUE(piece.empty()); return true;
      case HttpEvent::head:
        note_head(out, codec);
        codec.set_body_limit(body_limit);
        break;
      case HttpEvent::body:
        out.events.push_back("body " + codec.take_body());
        codec.next();
        break;
      case HttpEvent::error:
        out.events.push_back("error " + std::to_string(codec.fault().status) + ' ' +
                             std::string(codec.fault().reason));
        return false;
    }
  }
}

Transcript run(std::string_view bytes, std::size_t body_limit, std::size_t first, std::size_t rest,
               const Limits& limits) {
  HttpCodec codec(limits);
  Transcript out;
  bool going = feed_piece(out, codec, bytes.substr(0, first), body_limit);
  for (bytes.remove_prefix(std::min(first, bytes.size())); going && !bytes.empty();) {
    const std::string_view piece = bytes.substr(0, rest);
    bytes.remove_prefix(piece.size());
    going = feed_piece(out, codec, piece, body_limit);
  }
  return out;
}

// All at once, cut in two at every byte, and byte by byte: all must come to the same.
std::vector<std::string> events(std::string_view bytes, std::size_t body_limit = 1000,
                                const Limits& limits = {}) {
  const Transcript whole = run(bytes, body_limit, bytes.size(), 1, limits);
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    EXPECT_EQ(run(bytes, body_limit, cut, bytes.size(), limits).events, whole.events)
        << "cut at " << cut;
  }
  EXPECT_EQ(run(bytes, body_limit, 1, 1, limits).events, whole.events);
  return whole.events;
}

using Events = std::vector<std::string>;

TEST(HttpCodec, TurnsBytesIntoARequest) {
  EXPECT_EQ(events("GET /engine.io/?EIO=4&page=%2Fa HTTP/1.1\r\nHost: a:1\r\nX-Own:  b \r\n\r\n"),
            (Events{"head GET /engine.io/?EIO=4&page=%2Fa [Host: a:1] [X-Own: b] <EIO=4> <page=/a> "
                    "keep-alive",
                    "body "}));
}

TEST(HttpCodec, ReadsBodies) {
  EXPECT_EQ(events("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
            (Events{"head POST /x [Host: a] [Content-Length: 5] keep-alive body length 5",
                    "body hello"}));
  EXPECT_EQ(events("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"),
            (Events{"head POST /x [Host: a] [Content-Length: 0] keep-alive length 0", "body "}));
  EXPECT_EQ(events("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                   "chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
            (Events{"head POST /x [Host: a] [Transfer-Encoding: chunked] keep-alive body",
                    "body hello"}));
}

TEST(HttpCodec, ConsumesTheBodyOfAGet) {
  EXPECT_EQ(events("GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 26\r\n\r\nGET /hidden "
                   "HTTP/1.1\r\n\r\n..GET / HTTP/1.0\r\n\r\n"),
            (Events{"head GET /x [Host: a] [Content-Length: 26] keep-alive body length 26",
                    "body GET /hidden HTTP/1.1\r\n\r\n..", "head GET / 1.0", "body "}));
}

TEST(HttpCodec, ReadsRequestsOneAfterTheOther) {
  EXPECT_EQ(
      events("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: "
             "b\r\n\r\n"
             "POST /c HTTP/1.1\r\nHost: c\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
             "GET /d HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
      (Events{"head POST /a [Host: a] [Content-Length: 3] keep-alive body length 3", "body abc",
              "head GET /b [Host: b] keep-alive", "body ",
              "head POST /c [Host: c] [Transfer-Encoding: chunked] keep-alive body", "body x",
              "head GET /d [Connection: keep-alive] keep-alive 1.0", "body "}));
}

TEST(HttpCodec, NeverMergesTrailers) {
  EXPECT_EQ(
      events("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
             "1\r\nx\r\n0\r\nConnection: close\r\nAuthorization: me\r\n\r\n"),
      (Events{"head POST /x [Host: a] [Transfer-Encoding: chunked] keep-alive body", "body x"}));
}

TEST(HttpCodec, ConsumesNothingBeyondTheRequest) {
  const std::string first = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string both = first + "GET /b HTTP/1.1\r\nHost: a\r\n\r\n";
  HttpCodec codec((Limits()));
  const auto head = codec.feed(both);
  EXPECT_EQ(head.event, HttpEvent::head);
  EXPECT_EQ(head.consumed, first.size());
  EXPECT_EQ(codec.feed(both.substr(first.size())).event, HttpEvent::body);
  const auto after = codec.feed("GET /b");
  EXPECT_EQ(after.event, HttpEvent::need_more);
  EXPECT_EQ(after.consumed, 0U);
}

TEST(HttpCodec, MayGoOnRightAfterAHeadWithoutBody) {
  HttpCodec codec((Limits()));
  EXPECT_EQ(codec.feed("GET /a HTTP/1.1\r\nHost: a\r\n\r\n").event, HttpEvent::head);
  EXPECT_FALSE(codec.has_body());
  codec.next();
  EXPECT_EQ(codec.feed("GET /b HTTP/1.1\r\nHost: a\r\n\r\n").event, HttpEvent::head);
  EXPECT_EQ(codec.take_head().target, "/b");
}

TEST(HttpCodec, KnowsWhetherTheConnectionGoesOn) {
  const auto keeps = [](std::string_view version, std::string_view field) {
    HttpCodec codec((Limits()));
    codec.feed("GET / " + std::string(version) + "\r\nHost: a\r\n" + std::string(field) + "\r\n");
    return codec.keep_alive();
  };
  EXPECT_TRUE(keeps("HTTP/1.1", ""));
  EXPECT_TRUE(keeps("HTTP/1.1", "Connection: keep-alive\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.1", "Connection: close\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.1", "Connection: x, Close\r\n"));
  EXPECT_FALSE(keeps("HTTP/1.0", ""));
  EXPECT_TRUE(keeps("HTTP/1.0", "Connection: Keep-Alive\r\n"));
}

TEST(HttpCodec, KnowsAnUpgradeToWebSocket) {
  const auto upgrades = [](std::string_view version, std::string_view fields) {
    HttpCodec codec((Limits()));
    EXPECT_EQ(codec
                  .feed("GET / " + std::string(version) + "\r\nHost: a\r\n" + std::string(fields) +
                        "\r\n")
                  .event,
              HttpEvent::head)
        << fields;
    return codec.take_head().upgrade;
  };
  EXPECT_TRUE(upgrades("HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
  EXPECT_TRUE(upgrades("HTTP/1.1", "connection: keep-alive, upgrade\r\nupgrade: WebSocket\r\n"));
  EXPECT_FALSE(upgrades("HTTP/1.1", "Upgrade: websocket\r\n"));
  EXPECT_FALSE(upgrades("HTTP/1.1", "Connection: Upgrade\r\n"));
  EXPECT_FALSE(upgrades("HTTP/1.1", "Connection: Upgrade\r\nUpgrade: h2c\r\n"));
  EXPECT_FALSE(upgrades("HTTP/1.0", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
}

TEST(HttpCodec, KnowsWhoWaitsForContinue) {
  const auto expects = [](std::string_view version, std::string_view fields) {
    HttpCodec codec((Limits()));
    codec.feed("POST / " + std::string(version) + "\r\nHost: a\r\n" + std::string(fields) + "\r\n");
    return codec.expects_continue();
  };
  EXPECT_TRUE(expects("HTTP/1.1", "Expect: 100-continue\r\nContent-Length: 1\r\n"));
  EXPECT_TRUE(expects("HTTP/1.1", "expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_FALSE(expects("HTTP/1.1", "Expect: 100-continue\r\n"));
  EXPECT_FALSE(expects("HTTP/1.1", "Expect: other\r\nContent-Length: 1\r\n"));
  EXPECT_FALSE(expects("HTTP/1.0", "Expect: 100-continue\r\nContent-Length: 1\r\n"));
}

TEST(HttpCodec, RefusesABodyOverItsLimitBeforeItComes) {
  const auto post = [](std::string_view length) {
    return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::string(length) + "\r\n\r\n";
  };
  EXPECT_EQ(events(post("9") + "123456789", 10).back(), "body 123456789");
  EXPECT_EQ(events(post("10") + "1234567890", 10).back(), "body 1234567890");
  EXPECT_EQ(events(post("11") + "abc", 10).back(), "error 413 request body over the limit");

  HttpCodec codec((Limits()));
  EXPECT_EQ(codec.feed(post("1000000000")).event, HttpEvent::head);
  codec.set_body_limit(1'000'000);
  EXPECT_EQ(codec.feed("").event, HttpEvent::error);
  EXPECT_EQ(codec.fault().status, 413);
  EXPECT_EQ(codec.feed("more").event, HttpEvent::error);
  EXPECT_EQ(codec.feed("more").consumed, 0U);
}

TEST(HttpCodec, TakesNoBodyUnlessAskedFor) {
  HttpCodec codec((Limits()));
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n";
  codec.feed(post);
  EXPECT_EQ(codec.feed("x").event, HttpEvent::error);

  HttpCodec second((Limits()));
  second.feed(post);
  second.set_body_limit(1);
  EXPECT_EQ(second.feed("x").event, HttpEvent::body);
  second.next();
  second.feed(post);
  EXPECT_EQ(second.feed("x").event, HttpEvent::error) << "the limit is one request's";
}

TEST(HttpCodec, RefusesChunksOverTheLimit) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(events(head + "5\r\n12345\r\n5\r\n12345\r\n0\r\n\r\n", 10).back(), "body 1234512345");
  EXPECT_EQ(events(head + "5\r\n12345\r\n6\r\n123456\r\n0\r\n\r\n", 10).back(),
            "error 413 request body over the limit");
}

TEST(HttpCodec, RefusesChunkExtensions) {
  EXPECT_EQ(
      events("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=\"\n\"\r\nhello")
          .back(),
      "error 400 chunk extension");
}

TEST(HttpCodec, BoundsTrailersAsItBoundsHeads) {
  const Limits limits{.header_bytes = 100};
  const std::string head =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX:";  // 5 of the
                                                                                  // framing
  EXPECT_EQ(events(head + std::string(100 - 9, 'y') + "\r\n\r\n", 10, limits).back(), "body ");
  EXPECT_EQ(events(head + std::string(101 - 9, 'y') + "\r\n\r\n", 10, limits).back().substr(0, 9),
            "error 431");
}

TEST(HttpCodec, RefusesAHeadOverItsLimit) {
  const Limits limits{.header_bytes = 60};
  const auto head = [](std::size_t size) {
    const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\nX: ", end = "\r\n\r\n";
    return begin + std::string(size - begin.size() - end.size(), 'x') + end;
  };
  EXPECT_EQ(events(head(59), 0, limits).back(), "body ");
  EXPECT_EQ(events(head(60), 0, limits).back(), "body ");
  EXPECT_EQ(events(head(61), 0, limits).back(), "error 431 request head over the limit of bytes");
  EXPECT_EQ(events(std::string(61, 'G'), 0, limits).back(),
            "error 431 request head over the limit of bytes");
  EXPECT_EQ(events(std::string(60, 'G'), 0, limits), Events{});
  EXPECT_EQ(events(head(60) + head(60) + head(61), 0, limits).back(),
            "error 431 request head over the limit of bytes")
      << "each head has the whole limit";
}

TEST(HttpCodec, RefusesTooManyFields) {
  const Limits limits{.header_fields = 2};
  EXPECT_EQ(events("GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, limits).back(), "body ");
  EXPECT_EQ(events("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n", 0, limits).back(), "body ");
  EXPECT_EQ(events("GET / HTTP/1.1\r\nHost: a\r\nA: b\r\nC: d\r\n\r\n", 0, limits).back(),
            "error 431 request head over the limit of fields");
}

TEST(HttpCodec, RefusesSmuggledRequests) {
  const auto last = [](std::string_view head) {
    return events("POST / HTTP/1.1\r\nHost: a\r\n" + std::string(head) +
                  "\r\n0\r\n\r\nGET /admin HTTP/1.1\r\n")
        .back()
        .substr(0, 9);
  };
  for (const auto head :
       {"Transfer-Encoding: xchunked\r\n"sv, "Transfer-Encoding: identity\r\n"sv,
        "Transfer-Encoding: chunked, identity\r\n"sv, "Transfer-Encoding: gzip, chunked\r\n"sv,
        "Transfer-Encoding:\r\n chunked\r\n"sv, "Transfer-Encoding : chunked\r\n"sv,
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"sv,
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"sv, "Content-Length: 5, 5\r\n"sv,
        "Content-Length: 5\r\nContent-Length: 6\r\n"sv, "\x0bTransfer-Encoding: chunked\r\n"sv}) {
    EXPECT_EQ(last(head), "error 400") << head;
  }
  EXPECT_EQ(events("\r\nGET / HTTP/1.0\r\n\r\n").back().substr(0, 9), "error 400");
  EXPECT_EQ(events("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n").back(),
            "error 404 target is no path");
}

TEST(HttpCodec, RefusesWhatTheParserRefuses) {
  EXPECT_EQ(events("GET / HTTP/1.1\r\nHost: a\r\nConnection: ;;\r\n\r\n"),
            Events{"error 400 malformed request head"});
}

}  // namespace
}  // namespace engineio::transports
