#include <memory>
#include <string>
#include <vector>

#include <boost/json/serialize.hpp>

#include <gtest/gtest.h>

#include "socketio/handshake.hpp"

namespace socketio {
namespace {

Handshake handshake(std::string target, std::vector<engineio::HeaderField> headers = {},
                    boost::json::object auth = {}) {
  engineio::Request request;
  request.target = std::move(target);
  request.headers = std::move(headers);
  request.remote_address = "::ffff:127.0.0.1";
  const std::size_t mark = request.target.find('?');
  if (mark != std::string::npos)
    request.query = engineio::Query::parse(request.target.substr(mark + 1));
  // Fri Nov 20 2026 23:24:35.123 UTC
  const std::chrono::system_clock::time_point time{std::chrono::milliseconds(1'795'217'075'123)};
  return {std::make_shared<const engineio::Request>(std::move(request)), std::move(auth), time};
}

std::string room_url(std::string target) { return handshake(std::move(target)).room_url(); }

TEST(HandshakeTest, RoomUrlIsTheUrlWithoutTheProtocolsParameters) {
  EXPECT_EQ(room_url("/socket.io/?EIO=4&transport=polling&t=abc"), "/socket.io/");
  EXPECT_EQ(
      room_url("/socket.io/?page=%2Farticles%2F42&EIO=4&transport=polling&t=P1&sid=x&j=0&b64=1"),
      "/socket.io/?page=%2Farticles%2F42");
  EXPECT_EQ(room_url("/socket.io/?b=2&EIO=4&a=1&transport=websocket&b=3"),
            "/socket.io/?b=2&a=1&b=3");
  EXPECT_EQ(room_url("/socket.io/?EIO"), "/socket.io/");
  EXPECT_EQ(room_url("/socket.io/?"), "/socket.io/");
  EXPECT_EQ(room_url("/socket.io/"), "/socket.io/");
  EXPECT_EQ(room_url("/socket.io/?eio=4&tt=1&&x"), "/socket.io/?eio=4&tt=1&x");
}

TEST(HandshakeTest, HeadersAreThoseOfNode) {
  const Handshake hello = handshake("/", {{"Host", "a"},
                                          {"X-Two", "1"},
                                          {"x-two", "2"},
                                          {"HOST", "b"},
                                          {"Cookie", "a=1"},
                                          {"cookie", "b=2"},
                                          {"Set-Cookie", "s"},
                                          {"User-Agent", "x"},
                                          {"user-agent", "y"}});
  EXPECT_EQ(
      boost::json::serialize(hello.headers()),
      R"({"host":"a","x-two":"1, 2","cookie":"a=1; b=2","set-cookie":["s"],"user-agent":"x"})");
  EXPECT_EQ(hello.header("X-TWO"), "1, 2");
  EXPECT_EQ(hello.header("host"), "a");
  EXPECT_EQ(hello.header("Cookie"), "a=1; b=2");
  EXPECT_EQ(hello.header("none"), "");
}

TEST(HandshakeTest, ShowsEveryFieldInTheOrderOfJavaScript) {
  const Handshake hello = handshake("/socket.io/?EIO=4&transport=polling&a=%20b",
                                    {{"Origin", "http://x"}}, {{"token", "t"}, {"n", 1}});
  EXPECT_EQ(boost::json::serialize(hello.to_json()),
            R"({"headers":{"origin":"http://x"},)"
            R"-("time":"Fri Nov 20 2026 23:24:35 GMT+0000 (Coordinated Universal Time)",)-"
            R"("address":"::ffff:127.0.0.1","xdomain":true,"secure":false,"issued":1795217075123,)"
            R"("url":"/socket.io/?EIO=4&transport=polling&a=%20b",)"
            R"("query":{"EIO":"4","transport":"polling","a":" b"},"auth":{"token":"t","n":1}})");
  EXPECT_EQ(hello.auth_field("token"), "t");
  EXPECT_EQ(hello.auth_field("n"), "");
  EXPECT_EQ(hello.auth_field("none"), "");
}

}  // namespace
}  // namespace socketio
