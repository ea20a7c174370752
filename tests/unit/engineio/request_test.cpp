#include "engineio/request.hpp"

#include <gtest/gtest.h>

namespace engineio {
namespace {

TEST(Request, FindsHeaderFieldsInAnyCase) {
  Request request;
  request.headers = {{"Host", "a"}, {"x-own", ""}, {"HOST", "b"}};
  EXPECT_EQ(request.header("host"), "a");
  EXPECT_EQ(request.header("X-Own"), "");
  EXPECT_TRUE(request.has_header("X-OWN"));
  EXPECT_FALSE(request.has_header("x-ow"));
  EXPECT_EQ(request.header("origin"), "");
}

TEST(Request, SeparatesThePathFromTheQuery) {
  Request request;
  request.target = "/socket.io/?EIO=4?x";
  EXPECT_EQ(request.path(), "/socket.io/");
  request.target = "/page";
  EXPECT_EQ(request.path(), "/page");
  request.target = "?";
  EXPECT_EQ(request.path(), "");
}

TEST(Request, ComparesAsciiLettersOnlyWithoutCase) {
  EXPECT_TRUE(equals_ignoring_case("ConTent-Length", "content-length"));
  EXPECT_FALSE(equals_ignoring_case("content-length", "content-lengt"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
  EXPECT_FALSE(equals_ignoring_case("\xC3\x84", "\xC3\xA4"));
  EXPECT_TRUE(equals_ignoring_case("", ""));
}

}  // namespace
}  // namespace engineio
