#include "examples/comment_server/comment_store.hpp"

#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/comment_server/comment_store_calls.hpp"

namespace comment_server {
namespace {

using socketio::Binary;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(CommentStore, GivesBackWhatItWasGivenOldestFirst) {
  CommentStore store(in_memory());
  for (const char* words : {"one", "two", "three"})
    EXPECT_EQ(save_now(store, here, text(words)), "");
  EXPECT_THAT(texts(store, here), ElementsAre("\"one\"", "\"two\"", "\"three\""));
}

TEST(CommentStore, KeepsEveryByte) {
  CommentStore store(in_memory());
  // 1.0 and 1e400 are what a number-parsing store would lose, a lone surrogate what a strict one
  // would refuse.
  const StoredComment odd{.json =
                              "{\"n\":[1.0,1e400,\"\\ud83d\",\"\xED\xA0\xBD\"],\"b\":{\"_"
                              "placeholder\":true,\"num\":0}}",
                          .attachments = {Binary(std::string("\0\xFF\0", 3)), bytes("")}};
  ASSERT_EQ(save_now(store, here, odd), "");
  EXPECT_THAT(load_now(store, here).comments, ElementsAre(odd));
}

TEST(CommentStore, KeepsPlacesApart) {
  CommentStore store(in_memory());
  const Place other_room{"/", "/socket.io/"};
  const Place other_namespace{"/comment", here.room};
  ASSERT_EQ(save_now(store, here, text("here")), "");
  ASSERT_EQ(save_now(store, other_room, text("room")), "");
  ASSERT_EQ(save_now(store, other_namespace, text("namespace")), "");
  EXPECT_THAT(texts(store, here), ElementsAre("\"here\""));
  EXPECT_THAT(texts(store, other_room), ElementsAre("\"room\""));
  EXPECT_THAT(texts(store, other_namespace), ElementsAre("\"namespace\""));
  EXPECT_THAT(texts(store, {"/comment", "nobody was here"}), IsEmpty());
}

TEST(CommentStore, RoomNamesMayHoldAnyByte) {
  CommentStore store(in_memory());
  const Place with_nul{"/", std::string("a\0b", 3)};
  const Place without{"/", "a"};
  ASSERT_EQ(save_now(store, with_nul, text("x")), "");
  EXPECT_THAT(texts(store, with_nul), ElementsAre("\"x\""));
  EXPECT_THAT(texts(store, without), IsEmpty());
  EXPECT_THAT(texts(store, {"/", ""}), IsEmpty());
}

TEST(CommentStore, HistoryEndsAtTheNumberOfComments) {
  CommentStore store(in_memory());
  for (int i = 0; i < 5; ++i) ASSERT_EQ(save_now(store, here, text(std::to_string(i))), "");
  EXPECT_THAT(texts(store, here, {.comments = 2}), ElementsAre("\"3\"", "\"4\""));
  EXPECT_THAT(texts(store, here, {.comments = 0}), IsEmpty());
}

TEST(CommentStore, HistoryEndsAtTheFirstCommentThatIsTooBig) {
  CommentStore store(in_memory());
  for (const std::string& words :
       {std::string("1"), std::string(50, 'x'), std::string("2"), std::string("3")}) {
    ASSERT_EQ(save_now(store, here, text(words)), "");
  }
  EXPECT_THAT(texts(store, here, {.bytes = 20}), ElementsAre("\"2\"", "\"3\""));
  EXPECT_THAT(texts(store, here, {.bytes = 6}), ElementsAre("\"2\"", "\"3\""));
  EXPECT_THAT(texts(store, here, {.bytes = 5}), ElementsAre("\"3\""));
}

TEST(CommentStore, HistoryEndsAtTheNumberOfAttachments) {
  CommentStore store(in_memory());
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(
        save_now(store, here, {.json = std::to_string(i), .attachments = {bytes("a"), bytes("b")}}),
        "");
  }
  EXPECT_THAT(texts(store, here, {.attachments = 5}), ElementsAre("1", "2"));
  EXPECT_THAT(texts(store, here, {.attachments = 1}), IsEmpty());
}

TEST(CommentStore, AttachmentsCountAsBytesOfTheHistory) {
  CommentStore store(in_memory());
  ASSERT_EQ(save_now(store, here, {.json = "0", .attachments = {Binary(std::string(100, 'a'))}}),
            "");
  EXPECT_THAT(texts(store, here, {.bytes = 100}), IsEmpty());
  EXPECT_THAT(texts(store, here, {.bytes = 101}), ElementsAre("0"));
}

TEST(CommentStore, WritesWhatHasGatheredInOneTransaction) {
  CommentStore store(in_memory());
  Held held(store);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(store.save(here, text(std::to_string(i)), {}), "");
  EXPECT_EQ(store.statistics().commits, 0u);
  held.release();
  ASSERT_TRUE(store.flush(long_enough));
  EXPECT_EQ(store.statistics().commits, 1u);
  EXPECT_EQ(store.statistics().comments, 100u);
}

TEST(CommentStore, ABatchHasALimit) {
  CommentStore store({.path = ":memory:", .max_batch = 30});
  Held held(store);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(store.save(here, text(std::to_string(i)), {}), "");
  held.release();
  ASSERT_TRUE(store.flush(long_enough));
  EXPECT_EQ(store.statistics().commits, 4u);
}

TEST(CommentStore, AHistorySeesWhatWasSavedBeforeItAndNothingElse) {
  CommentStore store(in_memory());
  Held held(store);
  ASSERT_EQ(store.save(here, text("before"), {}), "");
  std::promise<std::vector<StoredComment>> seen;
  store.load(here, {}, [&](const std::string&, const CommentStore::History& comments) {
    seen.set_value(*comments);
  });
  ASSERT_EQ(store.save(here, text("after"), {}), "");
  held.release();
  EXPECT_THAT(seen.get_future().get(), ElementsAre(text("before")));
  EXPECT_THAT(texts(store, here), ElementsAre("\"before\"", "\"after\""));
}

TEST(CommentStore, ReadsOnceForAllWhoAskBeforeTheNextComment) {
  CommentStore store(in_memory());
  ASSERT_EQ(save_now(store, here, text("one")), "");
  for (int i = 0; i < 10; ++i) EXPECT_THAT(texts(store, here), ElementsAre("\"one\""));
  EXPECT_EQ(store.statistics().reads, 1u);
  ASSERT_EQ(save_now(store, here, text("two")), "");
  EXPECT_THAT(texts(store, here), ElementsAre("\"one\"", "\"two\""));
  EXPECT_THAT(texts(store, here, {.comments = 1}), ElementsAre("\"two\""));
  EXPECT_EQ(store.statistics().reads, 3u);
}

TEST(CommentStore, ReadsNothingForThoseWhoHaveLeft) {
  CommentStore store(in_memory());
  ASSERT_EQ(save_now(store, here, text("one")), "");
  Held held(store);
  std::atomic<bool> wanted = true;
  std::vector<std::string> errors;
  for (int i = 0; i < 3; ++i) {
    store.load(
        {here.name_space, "room " + std::to_string(i)}, {},
        [&](const std::string& error, const CommentStore::History& comments) {
          errors.push_back(error);
          EXPECT_TRUE(comments->empty());
        },
        [&] { return wanted.load(); });
  }
  const auto reads = store.statistics().reads;
  wanted = false;
  held.release();
  ASSERT_TRUE(store.flush(long_enough));
  EXPECT_THAT(errors, ElementsAre(HasSubstr("nobody waits"), HasSubstr("nobody waits"),
                                  HasSubstr("nobody waits")));
  EXPECT_EQ(store.statistics().reads, reads);
}

TEST(CommentStore, KeepsTheLastHistoryWhileOthersWrite) {
  CommentStore store(in_memory());
  ASSERT_EQ(save_now(store, here, text("one")), "");
  EXPECT_THAT(texts(store, here), ElementsAre("\"one\""));
  ASSERT_EQ(save_now(store, {here.name_space, "elsewhere"}, text("other")), "");
  EXPECT_THAT(texts(store, here), ElementsAre("\"one\""));
  EXPECT_EQ(store.statistics().reads, 1u);
}

TEST(CommentStore, RefusesAtOnceWhenTooManyWait) {
  CommentStore store({.path = ":memory:", .max_queued_comments = 2});
  Held held(store);
  EXPECT_EQ(store.save(here, text("first"), {}), "");
  EXPECT_EQ(store.save(here, text("second"), {}), "");
  bool called = false;
  EXPECT_THAT(store.save(here, text("third"), [&](const std::string&) { called = true; }),
              HasSubstr("too many comments"));
  held.release();
  ASSERT_TRUE(store.flush(long_enough));
  EXPECT_FALSE(called);
  EXPECT_THAT(texts(store, here), ElementsAre("\"first\"", "\"second\""));
  EXPECT_EQ(save_now(store, here, text("third")), "") << "what is written waits no longer";
}

TEST(CommentStore, HistoriesThatWaitLeaveRoomForComments) {
  CommentStore store({.path = ":memory:", .max_queued_comments = 1, .max_queued_histories = 3});
  Held held(store);  // the first
  std::vector<std::string> errors;
  const auto loaded = [&](const std::string& error, const CommentStore::History&) {
    errors.push_back(error);
  };
  for (int i = 0; i < 2; ++i) store.load(here, {}, loaded);
  EXPECT_THAT(errors, IsEmpty());
  store.load(here, {}, loaded);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("too many histories")));
  EXPECT_EQ(store.save(here, text("taken"), {}), "");
  held.release();
  ASSERT_TRUE(store.flush(long_enough));
  EXPECT_THAT(errors, ElementsAre(HasSubstr("too many histories"), "", ""));
  EXPECT_THAT(texts(store, here), ElementsAre("\"taken\""));
}

TEST(CommentStore, RefusesAtOnceWhenTooManyBytesWait) {
  CommentStore store({.path = ":memory:", .max_queued_bytes = 1'000});
  Held held(store);
  EXPECT_EQ(store.save(here, {.json = "0", .attachments = {Binary(std::string(900, 'x'))}}, {}),
            "");
  EXPECT_THAT(store.save(here, text(std::string(100, 'x')), {}), HasSubstr("too many"));
  EXPECT_EQ(store.save(here, text("small"), {}), "");
  held.release();
  ASSERT_TRUE(store.flush(long_enough));
  EXPECT_EQ(save_now(store, here, text(std::string(900, 'x'))), "")
      << "what is written waits no longer";
}

TEST(CommentStore, TakesCommentsFromManyThreads) {
  CommentStore store(in_memory());
  std::atomic<int> committed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 250; ++i) {
        const std::string words = std::to_string(t) + ":" + std::to_string(i);
        const auto saved = [&](const std::string& error) { committed += error.empty() ? 1 : 0; };
        EXPECT_EQ(store.save(here, text(words), saved), "");
        if (i % 50 == 0) {
          EXPECT_EQ(load_now(store, here).error, "");
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(store.flush(long_enough));
  EXPECT_EQ(committed, 1'000);
  const auto all = texts(store, here, {.comments = 2'000});
  ASSERT_EQ(all.size(), 1'000u);
  // Each thread's own comments are in its order.
  for (int t = 0; t < 4; ++t) {
    int next = 0;
    for (const std::string& json : all) {
      if (json.starts_with('"' + std::to_string(t) + ":")) {
        EXPECT_EQ(json, '"' + std::to_string(t) + ":" + std::to_string(next++) + '"');
      }
    }
  }
}

}  // namespace
}  // namespace comment_server
