#include "socketio/detail/client_bundle.hpp"

#include <string>

#include <boost/system/system_error.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace socketio::detail {
namespace {

class ClientBundleTest : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& content) { folder_.write(name, content); }
  static engineio::Request request(std::string method,
                                   std::vector<engineio::HeaderField> headers = {}) {
    engineio::Request out;
    out.method = std::move(method);
    out.headers = std::move(headers);
    return out;
  }
  static std::string header(const HttpResponse& response, std::string_view name) {
    for (const auto& field : response.headers) {
      if (engineio::equals_ignoring_case(field.name, name)) return field.value;
    }
    return {};
  }

  support::TemporaryFolder folder_;
};

TEST_F(ClientBundleTest, ServesTheKnownFilesThatAreThere) {
  write("socket.io.js", "js");
  write("socket.io.js.map", "map");
  write("secret.txt", "secret");
  write("VERSION", "4.8.4\n");
  const ClientBundle bundle(folder_.path(), {});
  ASSERT_EQ(bundle.files().size(), 2U);
  const HttpResponse js = bundle.answer(bundle.files()[0], {}, {});
  EXPECT_EQ(js.status, 200);
  EXPECT_EQ(js.body, "js");
  EXPECT_EQ(header(js, "content-type"), "application/javascript; charset=utf-8");
  EXPECT_EQ(header(js, "cache-control"), "public, max-age=0");
  EXPECT_EQ(header(js, "etag"), "\"4.8.4\"");
  EXPECT_EQ(header(bundle.answer(bundle.files()[1], {}, {}), "content-type"),
            "application/json; charset=utf-8");
}

TEST_F(ClientBundleTest, AnswersCachesThatAreUpToDate) {
  write("socket.io.js", "js");
  const ClientBundle bundle(folder_.path(), "4.8.4");
  for (const char* known : {"\"4.8.4\"", "W/\"4.8.4\""}) {
    const HttpResponse response =
        bundle.answer(bundle.files()[0], request("GET", {{"If-None-Match", known}}), {});
    EXPECT_EQ(response.status, 304);
    EXPECT_EQ(response.body, "");
    EXPECT_TRUE(response.headers.empty());
  }
  EXPECT_EQ(
      bundle.answer(bundle.files()[0], request("GET", {{"If-None-Match", "\"4.8.3\""}}), {}).status,
      200);
}

TEST_F(ClientBundleTest, AppliesCors) {
  write("socket.io.js", "js");
  const ClientBundle bundle(folder_.path(), "4.8.4");
  engineio::Cors cors;
  cors.origins = {"*"};
  EXPECT_EQ(
      header(bundle.answer(bundle.files()[0], request("GET"), cors), "access-control-allow-origin"),
      "*");
  const HttpResponse preflight = bundle.answer(bundle.files()[0], request("OPTIONS"), cors);
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.body, "");
}

TEST_F(ClientBundleTest, SaysWhatIsMissing) {
  EXPECT_THROW(ClientBundle(folder_.path(), "1"), boost::system::system_error);
  write("socket.io.js", "js");
  EXPECT_THROW(ClientBundle(folder_.path(), ""), boost::system::system_error);
  EXPECT_NO_THROW(ClientBundle(folder_.path(), "1"));
}

}  // namespace
}  // namespace socketio::detail
