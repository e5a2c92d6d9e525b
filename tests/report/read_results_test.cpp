#include "report/results/read_results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "src/measure/journal.hpp"
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

TEST_F(ReadResults, SaysThatARunEndedBeforeItsJournalWasClosed) {
  const ResultSet results = read_results(testdata("interrupted.ndjson"));
  EXPECT_EQ(results.rows.size(), 15U);
  EXPECT_THAT(results.faults,
              testing::ElementsAre(HasSubstr("(killed, interrupted or out of disk)"), HasSubstr("cut off")));
}

TEST_F(ReadResults, KeepsWhatTheCasesNoted) {
  const ResultSet results = read_results(testdata("invented_gpu_run.ndjson"));
  EXPECT_TRUE(results.rows[0].noted.empty());
  EXPECT_EQ(results.rows[2].benchmark, "Exp3_GPU_FP32/batch:128");
  EXPECT_EQ(results.rows[2].noted.at("gpu_sm_clock_median"), "1980 MHz");
}

/// A journal of the cases given as {benchmark, repetition, status}.
class ReadJournal : public ReadResults {
 protected:
  struct Case {
    std::string benchmark;
    int repetition = 0;
    CaseStatus status = CaseStatus::ok;
  };

  ResultSet read(int planned, const std::vector<Case>& cases, int exit_code = 0) const {
    RunHeader header;
    header.planned_cases = planned;
    header.arguments = {"--benchmark_filter=A|B", "--seed=1"};
    std::string text = header_line(header) + "\n";
    for (const Case& one : cases) {
      CaseResult result;
      result.benchmark = one.benchmark;
      result.repetition = one.repetition;
      result.status = one.status;
      text += case_line(result) + "\n";
    }
    text += end_line({.exit_code = exit_code, .finished_utc = "now"}) + "\n";
    write_file_atomically(folder_ / "journal.ndjson", text);
    return read_results(folder_);
  }
};

TEST_F(ReadJournal, MissesTheLinesThatWerePlanned) {
  EXPECT_TRUE(read(4, {{"A", 0}, {"A", 1}, {"B", 0}, {"B", 1}}).faults.empty());
  EXPECT_THAT(read(4, {{"A", 0}, {"A", 1}, {"B", 0}}).faults,
              testing::ElementsAre(HasSubstr("1 of the 4 planned cases have no line")));
  EXPECT_THAT(read(3, {{"A", 0}, {"B", 0}}).faults, testing::ElementsAre(HasSubstr("1 of the 3 planned")));
}

TEST_F(ReadJournal, DoesNotMissTheRepetitionsBehindAFirstOneThatFailed) {
  EXPECT_TRUE(read(6, {{"A", 0, CaseStatus::failed}, {"B", 0}, {"B", 1}, {"B", 2}}, 30).faults.empty());
  EXPECT_TRUE(read(6, {{"A", 0, CaseStatus::skipped}, {"B", 0, CaseStatus::failed}}, 30).faults.empty());
  EXPECT_THAT(read(6, {{"A", 0, CaseStatus::skipped}, {"B", 0}, {"B", 2}}, 30).faults,
              testing::ElementsAre(HasSubstr("1 of the 6 planned")));
}

TEST_F(ReadJournal, CountsARepeatedLineOnce) {
  const ResultSet results = read(2, {{"A", 0}, {"A", 1}, {"A", 1}});
  EXPECT_EQ(results.rows.size(), 2U);
  EXPECT_TRUE(results.faults.empty());
  EXPECT_THAT(results.notes, testing::ElementsAre(HasSubstr("1 repeated line")));
}

TEST_F(ReadJournal, SaysThatItHoldsMoreThanWasPlanned) {
  EXPECT_THAT(read(1, {{"A", 0}, {"A", 1}}).faults,
              testing::ElementsAre(HasSubstr("2 cases, 1 were planned")));
}

TEST_F(ReadJournal, ComparesNothingWhereThePlanIsUnknown) {
  EXPECT_TRUE(read(0, {{"A", 0}, {"A", 1}}).faults.empty());
}

TEST_F(ReadJournal, SaysThatItsRunWasInterrupted) {
  EXPECT_THAT(read(2, {{"A", 0}}, 130).faults,
              testing::ElementsAre("The run was interrupted after 1 of 2 cases."));
}

TEST_F(ReadJournal, GivesTheCommandAsTyped) {
  EXPECT_EQ(read(1, {{"A", 0}}).command, "bench '--benchmark_filter=A|B' --seed=1");
}

}  // namespace
}  // namespace trainbench::report
