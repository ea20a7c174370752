#include "examples/comment_server/history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engineio/block.hpp"

namespace comment_server {
namespace {

using socketio::Binary;
using testing::ElementsAre;
using testing::IsEmpty;

struct Written {
  std::string json;
  std::vector<std::string> attachments;
};

Binary bytes(std::string_view content) { return Binary(content); }

Written write(std::vector<StoredComment> comments) {
  engineio::BlockBuilder text;
  std::vector<engineio::Block> attachments;
  socketio::ValueWriter out(text, attachments);
  out.write(HistoryEvent{std::make_shared<const std::vector<StoredComment>>(std::move(comments))});
  Written written{.json = std::string(text.view()), .attachments = {}};
  for (const engineio::Block& block : attachments)
    written.attachments.emplace_back(block.payload());
  return written;
}

StoredComment plain(std::string json) { return {.json = std::move(json), .attachments = {}}; }

constexpr const char* placeholder = R"({"_placeholder":true,"num":0})";

TEST(History, IsAnArrayOfTheValuesByteForByte) {
  EXPECT_EQ(write({}).json, "[]");
  const Written written =
      write({plain(R"("text")"), plain(R"({ "n" : 1.0 })"), plain("null"), plain(R"("\ud83d")")});
  EXPECT_EQ(written.json, R"(["text",{ "n" : 1.0 },null,"\ud83d"])");
  EXPECT_THAT(written.attachments, IsEmpty());
}

TEST(History, NumbersTheAttachmentsOfAllComments) {
  const Written written = write({
      {.json = placeholder, .attachments = {bytes("a")}},
      plain(R"("text")"),
      {.json =
           R"({"num":1,"x":[{ "num":1, "_placeholder":true },{"_placeholder":true,"num":0}],"s":"é"})",
       .attachments = {bytes("b0"), bytes("b1")}},
  });
  EXPECT_EQ(
      written.json,
      R"([{"_placeholder":true,"num":0},"text",)"
      R"({"num":1,"x":[{"_placeholder":true,"num":1},{"_placeholder":true,"num":2}],"s":"é"}])");
  EXPECT_THAT(written.attachments, ElementsAre("a", "b1", "b0"));
}

TEST(History, LeavesOutWhatRepeatsAnAttachment) {
  const std::string once(placeholder);
  const StoredComment fair{.json = "[" + once + R"(,{"_placeholder":true,"num":1}])",
                           .attachments = {bytes("a"), bytes("b")}};
  const StoredComment repeating{.json = "[" + once + "," + once + "]", .attachments = {bytes("c")}};
  const StoredComment unused{.json = once, .attachments = {bytes("d"), bytes("never sent")}};
  EXPECT_FALSE(repeats_attachments(fair));
  EXPECT_TRUE(repeats_attachments(repeating));
  EXPECT_FALSE(repeats_attachments(unused));
  EXPECT_FALSE(repeats_attachments(plain("[" + once + "," + once + "]")));
  EXPECT_THAT(write({fair, repeating, unused}).attachments, ElementsAre("a", "b", "d"));
}

TEST(History, WithoutAttachmentsAPlaceholderIsAnOrdinaryObject) {
  EXPECT_EQ(write({plain(placeholder)}).json, "[" + std::string(placeholder) + "]");
}

TEST(History, WithAttachmentsNothingElseMayLookLikeAPlaceholder) {
  const Written written = write({
      plain(R"({"_placeholder":true,"num":99})"),
      plain(R"([[{"deep":{"\u005fplaceholder":true}}]])"),
      plain(R"({"_placeholder":"no","num":1})"),
      {.json = placeholder, .attachments = {bytes("a")}},
  });
  EXPECT_EQ(written.json, R"([{"_placeholder":"no","num":1},{"_placeholder":true,"num":0}])");
  EXPECT_THAT(written.attachments, ElementsAre("a"));
}

}  // namespace
}  // namespace comment_server
