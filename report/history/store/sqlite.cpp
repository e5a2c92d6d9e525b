#include "report/history/store/sqlite.hpp"

#include <fmt/format.h>

#include "src/base/errors.hpp"

namespace trainbench::report::history {
namespace {

// Longer than making the index of a million points takes: whoever waits finds it made.
constexpr int kLockTimeoutMilliseconds = 120'000;

}  // namespace

Database::Database(const std::string& file) : file_(file) {
  sqlite3* connection = nullptr;
  const int code =
      ::sqlite3_open_v2(file.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  connection_.reset(connection);
  check(code);
  if (::sqlite3_db_readonly(connection, "main") == 1) check(SQLITE_READONLY);
  check(::sqlite3_busy_timeout(connection, kLockTimeoutMilliseconds));
}

void Database::check(int code) const {
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_SCHEMA:
    case SQLITE_ERROR:  // our statements are right for our tables: these are not ours
    case SQLITE_CONSTRAINT:
      throw BrokenDatabase(
          fmt::format("'{}' is broken: {}.", file_,
                      connection_ ? ::sqlite3_errmsg(connection_.get()) : ::sqlite3_errstr(code)));
    default:
      throw EnvironmentError(fmt::format("Cannot write '{}': {}.", file_, ::sqlite3_errstr(code)),
                             ExitCode::cannot_write);
  }
}

void Database::run(const char* sql) {
  check(::sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr));
}

std::int64_t Database::number(const char* sql) {
  Statement statement(*this, sql);
  return statement.only().value_or(0);
}

void Database::reset() {
  check(::sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_RESET_DATABASE, 1, nullptr));
  const int code = ::sqlite3_exec(connection_.get(), "VACUUM", nullptr, nullptr, nullptr);
  ::sqlite3_db_config(connection_.get(), SQLITE_DBCONFIG_RESET_DATABASE, 0, nullptr);
  check(code);
}

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      ::sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  statement_.reset(statement);
  database.check(code);
}

void Statement::start_anew() {
  ::sqlite3_reset(statement_.get());  // an error of the last run was thrown then
  ::sqlite3_clear_bindings(statement_.get());
}

bool Statement::next() {
  const int code = ::sqlite3_step(statement_.get());
  database_.check(code);
  // A statement that stays at its end would hold its lock.
  if (code == SQLITE_DONE) ::sqlite3_reset(statement_.get());
  return code == SQLITE_ROW;
}

void Statement::run() {
  while (next()) {
  }
}

std::optional<std::int64_t> Statement::only() {
  if (!next()) return std::nullopt;
  const std::int64_t value = whole(0);
  ::sqlite3_reset(statement_.get());
  return value;
}

void Statement::bind(int position, std::string_view text) {
  // A view of nothing has no address, which SQLite would take for NULL.
  const char* const bytes = text.empty() ? "" : text.data();
  database_.check(::sqlite3_bind_text(statement_.get(), position, bytes, static_cast<int>(text.size()),
                                      SQLITE_TRANSIENT));
}

void Statement::bind(int position, std::int64_t value) {
  database_.check(::sqlite3_bind_int64(statement_.get(), position, value));
}

void Statement::bind(int position, double value) {
  database_.check(::sqlite3_bind_double(statement_.get(), position, value));
}

std::string Statement::text(int column) const {
  const void* const bytes = ::sqlite3_column_text(statement_.get(), column);
  const int size = ::sqlite3_column_bytes(statement_.get(), column);
  return bytes == nullptr ? std::string()
                          : std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

std::int64_t Statement::whole(int column) const {
  return ::sqlite3_column_int64(statement_.get(), column);
}

double Statement::number(int column) const {
  return ::sqlite3_column_double(statement_.get(), column);
}

bool Statement::has(int column) const {
  return ::sqlite3_column_type(statement_.get(), column) != SQLITE_NULL;
}

Transaction::Transaction(Database& database) : database_(database) {
  database_.run("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  // Where even this fails, SQLite rolls back at the next opening.
  if (open_) ::sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.run("COMMIT");
  open_ = false;
}

}  // namespace trainbench::report::history
