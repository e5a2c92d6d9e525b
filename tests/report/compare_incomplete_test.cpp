#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "report/compare/compare.hpp"
#include "tests/report/comparison_sides.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;

Side ten_pairs(double ratio, unsigned seed) {
  return side_of({{"BM_sort/64", noisy(10, ratio, 0.02, seed)}});
}

/// Twenty pairs with an accuracy.
Side with_accuracy(unsigned seed) {
  Side side = side_of({{"A", noisy(20, 1, 0.01, seed)}});
  for (SideFile& file : side.files) file.results.rows[0].metrics["test_accuracy"] = 60;
  return side;
}

TEST(CompareIncomplete, CallsAMetricThatSomePairsHaveOnOneSideOnlyInvalid) {
  Side before = with_accuracy(1);
  Side after = with_accuracy(2);
  for (std::size_t i = 0; i < 8; ++i) after.files[i].results.rows[0].metrics.clear();
  const Comparison comparison = compare(before, after, {});
  EXPECT_EQ(comparison.exit_code, ExitCode::invalid);
  const ComparedRow row = row_of(comparison, "A", "test_accuracy");
  EXPECT_EQ(row.verdict, Verdict::invalid);
  EXPECT_EQ(row.reason, "8 of 20 pairs have it on one side only");
  EXPECT_EQ(row_of(comparison, "A", "real_time").verdict, Verdict::equivalent);
  for (std::size_t i = 0; i < 8; ++i) before.files[i].results.rows[0].metrics.clear();
  EXPECT_EQ(row_of(compare(before, after, {}), "A", "test_accuracy").verdict, Verdict::equivalent);
}

TEST(CompareIncomplete, CallsAMetricThatSomeProcessesOfOneSideLackInvalid) {
  Side before = with_accuracy(1);
  Side after = with_accuracy(2);
  const auto row = [&] {
    return row_of(compare(before, after, {.pairing = Pairing::unpaired}), "A", "test_accuracy");
  };
  before.files[0].results.rows[0].metrics.clear();
  EXPECT_EQ(row().reason, "1 of 20 processes of the baseline do not have it");
  before.is_selection = true;
  EXPECT_EQ(row().verdict, Verdict::equivalent);
  before.is_selection = false;
  after.files[1].results.rows[0].metrics.clear();
  EXPECT_EQ(row().verdict, Verdict::equivalent);
}

TEST(CompareIncomplete, CallsABenchmarkThatSomeProcessesOfOneSideSkippedInvalid) {
  const Side before = ten_pairs(1, 1);
  Side after = ten_pairs(1, 2);
  for (std::size_t i = 1; i < 10; ++i) {
    after.files[i].results.rows[0].status = CaseStatus::skipped;
    after.files[i].results.rows[0].reason = "no CUDA device";
  }
  const Comparison pairs = compare(before, after, {});
  EXPECT_EQ(pairs.exit_code, ExitCode::invalid);
  EXPECT_EQ(row_of(pairs, "BM_sort/64", "real_time").reason,
            "9 of 10 pairs have it on one side only: no CUDA device");
  EXPECT_EQ(compare(before, after, {.pairing = Pairing::unpaired}).exit_code, ExitCode::invalid);
}

TEST(CompareIncomplete, CallsABenchmarkThatSomePartnersDoNotHaveInvalid) {
  Side after = ten_pairs(1, 2);
  after.files[4].results.rows.clear();
  EXPECT_EQ(compare(ten_pairs(1, 1), after, {}).exit_code, ExitCode::invalid);
}

TEST(CompareIncomplete, PairsTheRepetitionsOfAJournalByTheirNumber) {
  Side before = journal_of("Exp1", "step_time_ms", {1, 2, 4, 8});
  Side after = before;
  const auto row = [&] {
    return row_of(compare(before, after, {.pairing = Pairing::paired}), "Exp1", "step_time_ms");
  };
  before.files[0].results.rows[0].status = CaseStatus::skipped;
  after.files[0].results.rows[3].status = CaseStatus::skipped;
  EXPECT_EQ(row().samples.baseline, (std::vector<double>{2, 4}));
  EXPECT_EQ(row().samples.contender, (std::vector<double>{2, 4}));
  EXPECT_EQ(row().reason, "2 of 4 pairs have it on one side only");
}

TEST(CompareIncomplete, RefusesRenamesThatMakeOneBenchmarkOfTwo) {
  const Side side = side_of({{"A", noisy(10, 0.001, 0.01, 1)}, {"B", noisy(10, 0.009, 0.01, 2)}});
  try {
    compare(side, side, {.renames = {{"A", "B"}}});
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    EXPECT_THAT(error.what(), HasSubstr("has \"A\" and \"B\", and both would be \"B\""));
  }
  const Comparison swapped = compare(side, side, {.renames = {{"A", "B"}, {"B", "A"}}});
  EXPECT_EQ(row_of(swapped, "A", "real_time").verdict, Verdict::improved);
  EXPECT_EQ(row_of(swapped, "B", "real_time").verdict, Verdict::regressed);
}

TEST(CompareIncomplete, PairsTheGoodFilesBesideOneThatCannotBeRead) {
  // The tenth pair is not needed: the noise is small.
  const Side before = side_of({{"A", noisy(10, 1, 0.005, 1)}});
  Side after = side_of({{"A", noisy(10, 1, 0.005, 2)}});
  after.files.erase(after.files.begin() + 3);
  after.unreadable = {"pair-04.json"};
  after.problems = {"'pair-04.json' is empty."};
  for (const Pairing pairing : {Pairing::automatic, Pairing::paired}) {
    const Comparison comparison = compare(before, after, {.pairing = pairing});
    EXPECT_TRUE(comparison.paired);
    EXPECT_EQ(row_of(comparison, "A", "real_time").samples.baseline.size(), 9U);
    EXPECT_EQ(row_of(comparison, "A", "real_time").verdict, Verdict::equivalent);
    EXPECT_EQ(comparison.exit_code, ExitCode::unreadable);
  }
}

TEST(CompareIncomplete, CallsValuesTooLargeToSubtractInvalid) {
  const Comparison comparison = compare(journal_of("Exp1", "test_accuracy", {1e308, -1e308}),
                                        journal_of("Exp1", "test_accuracy", {-1e308, 1e308}), {});
  EXPECT_EQ(comparison.exit_code, ExitCode::invalid);
  EXPECT_EQ(row_of(comparison, "Exp1", "test_accuracy").reason, "a value is too large to compare");
}

TEST(CompareIncomplete, NotesWhatTheReadersLeftOutOncePerSide) {
  Side before = ten_pairs(1, 1);
  for (SideFile& file : before.files) file.results.notes = {"2 rows left out."};
  const Comparison comparison = compare(before, ten_pairs(1, 2), {});
  EXPECT_EQ(std::count(comparison.notes.begin(), comparison.notes.end(),
                       "Baseline 'pair-01.json' and 9 more: 2 rows left out."),
            1);
  EXPECT_EQ(comparison.notes.size(), 2U);
}

TEST(CompareIncomplete, BeforeTheFirstLookDecidesNothingByATest) {
  CompareOptions options;
  options.policy.accepted = {{"BM_sort/*", "real_time", std::nullopt, "2027-01-31", "The new allocator."}};
  options.before_first_look = true;
  const Comparison comparison = compare(ten_pairs(1, 1), ten_pairs(1.5, 2), options);
  const ComparedRow row = row_of(comparison, "BM_sort/64", "real_time");
  EXPECT_EQ(row.verdict, Verdict::underpowered);
  EXPECT_EQ(row.reason, "it ended before the first look");
  EXPECT_TRUE(row.gated);
  EXPECT_FALSE(row.let_pass);
  EXPECT_FALSE(row.strong);
}

}  // namespace
}  // namespace trainbench::report
