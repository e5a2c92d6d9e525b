#include "report/compare/render_comparison.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "report/compare/comparison_format.hpp"
#include "report/compare/comparison_warnings.hpp"
#include "report/compare/github.hpp"
#include "src/base/json.hpp"
#include "tests/report/comparison_sides.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// A regression, an improvement, an equivalence, a missing and a new benchmark.
Comparison mixed() {
  const auto seconds = [](double a, double b, const std::string& third, unsigned seed) {
    return side_of({{"BM_slower|`x`/8", noisy(12, a, 0.01, seed)},
                    {"BM_faster", noisy(12, b, 0.01, seed + 1)},
                    {"BM_same", noisy(12, 0.001, 0.01, seed + 2)},
                    {third, noisy(12, 1, 0.01, seed + 3)}});
  };
  return compare(seconds(0.002, 0.004, "BM_gone", 1), seconds(0.0024, 0.003, "BM_new", 11), {});
}

std::size_t position(const std::string& text, const std::string& part) {
  EXPECT_THAT(text, HasSubstr(part));
  return text.find(part);
}

TEST(ComparisonMarkdown, PutsTheVerdictFirstAndTheFindingsByHowSevereTheyAre) {
  const std::string text = comparison_markdown(mixed());
  EXPECT_THAT(
      text,
      StartsWith("# Benchmark comparison\n\n**MISSING: of 4 gated rows 1 MISSING, 1 REGRESSED, 1 IMPROVED, "
                 "1 EQUIVALENT.**\n"));
  EXPECT_LT(position(text, "| MISSING"), position(text, "| REGRESSED (strong)"));
  EXPECT_LT(position(text, "| REGRESSED (strong)"), position(text, "| IMPROVED (strong)"));
  EXPECT_LT(position(text, "| IMPROVED (strong)"), position(text, "| EQUIVALENT"));
  EXPECT_THAT(text, HasSubstr("BM_slower\\|\\`x\\`/8"));
  EXPECT_THAT(text, HasSubstr("| num_cpus"));
}

TEST(ComparisonMarkdown, KeepsToItsBudgetAndSaysWhatItLeftOut) {
  std::map<std::string, std::vector<double>> before;
  std::map<std::string, std::vector<double>> after;
  for (unsigned i = 0; i < 400; ++i) {
    before[fmt::format("BM_{}", i)] = noisy(14, 1, 0.01, 2 * i);
    after[fmt::format("BM_{}", i)] = noisy(14, i < 3 ? 1.3 : 1.0, 0.01, 2 * i + 1);
  }
  const Comparison comparison = compare(side_of(before), side_of(after), {});
  for (const std::size_t budget : {20000U, 5000U}) {
    const std::string text = comparison_markdown(comparison, budget);
    EXPECT_LE(text.size(), budget);
    EXPECT_THAT(text, HasSubstr("REGRESSED (strong) | BM_2"));
    EXPECT_THAT(text, HasSubstr("'--format=json' has them all."));
  }
  EXPECT_LE(comparison_markdown(comparison).size(), kMarkdownBudget);
  EXPECT_THAT(comparison_markdown(comparison, 10000000), Not(HasSubstr("want of room")));
}

TEST(ComparisonMarkdown, OfHostileNamesStaysWithinItsBudget) {
  const Side side = side_of({{std::string(100000, 'x'), noisy(6, 1, 0.01, 1)}});
  EXPECT_LE(comparison_markdown(compare(side, side, {})).size(), kMarkdownBudget);
}

TEST(ComparisonMarkdown, OfHostileFactsAndSentencesStaysWithinItsBudget) {
  const Side side = side_of({{"A", noisy(6, 1, 0.01, 1)}});
  Comparison comparison = compare(side, side, {});
  const std::string hostile(1000, '<');
  comparison.policy_source = hostile;
  for (int i = 0; i < 200; ++i) {
    const std::string name = fmt::format("{}{}", i, hostile);
    comparison.baseline_machine[name] = hostile;
    comparison.measurements["A"].contender[name] = hostile;
    comparison.problems.push_back(name);
    comparison.warnings.push_back(name);
    comparison.notes.push_back(i % 2 == 0 ? name : std::string(kAcceptedNote) + name);
  }
  const std::string text = comparison_markdown(comparison);
  EXPECT_LE(text.size(), kMarkdownBudget);
  EXPECT_THAT(text, HasSubstr("further facts left out."));
  EXPECT_THAT(text, HasSubstr("| EQUIVALENT"));
}

TEST(ComparisonMarkdown, CutsNoCharacterInHalf) {
  const Side side = side_of({{"A", noisy(6, 1, 0.01, 1)}});
  Comparison comparison = compare(side, side, {});
  std::string odd = "x";
  for (int i = 0; i < 600; ++i) odd += "é";
  comparison.warnings = {odd};
  EXPECT_THAT(comparison_markdown(comparison), HasSubstr("é…\n"));
}

TEST(ComparisonJson, HoldsEveryRowAndIsReadAsJson) {
  const Comparison comparison = mixed();
  const json::value value = parse_json(comparison_json(comparison), "json");
  const json::object& object = value.as_object();
  EXPECT_EQ(number_at(object, "exit_code"), 12);
  ASSERT_EQ(array_at(object, "rows")->size(), comparison.rows.size());
  bool found = false;
  for (const json::value& row : *array_at(object, "rows")) {
    if (string_at(row.as_object(), "benchmark") != "BM_slower|`x`/8") continue;
    found = true;
    EXPECT_EQ(string_at(row.as_object(), "verdict"), "REGRESSED");
    EXPECT_EQ(array_at(row.as_object(), "baseline")->size(), 12U);
    EXPECT_NEAR(*number_at(row.as_object(), "worse_by_shift"), 0.18, 0.02);
  }
  EXPECT_TRUE(found);
}

TEST(ComparisonJunit, CountsFailuresErrorsAndSkips) {
  const std::string text = comparison_junit(mixed());
  EXPECT_THAT(text, HasSubstr("tests=\"5\" failures=\"2\" errors=\"0\" skipped=\"1\""));
  EXPECT_THAT(text, HasSubstr("<testcase classname=\"BM_same\" name=\"real_time\"/>"));
  EXPECT_THAT(text, HasSubstr("<failure message=\"REGRESSED (strong) BM_slower|`x`/8 Time +"));
  const Side hostile = side_of({{"a<b>&\"c", noisy(6, 1, 0.01, 1)}});
  EXPECT_THAT(comparison_junit(compare(hostile, hostile, {})),
              HasSubstr("classname=\"a&lt;b&gt;&amp;&quot;c\""));
}

TEST(Rendering, TakesWhatMayBeMissingForNoFailure) {
  Side before = side_of({{"A", noisy(12, 1, 0.01, 1)}, {"B", noisy(12, 1, 0.01, 2)}});
  for (SideFile& file : before.files) file.results.rows[0].metrics["peak_rss_mib"] = 100;
  const Side after = side_of({{"A", noisy(12, 1, 0.01, 3)}});
  const Comparison comparison = compare(before, after, {.allow_missing = true});
  EXPECT_THAT(comparison_junit(comparison), HasSubstr("failures=\"0\" errors=\"0\" skipped=\"2\""));
  EXPECT_THAT(github_annotations(comparison), Not(HasSubstr("::error")));
  EXPECT_THAT(comparison_text(comparison),
              HasSubstr("MISSING A Peak RSS, n 12, 0: the contender does not report it (not gated)"));
  EXPECT_THAT(comparison_text(comparison), HasSubstr("MISSING B (whole benchmark): "));
}

TEST(ComparisonText, SaysThatNoChangeWithinTheZoneCouldBeSeen) {
  const Side side = side_of({{"A", noisy(20, 1, 0.0001, 1)}});
  EXPECT_THAT(comparison_text(compare(side, side, {})), HasSubstr("could see 3.00 %"));
}

TEST(ComparisonText, HasOneLineARowAndTheWorstFirst) {
  const std::string text = comparison_text(mixed());
  EXPECT_THAT(text, StartsWith("MISSING: of 4 gated rows"));
  EXPECT_LT(position(text, "MISSING BM_gone (whole benchmark): the contender does not have it"),
            position(text, "REGRESSED (strong)"));
  EXPECT_THAT(text, HasSubstr("NEW BM_new (whole benchmark): the baseline does not have it (not gated)"));
}

TEST(Rendering, ShowsEveryAcceptedEntryAndEveryUnreadFile) {
  CompareOptions options;
  for (int i = 0; i < 30; ++i)
    options.policy.accepted.push_back({fmt::format("BM_{}", i), "real_time", 5, "2027-01-31", "Why."});
  const Side side = side_of({{"A", noisy(12, 1, 0.01, 1)}});
  Side cut = side;
  cut.problems = {"'x.json' is <cut>."};
  const Comparison comparison = compare(side, cut, options);
  const std::string junit = comparison_junit(comparison);
  EXPECT_THAT(comparison_text(comparison),
              HasSubstr("\nNote: Accepted until 2027-01-31: a regression of BM_29 "));
  EXPECT_THAT(comparison_markdown(comparison),
              HasSubstr("Accepted until 2027-01-31: a regression of BM_29 "));
  EXPECT_THAT(junit, HasSubstr("\nAccepted until 2027-01-31: a regression of BM_29 "));
  EXPECT_THAT(junit, HasSubstr("tests=\"2\" failures=\"0\" errors=\"1\""));
  EXPECT_THAT(junit, HasSubstr("<error message=\"Could not be read: 'x.json' is &lt;cut&gt;.\"/>"));
}

TEST(Rendering, GivesTheSameBytesTwice) {
  EXPECT_EQ(comparison_markdown(mixed()), comparison_markdown(mixed()));
  EXPECT_EQ(comparison_json(mixed()), comparison_json(mixed()));
}

TEST(ChangeText, ShowsRatesProportionsAndCountsInTheirOwnDirection) {
  const auto text_of = [](const std::string& metric, double before, double after) {
    const Side baseline = journal_of("A", metric, std::vector<double>(6, before));
    const Side contender = journal_of("A", metric, std::vector<double>(6, after));
    return change_text(row_of(compare(baseline, contender, {}), "A", metric));
  };
  EXPECT_EQ(text_of("images_per_second", 100, 90), "-10.00 %");
  EXPECT_EQ(text_of("step_time_ms", 100, 110), "+10.00 %");
  EXPECT_EQ(text_of("test_accuracy", 60, 58.5), "-1.50 points");
  EXPECT_EQ(text_of("ops_per_step", 200, 203), "+3 (+1.50 %)");
  EXPECT_EQ(text_of("ops_per_step", 200, 200), "none");
  EXPECT_EQ(text_of("host_syncs_per_step", 0, 2), "+2");
  EXPECT_EQ(text_of("kernel_set", 7, 6), "changed");
}

TEST(IntervalText, RunsFromTheSmallerToTheLargerOfARate) {
  const Side before = journal_of("A", "images_per_second", noisy(10, 100, 0.01, 1));
  const Side after = journal_of("A", "images_per_second", noisy(10, 90, 0.01, 2));
  const std::string text = interval_text(row_of(compare(before, after, {}), "A", "images_per_second"));
  EXPECT_THAT(text, StartsWith("[-1"));
  EXPECT_LT(std::stod(text.substr(1)), std::stod(text.substr(text.find(", ") + 2)));
}

TEST(Sparkline, ScalesBothSidesTogether) {
  EXPECT_EQ(sparkline({.baseline = {0, 7}, .contender = {3.5, 7}}), "▁█ ▅█");
  EXPECT_EQ(sparkline({.baseline = {2, 2}, .contender = {2}}), "▅▅ ▅");
  EXPECT_EQ(sparkline({.baseline = {}, .contender = {2}}), "");
}

TEST(GithubAnnotations, NameTheGatedFindingsAndEscapeThem) {
  const std::string text = github_annotations(mixed());
  EXPECT_THAT(text, HasSubstr("::error title=REGRESSED Time::BM_slower|`x`/8 +"));
  EXPECT_THAT(text, HasSubstr(" %25 "));
  EXPECT_THAT(text, HasSubstr("::error title=MISSING (whole benchmark)::BM_gone"));
  EXPECT_THAT(text, Not(HasSubstr("BM_same")));
}

TEST(GithubAnnotations, AreAtMostTenOfALevel) {
  std::map<std::string, std::vector<double>> before;
  std::map<std::string, std::vector<double>> after;
  for (unsigned i = 0; i < 15; ++i) {
    before[fmt::format("BM_{}", i)] = noisy(12, 1, 0.01, i);
    after[fmt::format("BM_{}", i)] = noisy(12, 2, 0.01, i + 30);
  }
  const std::string text = github_annotations(compare(side_of(before), side_of(after), {}));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 10);
}

}  // namespace
}  // namespace trainbench::report
