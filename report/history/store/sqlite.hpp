#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace trainbench::report::history {

/// The file is no database, is damaged, or holds other tables than were asked for: what was in it is to be
/// made again.
class BrokenDatabase : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A connection to an SQLite file. Every member, and those of Statement and Transaction, throw
/// BrokenDatabase, or EnvironmentError (`cannot_write`) with the file and SQLite's reason: no permission, no
/// room, or another process that has held the lock for minutes.
class Database {
 public:
  /// Opens the file, which is made where there is none, for writing; ":memory:" is one without a file.
  explicit Database(const std::string& file);

  void run(const char* sql);
  /// Of a statement that gives one number, for instance a PRAGMA.
  std::int64_t number(const char* sql);
  /// Empties the database, whatever the file holds, under SQLite's own locks: unlike deleting it, this leaves
  /// other processes that have it open unharmed.
  void reset();
  /// Throws where `code` is an error.
  void check(int code) const;
  sqlite3* handle() const { return connection_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* connection) const { ::sqlite3_close_v2(connection); }
  };
  std::string file_;
  std::unique_ptr<sqlite3, Close> connection_;
};

/// A prepared statement. Columns are counted from 0.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);

  /// Starts anew with these values, in the order of the statement's question marks. A statement that is left
  /// before its end holds a lock until then.
  template <typename... Values>
  Statement& with(const Values&... values) {
    start_anew();
    int position = 0;
    (bind(++position, values), ...);
    return *this;
  }
  /// Goes to the next row; false behind the last.
  bool next();
  /// To the end, for statements without rows.
  void run();
  /// The whole number in the first row; nothing where there is no row.
  std::optional<std::int64_t> only();

  std::string text(int column) const;
  std::int64_t whole(int column) const;
  double number(int column) const;
  bool has(int column) const;  // not NULL

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
  };
  void start_anew();
  void bind(int position, std::string_view text);
  void bind(int position, const std::string& text) { bind(position, std::string_view(text)); }
  void bind(int position, std::int64_t value);
  void bind(int position, int value) { bind(position, std::int64_t{value}); }
  void bind(int position, std::size_t value) { bind(position, static_cast<std::int64_t>(value)); }
  void bind(int position, double value);
  template <typename Value>
  void bind(int position, const std::optional<Value>& value) {
    if (value) bind(position, *value);  // else NULL, which start_anew left there
  }

  Database& database_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// The right to write, which one connection has at a time, until `commit`; without that, nothing was written.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;  // one right, one owner
  Transaction& operator=(const Transaction&) = delete;

  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace trainbench::report::history
