#include "report/gate/calibration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/json.hpp"
#include "tests/report/comparison_sides.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;

/// Pairs of one program with itself: `noise` between processes, half of it between three repetitions of each.
Side processes(double noise, unsigned seed) {
  const std::vector<double> levels = noisy(20, 1, noise, seed);
  Side side;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    std::vector<Row> rows;
    for (const double time : noisy(3, levels[i], noise / 2, 100 * seed + static_cast<unsigned>(i)))
      rows.push_back(time_row("A", time));
    side.files.push_back(file_of(fmt::format("pair-{:02}.json", i + 1), rows));
  }
  return side;
}

std::vector<CalibratedRow> calibrated(double noise) {
  const Side baseline = processes(noise, 1);
  const Side contender = processes(noise, 2);
  return calibrate_rows(compare(baseline, contender, {}), baseline, contender);
}

TEST(Calibration, SplitsTheNoiseAndSaysWhatItHides) {
  const std::vector<CalibratedRow> rows = calibrated(0.04);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_NEAR(rows[0].split->within, 0.02, 0.006);
  EXPECT_NEAR(rows[0].split->between, 0.04, 0.012);
  EXPECT_GT(*rows[0].detectable[0], *rows[0].detectable[2]);
  // 20 pairs at alpha/3: 0.72 standard deviations of the differences, more with a third of the alpha.
  EXPECT_GT(*rows[0].detectable[2], 0.67 * *rows[0].pair_noise);
}

TEST(Calibration, WidensTheZoneOfANoisyBenchmarkOnly) {
  EXPECT_EQ(calibrated(0.005)[0].learned_zone, calibrated(0.005)[0].zone);
  const std::vector<CalibratedRow> rows = calibrated(0.1);
  EXPECT_GT(rows[0].learned_zone, 1.3 * rows[0].zone);
  EXPECT_TRUE(learned_policy({}, calibrated(0.005)).benchmarks.empty());
  const Policy learned = learned_policy({}, rows);
  EXPECT_NEAR(rule_of(learned, "A", "real_time").relative_zone, std::expm1(rows[0].learned_zone), 1e-4);
  EXPECT_GE(rule_of(learned, "A", "real_time").relative_zone, std::expm1(rows[0].learned_zone));
  EXPECT_EQ(rule_of(learned, "B", "real_time").relative_zone, 0.03);
  EXPECT_EQ(policy_text(parse_policy(policy_text(learned), "p")), policy_text(learned));
}

TEST(Calibration, LearnsBehindEveryPatternOfThePolicy) {
  Policy policy;
  RuleChange narrow;
  narrow.relative_zone = 0.01;
  policy.benchmarks = {{"A", {{"real_time", narrow}}}, {"*", {{"real_time", narrow}}}};
  const std::vector<CalibratedRow> rows = calibrated(0.1);
  EXPECT_GE(rule_of(learned_policy(policy, rows), "A", "real_time").relative_zone,
            std::expm1(rows[0].learned_zone));
}

TEST(Calibration, SeesNothingWithinTheZone) {
  const std::vector<CalibratedRow> rows = calibrated(0.001);
  ASSERT_EQ(rows[0].detectable.size(), std::size(kCalibratedPairs));
  for (const auto& shift : rows[0].detectable) EXPECT_NEAR(*shift, std::log1p(0.03), 1e-12);
}

TEST(Calibration, NoLongerGatesACountThatIsNone) {
  const Side baseline = journal_of("Exp1", "ops_per_step", {100, 101, 100});
  const Side steady = journal_of("Exp1", "ops_per_step", {100, 100, 100});
  const auto noisy_count = calibrate_rows(compare(baseline, baseline, {}), baseline, baseline);
  EXPECT_FALSE(noisy_count[0].repeatable);
  EXPECT_FALSE(rule_of(learned_policy({}, noisy_count), "Exp1", "ops_per_step").gated);
  const auto count = calibrate_rows(compare(steady, steady, {}), steady, steady);
  EXPECT_TRUE(count[0].repeatable);
  EXPECT_TRUE(rule_of(learned_policy({}, count), "Exp1", "ops_per_step").gated);
  Side lacking = steady;
  lacking.files[0].results.rows[2].metrics.clear();
  EXPECT_TRUE(calibrate_rows(compare(steady, lacking, {}), steady, lacking).empty());
}

TEST(Calibration, NoLongerGatesARowTooNoisyForAnyZone) {
  const Side baseline = processes(3, 1);
  const Side contender = processes(3, 2);
  const Comparison comparison = compare(baseline, contender, {});
  const auto rows = calibrate_rows(comparison, baseline, contender);
  const std::string learned = policy_text(learned_policy({}, rows));
  EXPECT_FALSE(rule_of(parse_policy(learned, "p"), "A", "real_time").gated);
  EXPECT_THAT(calibration_markdown(comparison, rows), HasSubstr(": do not gate it"));
  EXPECT_THAT(calibration_json(comparison, rows), HasSubstr("\"too_noisy\":true"));
}

TEST(Calibration, IsShownAsATableAndAsJson) {
  const Side baseline = processes(0.02, 1);
  const Comparison comparison = compare(baseline, processes(0.02, 2), {});
  const auto rows = calibrate_rows(comparison, baseline, processes(0.02, 2));
  EXPECT_THAT(calibration_markdown(comparison, rows), HasSubstr("| A         | real_time | yes"));
  const json::value value = parse_json(calibration_json(comparison, rows), "json");
  EXPECT_EQ(array_at(value.as_object(), "notes")->size(), comparison.notes.size());
  EXPECT_FALSE(comparison.notes.empty());
  EXPECT_TRUE(array_at(value.as_object(), "rows")->at(0).as_object().contains("detectable_at_10"));
}

}  // namespace
}  // namespace trainbench::report
