#include "src/harness/run_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.hpp"

namespace trainbench {
namespace {

namespace fs = std::filesystem;

class RunFolderTest : public TemporaryFolder {};

TEST_F(RunFolderTest, HasItsHeaderBeforeTheFirstCaseAndEveryCaseAtOnce) {
  RunFolder folder(folder_ / "a" / "run", {.id = "run", .preset = "quick", .planned_cases = 2});
  const fs::path journal = folder_ / "a" / "run" / "journal.ndjson";
  EXPECT_EQ(read_journal(journal).header.preset, "quick");
  folder.add({.benchmark = "Exp1", .seed = 4});
  EXPECT_EQ(read_journal(journal).cases.at(0).seed, 4U);
  EXPECT_FALSE(read_journal(journal).end);
  folder.finish(ExitCode::case_failed);
  EXPECT_EQ(read_journal(journal).end->exit_code, 30);
}

TEST_F(RunFolderTest, RefusesAFolderThatHoldsARun) {
  const RunFolder first(folder_ / "run", {});
  try {
    const RunFolder second(folder_ / "run", {});
    FAIL() << "two runs in one folder";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    EXPECT_THAT(error.what(), testing::HasSubstr("holds a run already: name another folder with --out"));
  }
}

TEST_F(RunFolderTest, RefusesAFolderWithFilesOfTheUsers) {
  std::ofstream(folder_ / "report.md") << "mine";
  try {
    const RunFolder folder(folder_, {});
    FAIL() << "the user's report.md would be overwritten";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("is not empty: name a new folder with --out"));
  }
}

TEST_F(RunFolderTest, SaysWhereItCannotWrite) {
  std::ofstream(folder_ / "file") << "x";
  try {
    const RunFolder folder(folder_ / "file" / "run", {});
    FAIL() << "a folder below a file";
  } catch (const EnvironmentError& error) {
    EXPECT_EQ(error.code(), ExitCode::cannot_write);
    EXPECT_THAT(error.what(), testing::HasSubstr("Not a directory"));
  }
}

TEST_F(RunFolderTest, LatestPointsAtTheLastFinishedRunAndReplacesTheLink) {
  RunFolder(folder_ / "one", {}).become_latest();
  RunFolder(folder_ / "two", {}).become_latest();
  EXPECT_EQ(fs::read_symlink(folder_ / "latest"), "two");
}

TEST_F(RunFolderTest, LatestLeavesARealFolderOfThatNameAlone) {
  fs::create_directory(folder_ / "latest");
  RunFolder(folder_ / "one", {}).become_latest();
  EXPECT_FALSE(fs::is_symlink(folder_ / "latest"));
}

TEST_F(RunFolderTest, DefaultNameIsTimeAndCommitAndANumberWhereASecondRunOfThatSecondStarts) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  EXPECT_EQ(default_run_folder("2026-11-23T15:30:00Z", "abc"), fs::path("results/20261123T153000Z-abc"));
  fs::create_directories("results/20261123T153000Z-abc");
  EXPECT_EQ(default_run_folder("2026-11-23T15:30:00Z", "abc"), fs::path("results/20261123T153000Z-abc-2"));
  fs::current_path(before);
}

TEST(LineFile, SaysThatTheDiskIsFull) {
  LineFile file("/dev/full");
  try {
    file.append("a line");
    FAIL() << "/dev/full takes nothing";
  } catch (const EnvironmentError& error) {
    EXPECT_EQ(error.code(), ExitCode::cannot_write);
    EXPECT_STREQ(error.what(), "Cannot write '/dev/full': No space left on device.");
  }
}

}  // namespace
}  // namespace trainbench
