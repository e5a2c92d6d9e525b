#include "report/compare/baseline_from_history.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/history/store/store.hpp"
#include "src/base/files.hpp"
#include "src/stats/summary.hpp"
#include "tests/report/comparison_sides.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report::history {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Lt;
using testing::SizeIs;

constexpr double kLevel = 0.005;  // seconds

/// A history of runs on a machine of two cores, one commit each.
class BaselineFromHistory : public TemporaryFolder {
 protected:
  Store& store() {
    if (!store_) store_ = std::make_unique<Store>(folder_ / "history", true);
    return *store_;
  }

  /// Results of the run with the number, as record_from takes them.
  static ResultSet results_of(int number, std::vector<Row> rows) {
    ResultSet results = file_of(fmt::format("run-{:03}.json", number), std::move(rows)).results;
    results.id = fmt::format("run-{:03}", number);
    results.started = fmt::format("2026-01-02T03:{:02}:{:02}Z", number / 60, number % 60);
    return results;
  }

  void keep(int number, const ResultSet& results, const std::string& branch = "main") {
    store().add(record_from(results, branch,
                            {.hash = fmt::format("{:040x}", number), .subject = "", .number = number}));
  }

  /// Runs of one benchmark's time, with a little noise, from `first` on.
  void keep_level(int first, int count, double seconds, const std::string& benchmark = "BM_a/8") {
    for (int i = 0; i < count; ++i)
      keep(first + i, results_of(first + i, {time_row(benchmark, seconds * (1 + 0.001 * (i % 5)))}));
  }

  static Side contender(double seconds, const std::string& benchmark = "BM_a/8") {
    return side_of({{benchmark, spread(10, seconds, 0.002)}});
  }

  Side baseline(const Side& of, const Renames& renames = {}, const std::string& branch = "main") {
    notes_.clear();
    return baseline_from_history({.folder = folder_ / "history", .branch = branch, .renames = renames}, of,
                                 {}, notes_);
  }

  void expect_no_baseline(const Side& of, const std::string& sentence) {
    try {
      baseline(of);
      ADD_FAILURE() << "there was one: " << sentence;
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), ExitCode::no_baseline);
      EXPECT_THAT(error.what(), HasSubstr(sentence));
    }
  }

  static std::vector<double> seconds_in(const Side& side) {
    std::vector<double> values;
    for (const SideFile& file : side.files) {
      for (const Row& row : file.results.rows) values.push_back(row.metrics.at("real_time"));
    }
    return values;
  }

  std::vector<std::string> notes_;

 private:
  std::unique_ptr<Store> store_;
};

TEST_F(BaselineFromHistory, IsEveryRunOfAStableHistory) {
  keep_level(1, 12, kLevel);
  const Side side = baseline(contender(kLevel));
  EXPECT_THAT(side.files, SizeIs(12));
  EXPECT_EQ(side.files.front().name, "run-001");
  EXPECT_EQ(side.files.back().name, "run-012");
  EXPECT_EQ(side.files.front().results.source, (folder_ / "history" / "2026-01" / "run-001.ndjson").string());
  EXPECT_TRUE(std::filesystem::exists(side.files.front().results.source));
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("the stable part of 1 series in '")));
  EXPECT_THAT(side.problems, IsEmpty());
}

TEST_F(BaselineFromHistory, CanBeComparedWithItsMachineKnown) {
  keep_level(1, 12, kLevel);
  const Side same = contender(kLevel);
  const Comparison alike = compare(baseline(same), same, {.pairing = Pairing::unpaired});
  EXPECT_EQ(row_of(alike, "BM_a/8", "real_time").verdict, Verdict::equivalent);
  EXPECT_EQ(alike.exit_code, ExitCode::ok);
  EXPECT_FALSE(alike.informational);
  const Side slower = contender(1.1 * kLevel);
  EXPECT_EQ(compare(baseline(slower), slower, {.pairing = Pairing::unpaired}).exit_code, ExitCode::regressed);
}

TEST_F(BaselineFromHistory, EndsBeforeARegression) {
  keep_level(1, 15, kLevel);
  keep_level(16, 15, 1.5 * kLevel);
  const Side side = baseline(contender(kLevel));
  EXPECT_THAT(side.files, SizeIs(15));
  EXPECT_THAT(seconds_in(side), Each(Lt(1.1 * kLevel)));
  EXPECT_THAT(notes_, Contains(HasSubstr("The history regressed in BM_a/8 real_time")));
}

TEST_F(BaselineFromHistory, BeginsAfterAnImprovement) {
  keep_level(1, 15, kLevel);
  keep_level(16, 15, 0.5 * kLevel);
  const Side side = baseline(contender(kLevel));
  EXPECT_THAT(side.files, SizeIs(15));
  EXPECT_THAT(seconds_in(side), Each(Lt(0.6 * kLevel)));
}

TEST_F(BaselineFromHistory, BeginsAfterARegressionThatWasExpected) {
  keep_level(1, 15, kLevel);
  keep_level(16, 15, 1.5 * kLevel);
  store().add(Mark{.benchmark = "BM_a/8",
                   .metric = "real_time",
                   .commit = fmt::format("{:040x}", 16),
                   .kind = "expected",
                   .reason = "The larger arena.",
                   .day = "2026-01-03"});
  const Side side = baseline(contender(kLevel));
  EXPECT_THAT(side.files, SizeIs(15));
  EXPECT_THAT(seconds_in(side), Each(Gt(1.4 * kLevel)));
}

TEST_F(BaselineFromHistory, LeavesOutTheLastTwoPointsThatLookWorse) {
  keep_level(1, 15, kLevel);
  keep_level(16, 2, 1.5 * kLevel);
  EXPECT_THAT(seconds_in(baseline(contender(kLevel))), Each(Lt(1.1 * kLevel)));
}

TEST_F(BaselineFromHistory, LeavesOutFailedRunsAndTheContendersOwn) {
  keep_level(1, 8, kLevel);
  ResultSet failed = results_of(9, {time_row("BM_a/8", kLevel)});
  failed.faults = {"The file is cut off."};
  keep(9, failed);
  EXPECT_THAT(baseline(contender(kLevel)).files, SizeIs(8));
  Side own;
  own.files.push_back({.name = "own", .results = results_of(8, {time_row("BM_a/8", kLevel * 1.002)})});
  EXPECT_THAT(baseline(own).files, SizeIs(7));
}

TEST_F(BaselineFromHistory, TakesEachProcessOfARun) {
  keep_level(1, 1, kLevel);
  Side journal = journal_of("Exp1", "step_time_ms", {5, 6, 7});
  journal.files.front().results.id = "three";
  journal.files.front().results.started = "2026-01-02T03:04:05Z";
  for (Row& row : journal.files.front().results.rows) row.measurement = {{"batch", "128"}};
  keep(2, journal.files.front().results);
  Side other = journal;
  other.files.front().results.id = "other";
  const Side side = baseline(other);
  ASSERT_THAT(side.files, SizeIs(1));
  const ResultSet& results = side.files.front().results;
  ASSERT_THAT(results.rows, SizeIs(3));
  EXPECT_EQ(results.rows[1].metrics.at("step_time_ms"), 6);
  EXPECT_EQ(results.rows[1].measurement.at("batch"), "128");
  EXPECT_EQ(results.machine.at("cpu"), "A");
  const Comparison comparison = compare(side, other, {.pairing = Pairing::unpaired});
  EXPECT_THAT(row_of(comparison, "Exp1", "step_time_ms").samples.baseline, SizeIs(3));
}

TEST_F(BaselineFromHistory, IsOfTheSameMeasurementOnly) {
  Row measured = time_row("BM_a/8", kLevel);
  measured.measurement = {{"precision", "fp32"}};
  for (int i = 1; i < 6; ++i) keep(i, results_of(i, {measured, time_row("BM_b", kLevel)}));
  Side side = side_of({{"BM_a/8", {kLevel, kLevel}}, {"BM_b", {kLevel, kLevel}}});
  for (SideFile& file : side.files) file.results.rows.front().measurement = {{"precision", "amp"}};
  const Side found = baseline(side);
  for (const SideFile& file : found.files) {
    for (const Row& row : file.results.rows) EXPECT_EQ(row.benchmark, "BM_b");
  }
  EXPECT_THAT(notes_,
              Contains(HasSubstr("has no series of BM_a/8 on this machine, measured in the same way")));
  const Comparison comparison = compare(found, side, {.pairing = Pairing::unpaired});
  EXPECT_EQ(row_of(comparison, "BM_a/8", "").verdict, Verdict::added);
}

TEST_F(BaselineFromHistory, HasWhatTheContenderLacksOfTheNewestRunAndNothingOlder) {
  keep(1, results_of(1, {time_row("BM_gone", kLevel)}));
  for (int i = 2; i < 8; ++i)
    keep(i, results_of(i, {time_row("BM_a/8", kLevel), time_row("BM_missing", kLevel)}));
  const Side side = contender(kLevel);
  const Comparison comparison = compare(baseline(side), side, {.pairing = Pairing::unpaired});
  EXPECT_EQ(row_of(comparison, "BM_missing", "").verdict, Verdict::missing);
  EXPECT_EQ(comparison.exit_code, ExitCode::missing);
  for (const ComparedRow& row : comparison.rows) EXPECT_NE(row.benchmark, "BM_gone");
}

TEST_F(BaselineFromHistory, IsThereForABenchmarkThatFailed) {
  for (int i = 1; i < 6; ++i) keep(i, results_of(i, {time_row("BM_a/8", kLevel), time_row("BM_b", kLevel)}));
  Side side = side_of({{"BM_a/8", {kLevel}}, {"BM_b", {kLevel}}});
  Row& row = side.files.front().results.rows.front();
  row.status = CaseStatus::failed;
  row.reason = "boom";
  const Comparison comparison = compare(baseline(side), side, {.pairing = Pairing::unpaired});
  EXPECT_EQ(row_of(comparison, "BM_a/8", "").verdict, Verdict::invalid);
  EXPECT_EQ(comparison.exit_code, ExitCode::invalid);
}

TEST_F(BaselineFromHistory, FindsARenamedBenchmarkUnderItsOldNameUntilItHasOneOfToday) {
  keep_level(1, 6, kLevel, "BM_old");
  const Renames renames = {{"BM_old", "BM_new"}};
  const Side side = contender(kLevel, "BM_new");
  const Side old = baseline(side, renames);
  EXPECT_THAT(old.files, SizeIs(6));
  EXPECT_EQ(old.files.front().results.rows.front().benchmark, "BM_new");
  keep_level(7, 3, kLevel, "BM_new");
  EXPECT_THAT(baseline(side, renames).files, SizeIs(3));
}

TEST_F(BaselineFromHistory, IsOfOneBranch) {
  keep_level(1, 4, kLevel);
  keep(9, results_of(9, {time_row("BM_a/8", kLevel)}), "release");
  EXPECT_THAT(baseline(contender(kLevel)).files, SizeIs(4));
  EXPECT_THAT(baseline(contender(kLevel), {}, "release").files, SizeIs(1));
}

TEST_F(BaselineFromHistory, IsTheNewestHundredRuns) {
  keep_level(1, 103, kLevel);
  const Side side = baseline(contender(kLevel));
  EXPECT_THAT(side.files, SizeIs(100));
  EXPECT_EQ(side.files.front().name, "run-004");
  EXPECT_THAT(notes_, Contains(HasSubstr("the newest 100 runs are the baseline")));
}

TEST_F(BaselineFromHistory, ThatIsNotThereIsSaidWithTheWayOut) {
  expect_no_baseline(contender(kLevel), "There is no history");
  store();
  expect_no_baseline(contender(kLevel),
                     "has no good run of branch 'main': add runs of that branch with "
                     "'bench-report history add RUN'");
  keep_level(1, 3, kLevel, "BM_other");
  Side elsewhere = contender(kLevel);
  for (SideFile& file : elsewhere.files) file.results.noted = {{"num_cpus", "64"}};
  expect_no_baseline(elsewhere,
                     "has 3 good runs of branch 'main', and none on the contender's machine but its own");
  Side amp = contender(kLevel, "BM_other");
  for (SideFile& file : amp.files) file.results.rows.front().measurement = {{"precision", "amp"}};
  expect_no_baseline(amp, "none of which measured a benchmark of the contender in the same way");
}

TEST_F(BaselineFromHistory, KeepsWhatIsGoodBesideAForeignFile) {
  keep_level(1, 3, kLevel);
  write_file_atomically(folder_ / "history" / "2026-01" / "foreign.ndjson", "hello\n");
  const Side side = baseline(contender(kLevel));
  EXPECT_THAT(side.files, SizeIs(3));
  EXPECT_THAT(side.problems, ElementsAre(HasSubstr("foreign.ndjson")));
}

}  // namespace
}  // namespace trainbench::report::history
