#include "report/compare/compare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/compare/comparability.hpp"
#include "tests/report/comparison_sides.hpp"

namespace trainbench::report {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Side ten(double ratio, unsigned seed, double noise = 0.02) {
  return side_of({{"BM_sort/64", noisy(10, ratio, noise, seed)}});
}

TEST(Compare, OfASideWithItselfPasses) {
  const Comparison comparison = compare(ten(1, 1), ten(1, 1), {});
  EXPECT_EQ(comparison.exit_code, ExitCode::ok);
  EXPECT_EQ(row_of(comparison, "BM_sort/64", "real_time").verdict, Verdict::equivalent);
  EXPECT_EQ(headline(comparison), "PASSED: of 1 gated row 1 EQUIVALENT.");
}

TEST(Compare, FindsTenPercentInTenProcessesOfTwoPercentNoise) {
  const Comparison comparison = compare(ten(1, 1), ten(1.1, 2), {});
  EXPECT_EQ(comparison.exit_code, ExitCode::regressed);
  EXPECT_EQ(row_of(comparison, "BM_sort/64", "real_time").verdict, Verdict::regressed);
  EXPECT_THAT(headline(comparison), HasSubstr("REGRESSED: of 1 gated row 1 REGRESSED."));
}

TEST(Compare, PairsWhatGateWroteAndNothingElse) {
  EXPECT_TRUE(compare(ten(1, 1), ten(1, 2), {}).paired);
  EXPECT_FALSE(compare(ten(1, 1), ten(1, 2), {.pairing = Pairing::unpaired}).paired);
  Side named = ten(1, 1);
  Side other = ten(1, 2);
  for (SideFile& file : named.files) file.name = "x" + file.name;
  for (SideFile& file : other.files) file.name = "x" + file.name;
  EXPECT_FALSE(compare(named, other, {}).paired);
  EXPECT_TRUE(compare(named, other, {.pairing = Pairing::paired}).paired);
}

TEST(Compare, RefusesPairsOfUnequalNames) {
  Side fewer = ten(1, 2);
  fewer.files.pop_back();
  try {
    compare(ten(1, 1), fewer, {.pairing = Pairing::paired});
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    EXPECT_THAT(error.what(), HasSubstr("'pair-10.json' is on one side only"));
  }
  EXPECT_FALSE(compare(ten(1, 1), fewer, {}).paired);
}

TEST(Compare, FindsTwoFoldBelowADriftOnlyInPairs) {
  // The machine slows down by a tenth with each pair; the contender by a twentieth more.
  std::vector<double> before;
  std::vector<double> after;
  double drift = 1;
  for (std::size_t i = 0; i < 10; ++i, drift *= 1.1) {
    before.push_back(drift * (1 + 0.001 * static_cast<double>(i % 3)));
    after.push_back(drift * 1.05);
  }
  const Side baseline = side_of({{"A", before}});
  const Side contender = side_of({{"A", after}});
  EXPECT_EQ(compare(baseline, contender, {}).exit_code, ExitCode::regressed);
  EXPECT_EQ(compare(baseline, contender, {.pairing = Pairing::unpaired}).exit_code, ExitCode::ok);
}

TEST(Compare, CountsRepetitionsOfOneProcessOnce) {
  Side side;
  std::vector<Row> rows;
  for (int i = 0; i < 20; ++i) rows.push_back(time_row("A", 1 + i % 3));
  side.files.push_back(file_of("a.json", rows));
  const ComparedRow row = row_of(compare(side, side, {}), "A", "real_time");
  EXPECT_EQ(row.samples.baseline, std::vector<double>{2});
  EXPECT_EQ(row.verdict, Verdict::underpowered);
}

TEST(Compare, TakesEachRepetitionOfBenchAsAProcess) {
  const Side journal = journal_of("Exp1", "step_time_ms", {10, 11, 12});
  EXPECT_EQ(row_of(compare(journal, journal, {}), "Exp1", "step_time_ms").samples.baseline.size(), 3U);
}

TEST(Compare, NeverTakesAFailedOrZeroRowAsAnImprovement) {
  Side failed = ten(1, 2);
  failed.files[3].results.rows[0].status = CaseStatus::failed;
  failed.files[3].results.rows[0].reason = "out of memory";
  const Comparison with_failure = compare(ten(1, 1), failed, {});
  EXPECT_EQ(with_failure.exit_code, ExitCode::invalid);
  EXPECT_THAT(row_of(with_failure, "BM_sort/64", "").reason,
              HasSubstr("1 of 10 repetitions of the contender failed: out"));
  Side zero = ten(1, 2);
  zero.files[3].results.rows[0].real_seconds = 0;
  const Comparison with_zero = compare(ten(1, 1), zero, {});
  EXPECT_EQ(with_zero.exit_code, ExitCode::invalid);
  EXPECT_EQ(row_of(with_zero, "BM_sort/64", "real_time").verdict, Verdict::invalid);
}

TEST(Compare, TellsSkippedOnOneSideFromSkippedOnBoth) {
  Side skipped = side_of({{"A", noisy(10, 1, 0.01, 1)}, {"B", noisy(10, 1, 0.01, 2)}});
  const Side whole = skipped;
  for (SideFile& file : skipped.files) {
    file.results.rows[1].status = CaseStatus::skipped;
    file.results.rows[1].reason = "no CUDA device";
  }
  EXPECT_EQ(compare(skipped, skipped, {}).exit_code, ExitCode::ok);
  const Comparison comparison = compare(whole, skipped, {});
  EXPECT_EQ(comparison.exit_code, ExitCode::invalid);
  EXPECT_EQ(row_of(comparison, "B", "").reason, "skipped in the contender only: no CUDA device");
}

TEST(Compare, ListsMissingAndNewBenchmarksAndLeavesTheRestAlone) {
  const Side before = side_of({{"A", noisy(10, 1, 0.01, 1)}, {"B", noisy(10, 1, 0.01, 2)}});
  const Side after = side_of({{"A", noisy(10, 1, 0.01, 3)}, {"C", noisy(10, 1, 0.01, 4)}});
  const Comparison comparison = compare(before, after, {});
  EXPECT_EQ(comparison.exit_code, ExitCode::missing);
  EXPECT_EQ(row_of(comparison, "B", "").verdict, Verdict::missing);
  EXPECT_EQ(row_of(comparison, "C", "").verdict, Verdict::added);
  EXPECT_EQ(row_of(comparison, "A", "real_time").verdict, Verdict::equivalent);
  EXPECT_EQ(compare(before, after, {.allow_missing = true}).exit_code, ExitCode::ok);
  EXPECT_EQ(compare(before, after, {.renames = {{"B", "C"}}}).exit_code, ExitCode::ok);
}

TEST(Compare, FindsAMetricThatIsNoLongerReported) {
  Side before = journal_of("Exp1", "step_time_ms", noisy(8, 10, 0.01, 1));
  Side after = before;
  for (Row& row : before.files[0].results.rows) row.metrics["peak_rss_mib"] = 100;
  EXPECT_EQ(compare(before, after, {}).exit_code, ExitCode::missing);
  EXPECT_EQ(row_of(compare(before, after, {}), "Exp1", "peak_rss_mib").verdict, Verdict::missing);
  EXPECT_EQ(compare(after, before, {}).exit_code, ExitCode::ok);
}

TEST(Compare, RefusesDifferentMachinesUnlessItGatesNothing) {
  Side other = ten(1.5, 2);
  for (SideFile& file : other.files) file.results.noted["num_cpus"] = "4";
  try {
    compare(ten(1, 1), other, {});
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::not_comparable);
    EXPECT_THAT(error.what(), HasSubstr("num_cpus: '2' and '4'"));
  }
  const Comparison allowed = compare(ten(1, 1), other, {.allow_different_machine = true});
  EXPECT_EQ(allowed.exit_code, ExitCode::ok);
  EXPECT_EQ(row_of(allowed, "BM_sort/64", "real_time").verdict, Verdict::regressed);
  EXPECT_THAT(headline(allowed), HasSubstr("INFORMATIONAL"));
}

TEST(Compare, RefusesASideThatMixesMachines) {
  Side mixed = journal_of("Exp1", "step_time_ms", {10, 11});
  mixed.files.push_back(mixed.files[0]);
  mixed.files[1].results.machine["gpu"] = "H100";
  EXPECT_THROW(compare(mixed, mixed, {}), InputError);
}

TEST(Compare, CallsAnotherWayOfMeasuringInvalid) {
  Side before = journal_of("Exp1", "step_time_ms", noisy(8, 10, 0.01, 1));
  for (Row& row : before.files[0].results.rows) row.measurement = {{"threads", "1"}, {"batch", "128"}};
  Side after = before;
  for (Row& row : after.files[0].results.rows) row.measurement["threads"] = "2";
  const Comparison comparison = compare(before, after, {});
  EXPECT_EQ(comparison.exit_code, ExitCode::invalid);
  EXPECT_THAT(row_of(comparison, "Exp1", "").reason, HasSubstr("threads: '1' and '2'"));
}

TEST(Compare, AdjustsForTheNumberOfGatedTests) {
  std::map<std::string, std::vector<double>> before;
  std::map<std::string, std::vector<double>> after;
  for (unsigned i = 0; i < 12; ++i) {
    before[fmt::format("BM_{}", i)] = noisy(6, 1, 0.02, 2 * i);
    after[fmt::format("BM_{}", i)] = noisy(6, i == 0 ? 1.2 : 1.0, 0.02, 2 * i + 1);
  }
  const Comparison comparison = compare(side_of(before), side_of(after), {});
  EXPECT_EQ(comparison.family, 12U);
  const ComparedRow row = row_of(comparison, "BM_0", "real_time");
  EXPECT_NEAR(row.evidence->p, 2.0 / 64, 1e-12);
  EXPECT_GT(row.adjusted_p, 0.05);
  EXPECT_EQ(row.verdict, Verdict::underpowered);  // six pairs can never be enough for twelve tests
}

TEST(Compare, ShowsCountersThatNobodyDeclaredAndGatesThemOnDemand) {
  Side before = ten(1, 1);
  Side after = ten(1, 2);
  for (SideFile& file : after.files) file.results.rows[0].metrics["widgets"] = 90;
  for (SideFile& file : before.files) file.results.rows[0].metrics["widgets"] = 100;
  EXPECT_EQ(row_of(compare(before, after, {}), "BM_sort/64", "widgets").verdict, std::nullopt);
  CompareOptions options;
  options.policy = parse_policy(
      R"({"policy":1,"metrics":{"widgets":{"better":"higher","kind":"rate","gated":true}}})", "p");
  EXPECT_EQ(compare(before, after, options).exit_code, ExitCode::regressed);
}

TEST(Compare, ReturnsWhatTheFlagsAskForWhereNothingIsDecided) {
  const Side few = side_of({{"A", {1, 1.01}}});
  EXPECT_EQ(compare(few, few, {}).exit_code, ExitCode::ok);
  EXPECT_EQ(compare(few, few, {.require_power = true}).exit_code, ExitCode::inconclusive);
  const Side before = side_of({{"A", std::vector<double>(12, 1)}});
  const Side after = side_of({{"A", spread(12, 1.027, 0.012)}});
  EXPECT_EQ(row_of(compare(before, after, {}), "A", "real_time").verdict, Verdict::inconclusive);
  EXPECT_EQ(compare(before, after, {}).exit_code, ExitCode::ok);
  EXPECT_EQ(compare(before, after, {.fail_on_inconclusive = true}).exit_code, ExitCode::inconclusive);
}

TEST(Compare, LetsAnAcceptedRegressionPassUntilItsDayAndUpToItsSize) {
  CompareOptions options;
  options.policy.accepted = {{"BM_sort/*", "real_time", 15, "2027-01-31", "The new allocator."}};
  options.today = "2027-01-31";
  const Comparison comparison = compare(ten(1, 1), ten(1.1, 2), options);
  EXPECT_EQ(comparison.exit_code, ExitCode::ok);
  EXPECT_EQ(row_of(comparison, "BM_sort/64", "real_time").verdict, Verdict::regressed);
  EXPECT_THAT(headline(comparison), HasSubstr("1 row let pass by the policy"));
  EXPECT_THAT(compare(ten(1, 1), ten(1, 2), options).notes,
              Contains("Accepted until 2027-01-31: a regression of BM_sort/* real_time by up to 15 %. The "
                       "new allocator."));
  EXPECT_EQ(compare(ten(1, 1), ten(1.2, 2), options).exit_code, ExitCode::regressed);
  options.today = "2027-02-01";
  const Comparison ended = compare(ten(1, 1), ten(1.1, 2), options);
  EXPECT_EQ(ended.exit_code, ExitCode::regressed);
  EXPECT_THAT(ended.warnings,
              Contains(HasSubstr("was accepted until 2027-01-31 (The new allocator.), which is over.")));
  options.policy.accepted.insert(options.policy.accepted.begin(),
                                 {"BM_sort/64", "real_time", std::nullopt, "2027-02-01", "It still holds."});
  EXPECT_EQ(compare(ten(1, 1), ten(1.1, 2), options).exit_code, ExitCode::ok);
}

TEST(Compare, MeasuresWhatIsAcceptedInPercentOfTheBaselineAndPoints) {
  const auto compared = [](const std::string& metric, double before, double after, double leave) {
    CompareOptions options;
    options.policy.metrics[metric].gated = true;
    options.policy.accepted = {{"A", metric, leave, "2027-01-31", "Why."}};
    return compare(journal_of("A", metric, spread(10, before, 0.001)),
                   journal_of("A", metric, spread(10, after, 0.001)), options);
  };
  // A rate that is halved is worse by 50 %, a time that is doubled by 100 %.
  EXPECT_EQ(compared("images_per_second", 100, 50, 51).exit_code, ExitCode::ok);
  EXPECT_EQ(compared("images_per_second", 100, 50, 49).exit_code, ExitCode::regressed);
  EXPECT_EQ(compared("step_time_ms", 100, 200, 99).exit_code, ExitCode::regressed);
  EXPECT_THAT(compared("images_per_second", 100, 50, 49).warnings,
              Contains(HasSubstr("covers 49 %, and it is worse by 50 %")));
  const Comparison points = compared("test_accuracy", 60, 55, 4);
  EXPECT_THAT(points.warnings, Contains(HasSubstr("covers 4 points, and it is worse by 5 points")));
  EXPECT_THAT(points.notes, Contains(HasSubstr("by up to 4 points.")));
}

TEST(Compare, SuspectsTheHostWhereEightFindingsPointOneWay) {
  const auto shifted = [](unsigned count, double ratio) {
    std::map<std::string, std::vector<double>> seconds;
    for (unsigned i = 0; i < count; ++i) seconds[fmt::format("BM_{}", i)] = noisy(12, ratio, 0.01, i + 50);
    return side_of(seconds);
  };
  EXPECT_THAT(compare(shifted(8, 1), shifted(8, 2), {}).warnings,
              Contains(HasSubstr("Systematic shift: all 8 findings are for the worse.")));
  EXPECT_THAT(compare(shifted(8, 1), shifted(8, 0.5), {}).warnings, Contains(HasSubstr("for the better")));
  EXPECT_THAT(compare(shifted(7, 1), shifted(7, 2), {}).warnings, IsEmpty());
  EXPECT_THAT(compare(shifted(8, 1), shifted(8, 2), {.before_first_look = true}).warnings, IsEmpty());
}

TEST(Compare, CountsNoMetricThatOnlySaysAgainWhatAGatedOneSays) {
  const auto slowed = [](double factor) {
    Side side = journal_of("Exp1", "step_time_ms", noisy(12, factor, 0.01, 1));
    for (Row& row : side.files[0].results.rows) {
      for (const char* mirrored : {"step_time_p95_ms", "synced_step_time_ms", "synced_step_time_p95_ms",
                                   "epoch_time_s", "time_to_accuracy_s", "cpu_time_s"})
        row.metrics[mirrored] = row.metrics["step_time_ms"];
      row.metrics["images_per_second"] = 1 / row.metrics["step_time_ms"];
    }
    return side;
  };
  const Comparison comparison = compare(slowed(1), slowed(2), {});
  EXPECT_EQ(count_rows(comparison, Verdict::regressed, false), 7U);
  EXPECT_THAT(comparison.warnings, IsEmpty());
}

TEST(Compare, NamesSamplesWithTwoModes) {
  std::vector<double> two_modes;
  for (int i = 0; i < 12; ++i) two_modes.push_back(i % 2 == 0 ? 1.0 + 0.001 * i : 1.3);
  const Side before = side_of({{"A", noisy(12, 1.1, 0.05, 3)}});
  const Side after = side_of({{"A", two_modes}});
  EXPECT_THAT(compare(before, after, {}).warnings,
              Contains(HasSubstr("the values of A real_time (contender) fall into two groups")));
  for (double& value : two_modes) value = value > 1.2 ? 1.02 : 1.0;  // within the zone
  EXPECT_THAT(compare(side_of({{"A", two_modes}}), side_of({{"A", two_modes}}), {}).warnings, IsEmpty());
}

TEST(Compare, SaysWhereNothingIsGatedAndWhatWasInjected) {
  Side side = journal_of("Exp1", "final_loss", {2, 2.1, 2.2});
  for (Row& row : side.files[0].results.rows) row.injected = "slow:10";
  const Comparison comparison = compare(side, side, {});
  EXPECT_THAT(comparison.warnings, Contains(HasSubstr("Nothing is gated")));
  EXPECT_THAT(comparison.warnings,
              Contains(HasSubstr("contender was run with the injected fault 'slow:10': Exp1")));
}

TEST(Compare, DividesAlphaByTheLooks) {
  EXPECT_NEAR(compare(ten(1, 1), ten(1, 2), {.looks = 3}).alpha, 0.05 / 3, 1e-15);
}

TEST(MachineOf, KnowsOnlyWhatDoesNotChangeFromBootToBoot) {
  ResultSet results;
  EXPECT_TRUE(machine_of(results).empty());
  results.noted = {{"num_cpus", "8"}, {"mhz_per_cpu", "2999"}, {"host_name", "box"}};
  EXPECT_EQ(machine_of(results), (Facts{{"num_cpus", "8"}}));
  results.noted["caches"] = "L1 Data 32768";
  EXPECT_EQ(machine_of(results), (Facts{{"num_cpus", "8"}, {"caches", "L1 Data 32768"}}));
  results.machine = {{"cpu", "A"}};
  EXPECT_EQ(machine_of(results), (Facts{{"cpu", "A"}}));
}

}  // namespace
}  // namespace trainbench::report
