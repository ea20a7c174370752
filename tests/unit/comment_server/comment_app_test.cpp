#include "examples/comment_server/comment_app.hpp"

#include <chrono>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

#include "tests/support/engine_client.hpp"
#include "tests/support/test_options.hpp"
#include "tests/unit/comment_server/comment_store_calls.hpp"

namespace comment_server {
namespace {

/// A client of the main namespace, over a WebSocket. Packets are without Engine.IO's type.
class Visitor {
 public:
  explicit Visitor(std::uint16_t port) : web_(port) {
    web_.send("40");
    history = answer(R"(2["history")");
  }
  /// Comments with this JSON text and these attachments; returns the acknowledgement's arguments.
  std::string comment(const std::string& json, const std::vector<std::string>& attachments = {}) {
    send(json, attachments);
    return acknowledgement();
  }
  void send(const std::string& json, const std::vector<std::string>& attachments = {}) {
    const std::string type =
        attachments.empty() ? "2" : "5" + std::to_string(attachments.size()) + "-";
    web_.send('4' + type + R"(1["comment",)" + json + ']');
    for (const std::string& bytes : attachments)
      web_.wire.send(engineio::transports::binary_frame(bytes));
  }
  std::string acknowledgement() { return answer("31").substr(2); }

  std::string history;

 private:
  // The next packet that begins like this.
  std::string answer(std::string_view begin) {
    std::string packet = web_.text().substr(1);
    while (!packet.starts_with(begin)) packet = web_.text().substr(1);
    return packet;
  }

  support::WebSocketSession web_;
};

class App : public testing::Test {
 protected:
  ~App() override {
    io_.close();
    thread_.join();
    store.close(long_enough);
  }

  Visitor visit() { return Visitor(io_.port()); }

  CommentStore store{in_memory()};
  std::ostringstream lines;

 private:
  std::thread started() {
    io_.listen("127.0.0.1", 0);
    return std::thread([this] { io_.run(); });
  }

  Log log_{{}, lines};
  socketio::Server io_{support::test_options()};
  CommentApp app_{io_,
                  store,
                  log_,
                  {.max_comment_bytes = 100,
                   .waiting_comments = 3,
                   .history = {.bytes = 200, .attachments = 2}}};
  std::thread thread_ = started();
};

constexpr const char* one_attachment = R"({"_placeholder":true,"num":0})";  // 29 bytes

TEST_F(App, RefusesACommentThatWouldHideTheHistory) {
  Visitor author = visit();
  EXPECT_EQ(author.history, R"(2["history",[]])");
  EXPECT_EQ(author.comment("1"), "[]");
  EXPECT_EQ(author.comment(one_attachment, {std::string(172, 'x')}),
            R"([{"error":"the comment is too big: it has 201 bytes, the limit is 200"}])");
  EXPECT_EQ(author.comment(one_attachment, {"", "", ""}),
            R"([{"error":"the comment has too many binary values: 3, the limit is 2"}])");
  EXPECT_EQ(author.comment("[" + std::string(one_attachment) + "," + one_attachment + "]", {""}),
            R"([{"error":"the comment has more places for binary values than binary values"}])");
  EXPECT_EQ(visit().history, R"(2["history",[1]])");
}

TEST_F(App, LetsOneClientHaveSomeCommentsWaiting) {
  Visitor author = visit();
  Visitor other = visit();
  Held held(store);
  for (const char* json : {"1", "2", "3", "4"}) author.send(json);
  EXPECT_EQ(author.acknowledgement(),
            R"([{"error":"too many comments of yours wait to be written"}])");
  other.send("5");
  held.release();
  EXPECT_EQ(other.acknowledgement(), "[]");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(author.acknowledgement(), "[]");
  EXPECT_EQ(author.comment("6"), "[]");
}

TEST_F(App, TakesACommentThatFillsTheHistory) {
  Visitor author = visit();
  EXPECT_EQ(author.comment(one_attachment, {std::string(171, 'x')}), "[]");
  EXPECT_EQ(author.comment(std::string(101, '1')),
            R"([{"error":"the comment is too long: it has 101 bytes, the limit is 100"}])");
}

}  // namespace
}  // namespace comment_server
