#include "transports/detail/head_validator.hpp"

#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace engineio::transports::detail {
namespace {

using namespace std::literals;
using Verdict = HeadValidator::Verdict;

constexpr std::size_t max_bytes = 16 * 1024;
constexpr std::size_t max_fields = 100;

struct Result {
  Verdict verdict;
  int status;
  std::size_t size;  // of the head, or how many bytes it took to refuse it
};

// All at once and byte by byte; both must come to the same.
Result check(std::string_view head, std::size_t bytes = max_bytes,
             std::size_t fields = max_fields) {
  HeadValidator whole(bytes, fields);
  const Verdict verdict = whole.advance(head);
  HeadValidator dripped(bytes, fields);
  Verdict last = Verdict::need_more;
  std::size_t given = 0;
  while (last == Verdict::need_more && given < head.size())
    last = dripped.advance(head.substr(0, ++given));
  EXPECT_EQ(last, verdict) << head;
  EXPECT_EQ(dripped.fault().reason, whole.fault().reason) << head;
  EXPECT_EQ(dripped.fields(), whole.fields()) << head;
  if (verdict == Verdict::complete) {
    EXPECT_EQ(given, whole.size()) << head;
  }
  return {verdict, verdict == Verdict::refused ? whole.fault().status : 0, given};
}

// The status of the refusal; 0 for a head that is fine; -1 for one that has not ended.
int status_of(std::string_view head) {
  const Result result = check(head);
  return result.verdict == Verdict::need_more ? -1 : result.status;
}

int status_of_line(std::string_view line) {
  return status_of(std::string(line) + "\r\nHost: a\r\n\r\n");
}
int status_of_target(std::string_view target) {
  return status_of_line("GET " + std::string(target) + " HTTP/1.1");
}
int status_of_fields(std::string_view fields) {
  return status_of("POST /x HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n");
}

TEST(HeadValidator, AcceptsWhatClientsSend) {
  EXPECT_EQ(
      status_of("GET /socket.io/?EIO=4&transport=polling&t=abc HTTP/1.1\r\nHost: localhost:3000\r\n"
                "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\nCookie: a=b; "
                "c=\"d\"\r\n\r\n"),
      0);
  EXPECT_EQ(status_of("GET / HTTP/1.0\r\n\r\n"), 0);
  EXPECT_EQ(status_of("OPTIONS /a HTTP/1.1\r\nhost: [::1]:3000\r\n\r\n"), 0);
  EXPECT_EQ(status_of_fields("Empty:\r\nTabs:\t\tx\ty\t\r\nLatin: caf\xe9\r\n"), 0);
}

TEST(HeadValidator, FindsTheEndWhateverFollows) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const std::string_view rest : {""sv, "\0\n\n\r\r"sv, "GET / HTTP/1.1\r\n"sv}) {
    const Result result = check(head + std::string(rest));
    EXPECT_EQ(result.verdict, Verdict::complete);
    EXPECT_EQ(result.size, head.size());
  }
}

TEST(HeadValidator, WaitsForTheEnd) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::size_t size = 0; size < head.size(); ++size) {
    EXPECT_EQ(check(std::string_view(head).substr(0, size)).verdict, Verdict::need_more) << size;
  }
}

TEST(HeadValidator, ReportsTheFraming) {
  HeadValidator sized(max_bytes, max_fields);
  ASSERT_EQ(sized.advance("POST / HTTP/1.1\r\nHost: a\r\ncontent-length: 0042 \r\n\r\n"),
            Verdict::complete);
  EXPECT_EQ(sized.content_length(), 42U);
  EXPECT_FALSE(sized.chunked());
  EXPECT_TRUE(sized.is_1_1());
  EXPECT_EQ(sized.fields(), 2U);

  HeadValidator chunked(max_bytes, max_fields);
  ASSERT_EQ(chunked.advance("POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding:\tchunked \r\n\r\n"),
            Verdict::complete);
  EXPECT_TRUE(chunked.chunked());
  EXPECT_EQ(chunked.content_length(), std::nullopt);

  HeadValidator old(max_bytes, max_fields);
  ASSERT_EQ(old.advance("GET / HTTP/1.0\r\n\r\n"), Verdict::complete);
  EXPECT_FALSE(old.is_1_1());
  EXPECT_EQ(old.content_length(), std::nullopt);
}

TEST(HeadValidator, RefusesMalformedRequestLines) {
  for (const auto line :
       {""sv, " "sv, "GET"sv, "GET /"sv, "GET / "sv, "GET  HTTP/1.1"sv, " GET / HTTP/1.1"sv,
        " / HTTP/1.1"sv, "GET /  HTTP/1.1"sv, "GET  / HTTP/1.1"sv, "GET / HTTP/1.1 "sv,
        "GET /a b HTTP/1.1"sv, "G(T / HTTP/1.1"sv, "GET\t/ HTTP/1.1"sv, "GET /\tHTTP/1.1"sv,
        "G\xc9T / HTTP/1.1"sv, "GET: / HTTP/1.1"sv}) {
    EXPECT_EQ(status_of_line(line), 400) << line;
  }
}

TEST(HeadValidator, AcceptsEveryTokenAsMethod) {
  for (const auto method :
       {"TRACE"sv, "CONNECT"sv, "FOO"sv, "PUT"sv, "get"sv, "M-SEARCH"sv, "!#$%&'*+-.^_`|~0"sv}) {
    EXPECT_EQ(status_of_line(std::string(method) + " /socket.io/ HTTP/1.1"), 0) << method;
  }
}

TEST(HeadValidator, RefusesOtherVersions) {
  for (const auto version :
       {"HTTP/2.0"sv, "HTTP/1.2"sv, "HTTP/1.9"sv, "HTTP/0.9"sv, "HTTP/1.11"sv, "HTTP/1."sv,
        "HTTP/11"sv, "http/1.1"sv, "HTTP/01.1"sv, "RTSP/1.0"sv, "HTTPS/1.1"sv}) {
    EXPECT_EQ(status_of_line("GET / " + std::string(version)), 400) << version;
  }
  EXPECT_EQ(status_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 400);
}

TEST(HeadValidator, RefusesTargetsWithCharactersThatAreNoPrintableAscii) {
  for (const auto target :
       {"/a#b"sv, "/#"sv, "/caf\xc3\xa9"sv, "/\x7f"sv, "/a\x01"sv, "/a\tb"sv, "\xff"sv}) {
    EXPECT_EQ(status_of_target(target), 400) << target;
  }
  EXPECT_EQ(status_of_target("/\0"sv), 400);
  EXPECT_EQ(status_of_target("/%zz%?a=|{}^`\"<>\\[]%00"), 0) << "odd, but clients send it";
}

TEST(HeadValidator, RefusesDotSegments) {
  for (const auto target :
       {"/."sv, "/.."sv, "/socket.io/../socket.io/"sv, "/a/./b"sv, "/a/.."sv, "/a/..?x"sv, "/../"sv,
        "/%2e"sv, "/%2E%2e/"sv, "/a/.%2E/b"sv, "/a/%2e./b"sv, "/a/..\\b"sv,
        "/socket.io/socket.io.js/../../etc/passwd"sv}) {
    EXPECT_EQ(status_of_target(target), 400) << target;
  }
  for (const auto target : {"/"sv, "//"sv, "//socket.io/"sv, "/SOCKET.IO/"sv, "/socket%2eio/"sv,
                            "/socket.io"sv, "/..."sv, "/.a"sv, "/a."sv, "/..a/"sv, "/%2e%2e%2e"sv,
                            "/socket.io/?page=/../x"sv, "/%252e%252e/"sv}) {
    EXPECT_EQ(status_of_target(target), 0) << target;
  }
}

TEST(HeadValidator, KnowsNoTargetButPaths) {
  for (const auto target : {"http://a/socket.io/?EIO=4&transport=polling"sv, "*"sv, "a:443"sv,
                            "socket.io/"sv, "?x"sv}) {
    EXPECT_EQ(status_of_target(target), 404) << target;
  }
  EXPECT_EQ(status_of("GET http://a/ HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n"), 400)
      << "a malformed head is worse";
  EXPECT_EQ(status_of("GET http://a/ HTTP/1.1\r\n\r\n"), 400);
}

TEST(HeadValidator, RefusesLineEndsThatAreNotCrLf) {
  EXPECT_EQ(status_of("GET / HTTP/1.1\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: a\r\n\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\rHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(status_of("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(check("GET / HTTP/1.1\n").size, 15U) << "at once, without waiting for more";
}

TEST(HeadValidator, RefusesControlCharactersAtOnce) {
  for (int c = 0; c < 256; ++c) {
    const bool text = c == '\t' || (c >= 0x20 && c != 0x7F);
    if (c == '\r' || c == '\n') continue;
    const std::string field = "X: a" + std::string(1, static_cast<char>(c)) + "b\r\n";
    EXPECT_EQ(status_of_fields(field), text ? 0 : 400) << c;
  }
  EXPECT_EQ(check("\x16\x03\x01\x02").size, 1U) << "a TLS client on a plain port need not wait";
}

TEST(HeadValidator, RefusesMalformedFields) {
  for (const auto field :
       {" folded\r\n"sv, "\tfolded\r\n"sv, "X: a\r\n folded\r\n"sv, "X : a\r\n"sv, "X\t: a\r\n"sv,
        ": a\r\n"sv, "X\r\n"sv, "X Y: a\r\n"sv, "X(: a\r\n"sv, "X\xe9: a\r\n"sv, "\"X\": a\r\n"sv,
        "Transfer-Encoding:\r\n chunked\r\n"sv}) {
    EXPECT_EQ(status_of_fields(field), 400) << field;
  }
}

TEST(HeadValidator, WantsOneHost) {
  const auto with = [](std::string_view version, std::string_view fields) {
    return status_of("GET / HTTP/" + std::string(version) + "\r\n" + std::string(fields) + "\r\n");
  };
  EXPECT_EQ(with("1.1", ""), 400);
  EXPECT_EQ(with("1.1", "Host:\r\n"), 400);
  EXPECT_EQ(with("1.1", "Host:  \t \r\n"), 400);
  EXPECT_EQ(with("1.1", "Host: a\r\nHost: a\r\n"), 400);
  EXPECT_EQ(with("1.1", "Host: a\r\nX: y\r\nHOST: b\r\n"), 400);
  EXPECT_EQ(with("1.0", ""), 0);
  EXPECT_EQ(with("1.0", "Host:\r\n"), 400);
  EXPECT_EQ(with("1.0", "Host: a\r\nHost: b\r\n"), 400);
  for (const auto host :
       {"a b"sv, "a@b"sv, "a/b"sv, "a?b"sv, "a#b"sv, "a\"b"sv, "caf\xc3\xa9"sv, "a,b c"sv}) {
    EXPECT_EQ(with("1.1", "Host: " + std::string(host) + "\r\n"), 400) << host;
  }
  for (const auto host : {"a"sv, "a.b:80"sv, "127.0.0.1:3000"sv, "[::1]:3000"sv, "x_y.example"sv}) {
    EXPECT_EQ(with("1.1", "Host: " + std::string(host) + "\r\n"), 0) << host;
  }
}

TEST(HeadValidator, WantsOneContentLengthOfDigits) {
  for (const auto value : {""sv, "+3"sv, "-1"sv, "0x3"sv, "3, 3"sv, "3,3"sv, "3 3"sv, "3a"sv, "a"sv,
                           "1.0"sv, "\xb2"sv, "18446744073709551616"sv, "18446744073709551620"sv,
                           "99999999999999999999"sv, "184467440737095516150"sv}) {
    EXPECT_EQ(status_of_fields("Content-Length: " + std::string(value) + "\r\n"), 400) << value;
  }
  for (const auto value : {"0"sv, "3"sv, "007"sv, "18446744073709551615"sv}) {
    EXPECT_EQ(status_of_fields("Content-Length: " + std::string(value) + "\r\n"), 0) << value;
  }
  EXPECT_EQ(status_of_fields("Content-Length: 3\r\nContent-Length: 3\r\n"), 400);
  EXPECT_EQ(status_of_fields("Content-Length: 3\r\ncontent-length: 4\r\n"), 400);
}

TEST(HeadValidator, WantsNoTransferEncodingButOneChunked) {
  for (const auto value :
       {""sv, "xchunked"sv, "identity"sv, "chunked, identity"sv, "gzip, chunked"sv, "chunked,"sv,
        ",chunked"sv, "chunked;q=1"sv, "chunked chunked"sv, "\"chunked\""sv, "chunkedx"sv}) {
    EXPECT_EQ(status_of_fields("Transfer-Encoding: " + std::string(value) + "\r\n"), 400) << value;
  }
  EXPECT_EQ(status_of_fields("Transfer-Encoding: chunked\r\n"), 0);
  EXPECT_EQ(status_of_fields("Transfer-Encoding: Chunked\r\n"), 0)
      << "names of codings have no case";
  EXPECT_EQ(status_of_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400);
  EXPECT_EQ(status_of_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400);
  EXPECT_EQ(status_of_fields("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 400);
  EXPECT_EQ(status_of_fields("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400);
  EXPECT_EQ(status_of_fields("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"), 400);
  EXPECT_EQ(status_of("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
}

std::string head_of_size(std::size_t size) {
  const std::string begin = "GET / HTTP/1.1\r\nHost: a\r\nX: ", end = "\r\n\r\n";
  return begin + std::string(size - begin.size() - end.size(), 'x') + end;
}

TEST(HeadValidator, TakesAHeadOfExactlyTheLimit) {
  EXPECT_EQ(check(head_of_size(max_bytes - 1)).verdict, Verdict::complete);
  EXPECT_EQ(check(head_of_size(max_bytes)).verdict, Verdict::complete);
  EXPECT_EQ(check(head_of_size(max_bytes) + "next").verdict, Verdict::complete);
  for (std::size_t over = 1; over < 6; ++over) {
    const Result result = check(head_of_size(max_bytes + over));
    EXPECT_EQ(result.status, 431) << over;
    EXPECT_EQ(result.size, max_bytes + 1) << over;
  }
}

TEST(HeadValidator, RefusesAHeadWithoutEndAtTheLimit) {
  EXPECT_EQ(check("GET /" + std::string(200 - 5, 'x'), 200).verdict, Verdict::need_more);
  EXPECT_EQ(check("GET /" + std::string(201 - 5, 'x'), 200).status, 431);
  EXPECT_EQ(check("GET /" + std::string(20'000, 'x')).size, max_bytes + 1);
}

TEST(HeadValidator, TakesExactlyTheLimitOfFields) {
  const auto with = [](std::size_t count) {
    std::string fields;
    for (std::size_t i = 1; i < count; ++i) fields += "A: b\r\n";
    return status_of_fields(fields);
  };
  EXPECT_EQ(with(max_fields - 1), 0);
  EXPECT_EQ(with(max_fields), 0);
  EXPECT_EQ(with(max_fields + 1), 431);
  EXPECT_EQ(with(2000), 431);
}

}  // namespace
}  // namespace engineio::transports::detail
