// What a store keeps in its file, and what it does when that fails.

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "examples/comment_server/comment_store.hpp"
#include "examples/comment_server/sqlite.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/comment_server/comment_store_calls.hpp"

namespace comment_server {
namespace {

using namespace std::chrono_literals;
using support::TemporaryFolder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

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

}  // namespace
}  // namespace comment_server
