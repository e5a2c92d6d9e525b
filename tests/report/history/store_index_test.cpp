#include "report/history/store/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "tests/report/history/kept_runs.hpp"
#include "tests/report/history/store_fixture.hpp"

namespace trainbench::report::history {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
namespace fs = std::filesystem;

TEST_F(StoreTest, ForgetsAFileThatIsGone) {
  add_three_runs();
  fs::remove(history_ / "2026-11" / "run-2.ndjson");
  EXPECT_THAT(ids_of_points(), ElementsAre("run-1", "run-3"));
  fs::remove_all(history_ / "2026-11");
  EXPECT_THAT(Store(history_).keys(), IsEmpty());
}

TEST_F(StoreTest, MakesTheIndexAgainWhereItIsMissingOrBroken) {
  add_three_runs();
  fs::remove(index_);
  expect_three_runs();
  write_file_atomically(index_, std::string(5000, 'x'));
  expect_three_runs();
  write_file_atomically(index_, read_file(index_).substr(0, 6000));
  expect_three_runs();
  write_file_atomically(index_, "");
  expect_three_runs();
}

TEST_F(StoreTest, MakesTheIndexAgainWhereAPageOfItIsDamaged) {
  add_three_runs();
  const std::string whole = read_file(index_);
  for (std::size_t page = 4096; page < whole.size(); page += 4096) {
    std::string damaged = whole;
    damaged.replace(page, 4096, std::string(4096, '\xff'));
    write_file_atomically(index_, damaged);
    expect_three_runs();
  }
}

TEST_F(StoreTest, MakesTheIndexAgainWhereItIsOfAnotherVersion) {
  add_three_runs();
  const std::string whole = read_file(index_);
  std::string other = whole;
  other[63] = 99;  // the last byte of user_version, at 60 in the header of SQLite's format
  write_file_atomically(index_, other);
  expect_three_runs();
  EXPECT_EQ(read_file(index_)[63], whole[63]);
}

TEST_F(StoreTest, ReadsThroughMemoryWhereThereCannotBeAnIndex) {
  add_three_runs();
  fs::remove(index_);
  fs::create_directory(index_);
  expect_three_runs();
}

TEST_F(StoreTest, ReadsAFolderThatCannotBeWritten) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  add_three_runs();
  fs::remove(index_);
  fs::permissions(history_, fs::perms::owner_read | fs::perms::owner_exec);
  expect_three_runs();
  Store store(history_);
  EXPECT_THROW(store.add(kept_run("run-4", 4, "2027-01-01T00:00:00Z")), EnvironmentError);
  fs::permissions(history_, fs::perms::owner_all);
}

TEST_F(StoreTest, TwoOpenStoresLoseNothing) {
  Store one(history_, true);
  Store other(history_);
  one.add(kept_run("run-1", 1, kNoon));
  EXPECT_EQ(other.add(kept_run("run-1", 1, kNoon)), Added::already_there);
  other.add(kept_run("run-2", 2, kNoon));
  one.add(kept_run("run-3", 3, kNoon));
  EXPECT_THAT(one.runs(), SizeIs(3));
  expect_three_runs();
}

TEST_F(StoreTest, KeepsItsIndexOutOfGit) {
  const Store begun(history_, true);
  EXPECT_THAT(read_file(history_ / ".gitignore"), StartsWith("index.sqlite*\n"));
  fs::remove(history_ / ".gitignore");
  const Store again(history_, true);
  EXPECT_FALSE(fs::exists(history_ / ".gitignore")) << "it was removed on purpose";
}

}  // namespace
}  // namespace trainbench::report::history
