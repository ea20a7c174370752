#include "examples/comment_server/comment_store.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <latch>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "examples/comment_server/sqlite.hpp"
#include "tests/support/temporary_folder.hpp"

namespace comment_server {
namespace {

using namespace std::chrono_literals;
using socketio::Binary;
using support::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Place here{"/", "/socket.io/?page=%2Farticles%2F42"};
constexpr auto long_enough = 30s;

Binary bytes(std::string_view content) { return Binary(content); }

StoredComment text(std::string words) {
  return {.json = '"' + std::move(words) + '"', .attachments = {}};
}

/// Saves and waits: the error of the callback, or of the refusal.
std::string save_now(CommentStore& store, const Place& place, StoredComment comment) {
  std::promise<std::string> answer;
  std::string refused = store.save(place, std::move(comment),
                                   [&](const std::string& error) { answer.set_value(error); });
  if (!refused.empty()) return "refused: " + refused;
  return answer.get_future().get();
}

struct Answer {
  std::string error;
  std::vector<StoredComment> comments;
};

Answer load_now(CommentStore& store, const Place& place, HistoryLimits limits = {}) {
  std::promise<Answer> answer;
  store.load(place, limits, [&](const std::string& error, const CommentStore::History& comments) {
    answer.set_value({error, *comments});
  });
  return answer.get_future().get();
}

std::vector<std::string> texts(CommentStore& store, const Place& place, HistoryLimits limits = {}) {
  std::vector<std::string> found;
  for (const StoredComment& comment : load_now(store, place, limits).comments)
    found.push_back(comment.json);
  return found;
}

StoreOptions in_memory() { return {.path = ":memory:"}; }

/// Keeps the store's thread inside a callback, so that what is saved meanwhile gathers in the
/// queue.
class Held {
 public:
  explicit Held(CommentStore& store) {
    store.load(here, {}, [this](const std::string&, const CommentStore::History&) {
      entered_.count_down();
      release_.wait();
    });
    entered_.wait();
  }
  void release() { release_.count_down(); }

 private:
  std::latch entered_{1};
  std::latch release_{1};
};

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

TEST(CommentStore, RefusesAtOnceWhenTooManyWait) {
  CommentStore store({.path = ":memory:", .max_queued_jobs = 3});
  Held held(store);  // the first
  EXPECT_EQ(store.save(here, text("second"), {}), "");
  EXPECT_EQ(store.save(here, text("third"), {}), "");
  bool called = false;
  EXPECT_THAT(store.save(here, text("fourth"), [&](const std::string&) { called = true; }),
              HasSubstr("too many"));
  std::string load_error;
  store.load(here, {},
             [&](const std::string& error, const CommentStore::History&) { load_error = error; });
  EXPECT_THAT(load_error, HasSubstr("too many"));
  held.release();
  ASSERT_TRUE(store.flush(long_enough));
  EXPECT_FALSE(called);
  EXPECT_THAT(texts(store, here), ElementsAre("\"second\"", "\"third\""));
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

TEST(CommentStore, CommentsOutliveTheStore) {
  const TemporaryFolder folder;
  const StoreOptions options{.path = folder / "comments.db"};
  {
    CommentStore store(options);
    ASSERT_EQ(save_now(store, here, {.json = "[1]", .attachments = {bytes("bytes")}}), "");
  }
  CommentStore store(options);
  EXPECT_THAT(load_now(store, here).comments,
              ElementsAre(StoredComment{.json = "[1]", .attachments = {bytes("bytes")}}));
  ASSERT_EQ(save_now(store, here, text("later")), "");
  EXPECT_THAT(texts(store, here), ElementsAre("[1]", "\"later\""));
}

TEST(CommentStore, WhatWasAnsweredOutlivesAKilledProcess) {
  const TemporaryFolder folder;
  const StoreOptions options{.path = folder / "comments.db"};
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    CommentStore store(options);
    for (int i = 0;; ++i) {
      const auto tell = [&pipe_ends](const std::string& error) {
        const char sign = error.empty() ? '.' : '!';
        if (write(pipe_ends[1], &sign, 1) != 1) _exit(1);
      };
      if (!store.save(here, text(std::to_string(i)), tell).empty()) _exit(1);
      if (i % 50 == 49) store.flush(long_enough);
    }
  }
  close(pipe_ends[1]);
  std::string signs;
  char sign = 0;
  while (signs.size() < 500 && read(pipe_ends[0], &sign, 1) == 1) signs += sign;
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  while (read(pipe_ends[0], &sign, 1) == 1) signs += sign;
  close(pipe_ends[0]);

  ASSERT_GE(signs.size(), 500u);
  EXPECT_EQ(signs.find('!'), std::string::npos);
  CommentStore store(options);
  const auto kept = texts(store, here, {.comments = 1'000'000, .bytes = 1'000'000'000});
  ASSERT_GE(kept.size(), signs.size());
  for (std::size_t i = 0; i < kept.size(); ++i) EXPECT_EQ(kept[i], '"' + std::to_string(i) + '"');
}

TEST(CommentStore, AFullDatabaseIsAnErrorOfThatCommentOnly) {
  CommentStore store({.path = ":memory:", .max_file_bytes = 100'000});
  ASSERT_EQ(save_now(store, here, text("small")), "");
  EXPECT_THAT(save_now(store, here, text(std::string(200'000, 'x'))), HasSubstr("full"));
  EXPECT_EQ(save_now(store, here, text("small again")), "");
  EXPECT_THAT(texts(store, here), ElementsAre("\"small\"", "\"small again\""));
  EXPECT_EQ(store.statistics().failures, 1u);
}

TEST(CommentStore, AHistoryDoesNotShowWhatCouldNotBeCommitted) {
  CommentStore store({.path = ":memory:", .max_file_bytes = 100'000});
  Held held(store);
  std::string saved = "not called";
  ASSERT_EQ(store.save(here, text("lost with its batch"),
                       [&](const std::string& error) { saved = error; }),
            "");
  std::vector<StoredComment> seen{text("not called")};
  store.load(here, {},
             [&](const std::string&, const CommentStore::History& comments) { seen = *comments; });
  ASSERT_EQ(store.save(here, text(std::string(200'000, 'x')), {}), "");
  held.release();
  ASSERT_TRUE(store.flush(long_enough));
  EXPECT_THAT(saved, HasSubstr("full"));
  EXPECT_THAT(seen, IsEmpty());
  EXPECT_THAT(texts(store, here), IsEmpty());
}

TEST(CommentStore, ALockThatStaysIsAnErrorAndALaterCommentSucceeds) {
  const TemporaryFolder folder;
  const std::string path = folder / "comments.db";
  CommentStore store({.path = path, .lock_patience = 20ms});
  {
    sqlite::Database other(path);
    other.execute("BEGIN EXCLUSIVE");
    EXPECT_THAT(save_now(store, here, text("locked out")), HasSubstr("locked"));
    other.execute("ROLLBACK");
  }
  EXPECT_EQ(save_now(store, here, text("free")), "");
  EXPECT_THAT(texts(store, here), ElementsAre("\"free\""));
}

TEST(CommentStore, ABrokenFileIsAnErrorOfTheCallback) {
  const TemporaryFolder folder;
  const std::string path = folder / "comments.db";
  {
    CommentStore store({.path = path});
    for (int i = 0; i < 50; ++i)
      ASSERT_EQ(save_now(store, here, text(std::string(1'000, 'x'))), "");
  }
  {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4096);
    file << std::string(12 * 4096, '\x5A');  // the first page, with the schema, stays
  }
  CommentStore store({.path = path});
  EXPECT_THAT(load_now(store, here).error, HasSubstr("malformed"));
  EXPECT_THAT(save_now(store, here, text("after all")), HasSubstr("malformed"));
}

TEST(CommentStore, SaysWhichFileItCannotUseAndWhy) {
  const TemporaryFolder folder;
  const std::string garbage = folder / "garbage.db";
  std::ofstream(garbage) << std::string(5'000, 'g');
  const auto failure = [](const std::string& path) -> std::string {
    try {
      CommentStore store({.path = path});
    } catch (const StoreError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(failure(garbage), testing::AllOf(HasSubstr(garbage), HasSubstr("not a database")));
  EXPECT_THAT(failure(folder / "missing/comments.db"), HasSubstr("unable to open"));
  EXPECT_THAT(failure(folder.path()), HasSubstr("unable to open"));
}

TEST(CommentStore, RefusesADatabaseOfALaterVersion) {
  const TemporaryFolder folder;
  const std::string path = folder / "comments.db";
  { CommentStore store({.path = path}); }
  { sqlite::Database(path).execute("PRAGMA user_version = 2"); }
  EXPECT_THROW(CommentStore({.path = path}), StoreError);
}

TEST(CommentStore, WritesAheadAndLeavesOneFileBehind) {
  const TemporaryFolder folder;
  const std::string path = folder / "comments.db";
  {
    CommentStore store({.path = path});
    ASSERT_EQ(save_now(store, here, text("x")), "");
    sqlite::Database other(path);
    EXPECT_EQ(other.query_text("PRAGMA journal_mode"), "wal");
    EXPECT_EQ(other.query_text("PRAGMA user_version"), "1");
  }
  EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
}

TEST(CommentStore, ClosingWritesWhatWaits) {
  const TemporaryFolder folder;
  const StoreOptions options{.path = folder / "comments.db"};
  CommentStore store(options);
  int answers = 0;
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(store.save(here, text("x"),
                         [&](const std::string& error) { answers += error.empty() ? 1 : 0; }),
              "");
  }
  EXPECT_TRUE(store.close(long_enough));
  EXPECT_EQ(answers, 100);
  EXPECT_THAT(store.save(here, text("late"), {}), HasSubstr("shutting down"));
  EXPECT_THAT(load_now(store, here).error, HasSubstr("shutting down"));
  EXPECT_TRUE(store.close(0ms)) << "a second time does nothing";
  CommentStore again(options);
  EXPECT_EQ(texts(again, here, {.comments = 1'000}).size(), 100u);
}

TEST(CommentStore, ClosingGivesUpAtTheDeadline) {
  const TemporaryFolder folder;
  const std::string path = folder / "comments.db";
  CommentStore store({.path = path, .lock_patience = 1h});
  sqlite::Database other(path);
  other.execute("BEGIN EXCLUSIVE");
  std::vector<std::string> errors;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(
        store.save(here, text("x"), [&](const std::string& error) { errors.push_back(error); }),
        "");
  }
  EXPECT_FALSE(store.close(1ms));
  EXPECT_EQ(errors.size(), 3u);
  EXPECT_THAT(errors, testing::Each(testing::Not(IsEmpty())));
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
