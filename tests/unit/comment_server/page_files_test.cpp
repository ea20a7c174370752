#include "examples/comment_server/page_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"

namespace comment_server {
namespace {

using testing::HasSubstr;

engineio::Request request_of(const std::string& method, const std::string& target) {
  engineio::Request request;
  request.method = method;
  request.target = target;
  return request;
}

class PageFilesTest : public testing::Test {
 protected:
  void put(const std::string& name, const std::string& content) { folder_.write(name, content); }

  socketio::HttpResponse get(const std::string& target, const std::string& tag = {},
                             const std::string& method = "GET") const {
    engineio::Request request = request_of(method, target);
    if (!tag.empty()) request.headers.push_back({"If-None-Match", tag});
    return PageFiles(folder_.path()).answer(request);
  }

  static std::string field(const socketio::HttpResponse& response, std::string_view name) {
    for (const engineio::HeaderField& header : response.headers) {
      if (header.name == name) return header.value;
    }
    return {};
  }

  support::TemporaryFolder folder_;
};

TEST_F(PageFilesTest, TheFolderIsItsIndex) {
  put("index.html", "<p>hello");
  for (const char* target : {"/", "/?page=/articles/42", "/index.html"}) {
    const auto response = get(target);
    EXPECT_EQ(response.status, 200) << target;
    EXPECT_EQ(response.body, "<p>hello");
    EXPECT_EQ(field(response, "Content-Type"), "text/html; charset=utf-8");
  }
}

TEST_F(PageFilesTest, EachFileHasItsType) {
  put("index.html", "");
  for (const auto& [name, type] :
       {std::pair("style.css", "text/css; charset=utf-8"),
        std::pair("a.js", "text/javascript; charset=utf-8"), std::pair("icon.svg", "image/svg+xml"),
        std::pair("x.bin", "application/octet-stream")}) {
    put(name, "x");
    EXPECT_EQ(field(get(std::string("/") + name), "Content-Type"), type);
  }
}

TEST_F(PageFilesTest, ServesNothingElse) {
  put("index.html", "");
  std::filesystem::create_directory(folder_ / "sub");
  put("sub/secret.html", "secret");
  for (const char* target : {"/missing.js", "/sub/secret.html", "/sub", "/../index.html",
                             "//index.html", "/%69ndex.html", "index.html", "*", ""}) {
    EXPECT_EQ(get(target).status, 404) << target;
  }
}

TEST_F(PageFilesTest, IsNotSentAgainToWhoHasIt) {
  put("index.html", "one");
  const std::string tag = field(get("/"), "ETag");
  EXPECT_EQ(tag.size(), 18u);
  for (const std::string& same : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
    const auto response = get("/", same);
    EXPECT_EQ(response.status, 304) << same;
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(field(response, "ETag"), tag);
  }
  EXPECT_EQ(get("/", "\"other\"").status, 200);
  put("index.html", "two");
  EXPECT_EQ(get("/", tag).body, "two") << "the tag changes with the content";
}

TEST_F(PageFilesTest, CanOnlyBeRead) {
  put("index.html", "x");
  const auto response = get("/", {}, "POST");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(field(response, "Allow"), "GET, HEAD");
  EXPECT_EQ(get("/", {}, "HEAD").status, 200);
  EXPECT_EQ(get("/missing", {}, "POST").status, 404);
}

TEST_F(PageFilesTest, ForbidsWhatThePageDoesNotNeed) {
  put("index.html", "x");
  EXPECT_THAT(field(get("/"), "Content-Security-Policy"), HasSubstr("default-src 'none'"));
  EXPECT_EQ(field(get("/"), "X-Content-Type-Options"), "nosniff");
}

TEST_F(PageFilesTest, NeedsAFolderWithAnIndex) {
  EXPECT_THROW(PageFiles(folder_.path()), std::runtime_error);
  EXPECT_THROW(PageFiles(folder_ / "missing"), std::runtime_error);
  EXPECT_EQ(PageFiles().answer(request_of("GET", "/")).status, 404);
}

}  // namespace
}  // namespace comment_server
