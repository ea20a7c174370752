#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "examples/comment_server/comment_store.hpp"
#include "examples/comment_server/sqlite.hpp"

namespace comment_server {

/// The comments as tables: what CommentStore does, without its thread and its queue. Every member
/// throws sqlite::Error.
///
// clang-format off
///     rooms (id, namespace, name)
///       └──< comments (id, room, written_at, attachments, value)
///              └──< attachments (comment, position, bytes)
// clang-format on
///
/// `value` is the JSON text, byte for byte; ids grow in the order of insertion. PRAGMA user_version
/// holds the version of this layout; a database of a later one is refused rather than guessed at.
class CommentTables {
 public:
  /// Opens the file and makes or updates the tables. `give_up` ends the waiting for a lock early.
  CommentTables(const StoreOptions& options, std::function<bool()> give_up);

  void begin();
  void commit();
  /// Ends a transaction that SQLite has not ended itself. Never throws: the error that led here is
  /// the one to report.
  void rollback() noexcept;

  /// Requires: begin().
  void insert(const Place& place, const StoredComment& comment);
  /// Oldest first. Inside a transaction it sees what that has inserted.
  std::vector<StoredComment> last(const Place& place, const HistoryLimits& limits);

 private:
  void migrate();
  std::int64_t room_id(const Place& place);
  std::vector<socketio::Binary> attachments_of(std::int64_t comment);

  sqlite::Database database_;
  struct Statements {
    explicit Statements(sqlite::Database& database);
    sqlite::Statement find_room, add_room, add_comment, add_attachment, last_comments, attachments;
  };
  std::unique_ptr<Statements> statements_;  // prepared when the tables are there
};

}  // namespace comment_server
