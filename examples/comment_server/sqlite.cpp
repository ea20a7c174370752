#include "examples/comment_server/sqlite.hpp"

#include <thread>
#include <utility>

namespace comment_server::sqlite {
namespace {

Error error_of(sqlite3* handle, int code) {
  std::string what = sqlite3_errstr(code);
  if (handle != nullptr) {
    const std::string_view detail = sqlite3_errmsg(handle);
    if (!detail.empty() && detail != what) what.append(": ").append(detail);
  }
  return {code, what};
}

}  // namespace

Statement::Statement(sqlite3* database, std::string_view text) {
  sqlite3_stmt* made = nullptr;
  const int code = sqlite3_prepare_v3(database, text.data(), static_cast<int>(text.size()),
                                      SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  if (code != SQLITE_OK) throw error_of(database, code);
  statement_.reset(made);
}

void Statement::check(int code) const {
  if (code != SQLITE_OK) throw error_of(sqlite3_db_handle(statement_.get()), code);
}

void Statement::bind(int position, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), position, value));
}

void Statement::bind_text(int position, std::string_view value) {
  // A null pointer would bind NULL, not the empty text.
  const char* data = value.empty() ? "" : value.data();
  check(sqlite3_bind_text64(statement_.get(), position, data, value.size(), SQLITE_STATIC,
                            SQLITE_UTF8));
}

void Statement::bind_bytes(int position, std::string_view value) {
  const char* data = value.empty() ? "" : value.data();
  check(sqlite3_bind_blob64(statement_.get(), position, data, value.size(), SQLITE_STATIC));
}

bool Statement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  throw error_of(sqlite3_db_handle(statement_.get()), code);
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(data), static_cast<std::size_t>(size)};
}

void Statement::reset() noexcept {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

Database::Database(const std::string& path) {
  sqlite3* made = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &made, flags, nullptr);
  handle_.reset(made);
  if (code != SQLITE_OK) throw error_of(made, code);
}

void Database::set_patience(std::chrono::milliseconds patience, std::function<bool()> give_up) {
  patience_ = patience;
  give_up_ = std::move(give_up);
  sqlite3_busy_handler(handle_.get(), &Database::on_busy, this);
}

int Database::on_busy(void* self, int calls) {
  auto& database = *static_cast<Database*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (calls == 0) database.waiting_since_ = now;
  const bool out_of_patience = now - database.waiting_since_ >= database.patience_;
  if (out_of_patience || (database.give_up_ && database.give_up_())) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  return 1;
}

void Database::execute(const std::string& statements) {
  const int code = sqlite3_exec(handle_.get(), statements.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) throw error_of(handle_.get(), code);
}

std::string Database::query_text(std::string_view statement) {
  Statement query = prepare(statement);
  if (!query.step()) throw Error(SQLITE_ERROR, "no answer to " + std::string(statement));
  return std::string(query.bytes(0));
}

Statement Database::prepare(std::string_view statement) { return {handle_.get(), statement}; }

}  // namespace comment_server::sqlite
