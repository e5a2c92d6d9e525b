#include "report/read_results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "tests/report/testdata_path.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class ReadResults : public TemporaryFolder {};

TEST_F(ReadResults, PrefersTheJournalOfAFolder) {
  fs::copy_file(testdata("whole.ndjson"), folder_ / "journal.ndjson");
  fs::copy_file(testdata("google_benchmark_1_7_1.json"), folder_ / "benchmark.json");
  const ResultSet results = read_results(folder_);
  EXPECT_EQ(results.kind, SourceKind::journal);
  EXPECT_EQ(results.rows.size(), 15U);
  EXPECT_EQ(results.planned_cases, 15);
  EXPECT_EQ(results.exit_code, 30);
}

TEST_F(ReadResults, FallsBackToTheJsonAndSaysSo) {
  fs::copy_file(testdata("google_benchmark_1_7_1.json"), folder_ / "benchmark.json");
  EXPECT_EQ(read_results(folder_).kind, SourceKind::google_benchmark);
  write_file_atomically(folder_ / "journal.ndjson", "damaged\n");
  const ResultSet results = read_results(folder_);
  EXPECT_EQ(results.kind, SourceKind::google_benchmark);
  ASSERT_EQ(results.faults.size(), 1U);
  EXPECT_THAT(results.faults[0], HasSubstr("Its benchmark.json was read instead."));
}

TEST_F(ReadResults, SaysWhatAFolderLacks) {
  try {
    read_results(folder_);
    FAIL() << "an empty folder was read";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    EXPECT_THAT(error.what(), HasSubstr("holds neither journal.ndjson nor benchmark.json"));
  }
}

TEST_F(ReadResults, KnowsAJournalByItsFirstBytes) {
  fs::copy_file(testdata("whole.ndjson"), folder_ / "renamed.json");
  EXPECT_EQ(read_results(folder_ / "renamed.json").kind, SourceKind::journal);
}

TEST_F(ReadResults, SaysThatARunWasInterrupted) {
  const ResultSet results = read_results(testdata("interrupted.ndjson"));
  EXPECT_EQ(results.rows.size(), 15U);
  EXPECT_THAT(results.faults, testing::ElementsAre(HasSubstr("interrupted"), HasSubstr("cut off")));
}

}  // namespace
}  // namespace trainbench::report
