#include "transports/detail/websocket_handshake.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace engineio::transports::detail {
namespace {

Request upgrade_request() {
  Request request;
  request.method = "GET";
  request.target = "/engine.io/?EIO=4&transport=websocket";
  request.headers = {{"Host", "localhost"},
                     {"Upgrade", "websocket"},
                     {"Connection", "Upgrade"},
                     {"Sec-WebSocket-Version", "13"},
                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  return request;
}

Request with(const std::string& name, const std::string& value) {
  Request request = upgrade_request();
  for (auto& field : request.headers) {
    if (field.name != name) continue;
    field.value = value;
    return request;
  }
  request.headers.push_back({name, value});
  return request;
}

Request without(const std::string& name) {
  Request request = upgrade_request();
  std::erase_if(request.headers, [&](const HeaderField& field) { return field.name == name; });
  return request;
}

int status_of(const Request& request) {
  const auto refusal = refuse_websocket(request);
  return refusal ? refusal->status : 101;
}

std::string_view text_of(const Request& request) { return refuse_websocket(request).value().text; }

std::string header_of(const std::vector<HeaderField>& headers, const std::string& name) {
  for (const auto& field : headers) {
    if (field.name == name) return field.value;
  }
  return "(none)";
}

TEST(WebSocketHandshake, AcceptKeyIsThatOfTheRfc) {
  EXPECT_EQ(websocket_accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshake, AcceptsWithTheReferencesHeaders) {
  ASSERT_EQ(status_of(upgrade_request()), 101);
  const auto headers = accept_websocket(upgrade_request());
  ASSERT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers[0].name + ": " + headers[0].value, "Upgrade: websocket");
  EXPECT_EQ(headers[1].name + ": " + headers[1].value, "Connection: Upgrade");
  EXPECT_EQ(headers[2].name + ": " + headers[2].value,
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocketHandshake, UpgradeAndConnectionAreListsOfTokens) {
  EXPECT_EQ(status_of(with("Upgrade", "WebSocket")), 101);
  EXPECT_EQ(status_of(with("Upgrade", "h2c, websocket")), 101);
  EXPECT_EQ(status_of(with("Connection", "keep-alive, Upgrade")), 101);
  EXPECT_EQ(status_of(with("Connection", "keep-alive ,\tUPGRADE ,")), 101);
  auto twice = with("Connection", "keep-alive");
  twice.headers.push_back({"connection", "upgrade"});
  EXPECT_EQ(status_of(twice), 101);
  for (const char* name : {"Upgrade", "Connection"}) {
    EXPECT_EQ(status_of(without(name)), 400) << name;
    EXPECT_EQ(status_of(with(name, "")), 400) << name;
    EXPECT_EQ(status_of(with(name, "close")), 400) << name;
    EXPECT_EQ(status_of(with(name, "websocketupgrade")), 400) << name;
    EXPECT_EQ(status_of(with(name, ",,,")), 400) << name;
  }
  EXPECT_EQ(text_of(with("Upgrade", "h2c")), "Invalid Upgrade header");
}

// T77
TEST(WebSocketHandshake, OtherVersionsLearnOurs) {
  for (const auto& request :
       {with("Sec-WebSocket-Version", "8"), with("Sec-WebSocket-Version", "12"),
        with("Sec-WebSocket-Version", "13, 8"), with("Sec-WebSocket-Version", "013"),
        with("Sec-WebSocket-Version", ""), without("Sec-WebSocket-Version")}) {
    const auto refusal = refuse_websocket(request);
    ASSERT_EQ(status_of(request), 426);
    EXPECT_EQ(header_of(refusal->headers, "Sec-WebSocket-Version"), "13");
    EXPECT_EQ(refusal->text, "Missing or invalid Sec-WebSocket-Version header");
  }
}

TEST(WebSocketHandshake, KeyIsSixteenBytesInBase64) {
  const auto key_status = [](const std::string& key) {
    return status_of(with("Sec-WebSocket-Key", key));
  };
  for (const char* good : {"AAAAAAAAAAAAAAAAAAAAAA==", "//////////////////////++"}) {
    EXPECT_EQ(key_status(good), std::string_view(good).ends_with("==") ? 101 : 400) << good;
  }
  EXPECT_EQ(key_status("/+09azAZ/////////////w=="), 101);
  EXPECT_EQ(key_status("AAAAAAAAAAAAAAAAAAAA"), 400) << "15 bytes";
  EXPECT_EQ(key_status("AAAAAAAAAAAAAAAAAAAAAAA="), 400) << "17 bytes";
  EXPECT_EQ(key_status("AAAAAAAAAAAAAAAAAAAAAAAA"), 400) << "18 bytes";
  EXPECT_EQ(key_status("AAAAAAAAAAAAAAAAAAAAAB=="), 400) << "bits beyond the 16 bytes";
  EXPECT_EQ(key_status("AAAAAAAAAAAAAAAAAAAA-A=="), 400) << "the URL alphabet";
  EXPECT_EQ(key_status("AAAAAAAAAAA AAAAAAAAAA=="), 400);
  EXPECT_EQ(key_status("AAAAAAAAAAAAAAAAAAAA===="), 400);
  EXPECT_EQ(key_status(""), 400);
  EXPECT_EQ(key_status(std::string(10'000, 'A')), 400);
  EXPECT_EQ(status_of(without("Sec-WebSocket-Key")), 400);
  auto twice = upgrade_request();
  twice.headers.push_back({"sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="});
  EXPECT_EQ(status_of(twice), 400);
  EXPECT_EQ(text_of(twice), "Missing or invalid Sec-WebSocket-Key header");
}

TEST(WebSocketHandshake, OnlyByGet) {
  for (const char* method : {"POST", "PUT", "get", ""}) {
    Request request = upgrade_request();
    request.method = method;
    EXPECT_EQ(status_of(request), 405) << method;
  }
}

TEST(WebSocketHandshake, EchoesTheFirstSubprotocol) {
  const auto echoed = [](const std::string& offered) {
    return header_of(accept_websocket(with("Sec-WebSocket-Protocol", offered)),
                     "Sec-WebSocket-Protocol");
  };
  EXPECT_EQ(echoed("chat"), "chat");
  EXPECT_EQ(echoed(" chat , superchat"), "chat");
  EXPECT_EQ(echoed("v1.json!#$%&'*+-.^_`|~"), "v1.json!#$%&'*+-.^_`|~");
  EXPECT_EQ(echoed(""), "(none)");
  EXPECT_EQ(echoed(", chat"), "(none)");
  EXPECT_EQ(echoed("a b"), "(none)");
  EXPECT_EQ(echoed("a\r\nSet-Cookie: x"), "(none)");
  EXPECT_EQ(echoed("\xc3\xb6"), "(none)");
  EXPECT_EQ(echoed("\"quoted\""), "(none)");
  EXPECT_EQ(echoed(std::string("a\0b", 3)), "(none)");
}

// T75: whatever is offered, nothing is negotiated.
TEST(WebSocketHandshake, NegotiatesNoExtension) {
  const std::vector<std::string> offers = {"permessage-deflate",
                                           "permessage-deflate; server_max_window_bits=8",
                                           "constructor", ";;;=,", std::string(8000, 'x')};
  for (const std::string& offer : offers) {
    const Request request = with("Sec-WebSocket-Extensions", offer);
    EXPECT_EQ(status_of(request), 101);
    EXPECT_EQ(header_of(accept_websocket(request), "Sec-WebSocket-Extensions"), "(none)");
  }
}

}  // namespace
}  // namespace engineio::transports::detail
