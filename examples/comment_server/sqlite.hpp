#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <sqlite3.h>

// SQLite's C interface with destructors and exceptions; no more of it than CommentStore needs.

namespace comment_server::sqlite {

/// A call of SQLite's failed. what() is SQLite's own text, with the cause where SQLite knows one.
class Error : public std::runtime_error {
 public:
  Error(int code, const std::string& what) : std::runtime_error(what), code_(code) {}
  /// SQLite's primary result code, for example SQLITE_FULL.
  int code() const noexcept { return code_ & 0xff; }

 private:
  int code_;
};

/// A prepared statement of one Database, which must outlive it. Used by one thread at a time.
///
/// Life: bind what the text asks for, step() until it says false, reset(); then again.
class Statement {
 public:
  Statement(sqlite3* database, std::string_view text);

  /// Positions count from 1. Text and bytes are not copied: they must live until reset().
  void bind(int position, std::int64_t value);
  void bind_text(int position, std::string_view value);
  void bind_bytes(int position, std::string_view value);

  /// True: there is a row to read. False: the statement is done. Throws Error.
  bool step();

  /// Columns count from 0. A view is valid until the next step() or reset().
  std::int64_t integer(int column) const;
  std::string_view bytes(int column) const;

  /// Ready to be bound and run again; forgets what was bound. Never throws: the failure of a step
  /// was thrown by that step.
  void reset() noexcept;

 private:
  void check(int code) const;

  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
};

/// Resets a statement at the end of a scope, however the scope ends.
class Use {
 public:
  explicit Use(Statement& statement) noexcept : statement_(statement) {}
  ~Use() { statement_.reset(); }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

 private:
  Statement& statement_;
};

/// One connection to a database file, or to a private database in memory (`:memory:`). Used by one
/// thread at a time.
class Database {
 public:
  /// Opens the file for reading and writing, and makes it if it is missing. Throws Error.
  explicit Database(const std::string& path);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// How long a locked database is waited for. `give_up` is asked every few milliseconds and ends
  /// the waiting early.
  void set_patience(std::chrono::milliseconds patience, std::function<bool()> give_up);

  /// Runs statements that return nothing of interest. Throws Error.
  void execute(const std::string& statements);
  /// The first column of the first row. Throws Error; also when there is no row.
  std::string query_text(std::string_view statement);
  Statement prepare(std::string_view statement);

  bool in_transaction() const noexcept { return sqlite3_get_autocommit(handle_.get()) == 0; }
  std::int64_t last_insert_id() const noexcept { return sqlite3_last_insert_rowid(handle_.get()); }

 private:
  static int on_busy(void* self, int calls);

  struct Closer {
    void operator()(sqlite3* handle) const noexcept { sqlite3_close_v2(handle); }
  };
  std::unique_ptr<sqlite3, Closer> handle_;
  std::chrono::milliseconds patience_{0};
  std::chrono::steady_clock::time_point waiting_since_;
  std::function<bool()> give_up_;
};

}  // namespace comment_server::sqlite
