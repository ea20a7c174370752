#include "examples/comment_server/comment_tables.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

namespace comment_server {
namespace {

constexpr int schema_version = 1;

constexpr const char* schema = R"sql(
  CREATE TABLE rooms (
    id INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (namespace, name)
  );
  CREATE TABLE comments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    room INTEGER NOT NULL REFERENCES rooms (id),
    written_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') AS INTEGER)),
    attachments INTEGER NOT NULL,
    value TEXT NOT NULL
  );
  CREATE INDEX comments_by_room ON comments (room, id);
  CREATE TABLE attachments (
    comment INTEGER NOT NULL REFERENCES comments (id),
    position INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (comment, position)
  );
)sql";

void set_up_file(sqlite::Database& database, std::uint64_t max_bytes) {
  const std::string mode = database.query_text("PRAGMA journal_mode = WAL");
  if (mode != "wal" && mode != "memory") {
    throw sqlite::Error(SQLITE_ERROR, "write-ahead logging is not available here");
  }
  database.execute("PRAGMA synchronous = NORMAL");
  if (max_bytes > 0) {
    const std::uint64_t page_bytes = std::stoull(database.query_text("PRAGMA page_size"));
    const std::uint64_t pages = std::max<std::uint64_t>(1, max_bytes / page_bytes);
    database.execute("PRAGMA max_page_count = " + std::to_string(pages));
  }
}

}  // namespace

CommentTables::Statements::Statements(sqlite::Database& database)
    : find_room(database.prepare("SELECT id FROM rooms WHERE namespace = ?1 AND name = ?2")),
      add_room(database.prepare("INSERT INTO rooms (namespace, name) VALUES (?1, ?2)")),
      add_comment(
          database.prepare("INSERT INTO comments (room, attachments, value) VALUES (?1, ?2, ?3)")),
      add_attachment(database.prepare(
          "INSERT INTO attachments (comment, position, bytes) VALUES (?1, ?2, ?3)")),
      last_comments(database.prepare(
          "SELECT comments.id, attachments, value FROM rooms JOIN comments ON room = rooms.id"
          " WHERE namespace = ?1 AND name = ?2 ORDER BY comments.id DESC LIMIT ?3")),
      attachments(
          database.prepare("SELECT bytes FROM attachments WHERE comment = ?1 ORDER BY position")) {}

CommentTables::CommentTables(const StoreOptions& options, std::function<bool()> give_up)
    : database_(options.path) {
  database_.set_patience(options.lock_patience, std::move(give_up));
  set_up_file(database_, options.max_file_bytes);
  migrate();
  statements_ = std::make_unique<Statements>(database_);
}

void CommentTables::migrate() {
  // IMMEDIATE: of two servers that start on a new file at once, one makes the tables and the other
  // finds them.
  database_.execute("BEGIN IMMEDIATE");
  try {
    const int found = std::stoi(database_.query_text("PRAGMA user_version"));
    if (found > schema_version) {
      throw sqlite::Error(SQLITE_ERROR, "it was written by a later version of this program");
    }
    if (found == 0) {
      database_.execute(schema);
      database_.execute("PRAGMA user_version = " + std::to_string(schema_version));
    }
    commit();
  } catch (...) {
    rollback();
    throw;
  }
}

void CommentTables::begin() { database_.execute("BEGIN IMMEDIATE"); }

void CommentTables::commit() { database_.execute("COMMIT"); }

void CommentTables::rollback() noexcept {
  if (!database_.in_transaction()) return;
  try {
    database_.execute("ROLLBACK");
  } catch (const sqlite::Error&) {
    // the transaction is over either way
  }
}

std::int64_t CommentTables::room_id(const Place& place) {
  auto& find = statements_->find_room;
  const sqlite::Use using_find(find);
  find.bind_text(1, place.name_space);
  find.bind_text(2, place.room);
  if (find.step()) return find.integer(0);

  auto& add = statements_->add_room;
  const sqlite::Use using_add(add);
  add.bind_text(1, place.name_space);
  add.bind_text(2, place.room);
  add.step();
  return database_.last_insert_id();
}

void CommentTables::insert(const Place& place, const StoredComment& comment) {
  auto& add = statements_->add_comment;
  const sqlite::Use using_add(add);
  add.bind(1, room_id(place));
  add.bind(2, static_cast<std::int64_t>(comment.attachments.size()));
  add.bind_text(3, comment.json);
  add.step();

  const std::int64_t id = database_.last_insert_id();
  auto& attach = statements_->add_attachment;
  for (std::size_t i = 0; i < comment.attachments.size(); ++i) {
    const sqlite::Use using_attach(attach);
    attach.bind(1, id);
    attach.bind(2, static_cast<std::int64_t>(i));
    attach.bind_bytes(3, comment.attachments[i].view());
    attach.step();
  }
}

std::vector<StoredComment> CommentTables::last(const Place& place, const HistoryLimits& limits) {
  auto& query = statements_->last_comments;
  const sqlite::Use using_query(query);
  query.bind_text(1, place.name_space);
  query.bind_text(2, place.room);
  query.bind(3, static_cast<std::int64_t>(limits.comments));

  std::vector<StoredComment> found;
  std::size_t bytes = 0;
  std::size_t attachments = 0;
  while (query.step()) {
    attachments += static_cast<std::size_t>(query.integer(1));
    if (attachments > limits.attachments) break;
    StoredComment comment{.json = std::string(query.bytes(2)), .attachments = {}};
    if (query.integer(1) > 0) comment.attachments = attachments_of(query.integer(0));
    bytes += comment.size_bytes();
    if (bytes > limits.bytes) break;
    found.push_back(std::move(comment));
  }
  std::reverse(found.begin(), found.end());
  return found;
}

std::vector<socketio::Binary> CommentTables::attachments_of(std::int64_t comment) {
  auto& query = statements_->attachments;
  const sqlite::Use using_query(query);
  query.bind(1, comment);
  std::vector<socketio::Binary> found;
  while (query.step()) found.emplace_back(query.bytes(0));
  return found;
}

}  // namespace comment_server
