#include "report/run/sweep.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace trainbench::report {
namespace {

using testing::HasSubstr;
using testing::Not;

using Values = std::vector<double>;

/// The rows of one invented sweep; batches without values failed.
struct Invented {
  std::string family = "F";
  std::string others;  // "/threads:2"
  std::string metric = "images_per_second";
  std::vector<std::pair<std::string, Values>> batches;
  double memory_per_image = 0;
};

void add(ResultSet& run, const Invented& invented) {
  for (const auto& [batch, values] : invented.batches) {
    Row row;
    row.benchmark = fmt::format("{}/batch:{}{}", invented.family, batch, invented.others);
    if (values.empty()) {
      row.status = CaseStatus::skipped;
      row.reason = fmt::format("OOM at batch {}, peak reserved 77.2 GiB", batch);
      run.rows.push_back(row);
    }
    for (const double value : values) {
      row.metrics[invented.metric] = value;
      if (invented.memory_per_image > 0)
        row.metrics["gpu_peak_allocated_mib"] = std::stod(batch) * invented.memory_per_image;
      run.rows.push_back(row);
    }
  }
}

/// Owns what a sweep points into.
struct Made {
  std::vector<ResultSet> runs;
  std::vector<Series> series;
  std::vector<Sweep> sweeps;

  explicit Made(std::vector<ResultSet> all)
      : runs(std::move(all)), series(group_series(runs)), sweeps(find_sweeps(series, runs.size())) {}
  Made(const Made&) = delete;

  const Sweep& sweep() const { return sweeps.at(0); }
  std::vector<Standing> standings() const {
    std::vector<Standing> all;
    for (const SweepPoint& point : sweep().points) all.push_back(point.standing);
    return all;
  }
};

Made make(const Invented& invented) {
  ResultSet run;
  add(run, invented);
  return Made({run});
}

Values around(double middle, double noise = 0.001) {
  return {middle * (1 - noise), middle, middle * (1 + noise)};
}

std::int64_t sweet_spot(const Made& made) {
  return made.sweep().sweet_spot ? made.sweep().points[*made.sweep().sweet_spot].batch : 0;
}

TEST(SweetSpot, IsTheSmallestBatchWithinThreePercentOfTheBest) {
  const Made made = make({.batches = {{"64", around(900)},
                                      {"128", around(960)},
                                      {"256", around(980)},
                                      {"512", around(1000)},
                                      {"1024", around(990)}},
                          .memory_per_image = 2});
  EXPECT_EQ(made.standings(), (std::vector{Standing::slower, Standing::slower, Standing::equivalent,
                                           Standing::best, Standing::equivalent}));
  EXPECT_EQ(sweet_spot(made), 256);
  // Of 9 ratios the smallest and the largest: 979.02 / 1001 and 980.98 / 999.
  EXPECT_EQ(sweet_spot_sentences(made.sweep()),
            "sweet spot batch 256: 98.0 % [97.8, 98.2] of the best (512) at 50 % of its memory.");
}

TEST(SweetSpot, OfEqualBatchesIsTheSmallest) {
  const Made made =
      make({.batches = {{"16", around(500)}, {"32", around(500)}, {"64", around(500)}, {"8", around(100)}}});
  EXPECT_EQ(made.standings(),
            (std::vector{Standing::slower, Standing::best, Standing::equivalent, Standing::equivalent}));
  EXPECT_EQ(sweet_spot(made), 16);
}

TEST(SweetSpot, IsTheBestWhereThroughputGrowsByMoreThanTheZone) {
  for (int batches = 3; batches <= 8; ++batches) {
    Invented invented;
    for (int i = 0; i < batches; ++i)
      invented.batches.emplace_back(fmt::format("{}", 16 << i), around(100.0 + 10 * i));
    const Made made = make(invented);
    EXPECT_EQ(sweet_spot(made), 16 << (batches - 1));
    EXPECT_THAT(sweet_spot_sentences(made.sweep()), HasSubstr("larger ones may be faster"));
  }
}

TEST(SweetSpot, HasOnlySlowerOrUndecidedBatchesBelowIt) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    Invented invented;
    unsigned state = seed;
    const auto random = [&state] { return (state = state * 1664525U + 1013904223U) / 4294967296.0; };
    for (int i = 0; i < 6; ++i) {
      Values values;
      for (int j = 0; j < 5; ++j) values.push_back(100 * (1 + 0.04 * random()) + i);
      invented.batches.emplace_back(fmt::format("{}", 16 << i), values);
    }
    const Made made = make(invented);
    const Sweep& sweep = made.sweep();
    ASSERT_TRUE(sweep.best && sweep.sweet_spot);
    EXPECT_LE(*sweep.sweet_spot, *sweep.best);
    for (std::size_t i = 0; i < sweep.points.size(); ++i) {
      const SweepPoint& point = sweep.points[i];
      EXPECT_LE(estimate_of(*point.series, sweep.throughput)->median,
                estimate_of(*sweep.points[*sweep.best].series, sweep.throughput)->median);
      if (point.standing == Standing::equivalent) {
        EXPECT_GE(point.of_best->interval->lower, 0.97);
        EXPECT_GE(i, *sweep.sweet_spot);
      }
    }
  }
}

TEST(SweetSpot, IsNoBatchThatTheNoiseCannotTellFromTheZonesEdge) {
  const Made made = make(
      {.batches = {
           {"16", {950, 980, 1000}}, {"32", {970, 985, 1000}}, {"64", around(1000)}, {"128", around(999)}}});
  EXPECT_EQ(made.standings()[0], Standing::undecided);
  EXPECT_EQ(made.standings()[1], Standing::undecided);
  EXPECT_EQ(sweet_spot(made), 64);
  EXPECT_THAT(sweet_spot_sentences(made.sweep()),
              HasSubstr("is within 3 % too: batch 16 (98.0 % [94.9, 100.1]), batch 32 ("));
}

TEST(SweetSpot, RestsOnMediansWhereThereAreTooFewRepetitions) {
  const Made made = make({.batches = {{"16", {900}}, {"32", {970}}, {"64", {1000}}}});
  EXPECT_EQ(sweet_spot(made), 32);
  EXPECT_TRUE(made.sweep().points[1].by_medians());
  EXPECT_FALSE(made.sweep().points[2].by_medians());
  const std::string text = sweet_spot_sentences(made.sweep());
  EXPECT_THAT(text, HasSubstr("sweet spot batch 32: 97.0 % of the best (64)."));
  EXPECT_THAT(text, HasSubstr("too few repetitions for a 90 % interval, so medians alone decided"));
}

TEST(SweetSpot, OfOneResultIsNothing) {
  const Made made = make({.batches = {{"16", {900}}, {"32", {}}, {"64", {}}}});
  EXPECT_EQ(sweet_spot(made), 0);
  EXPECT_EQ(sweet_spot_sentences(made.sweep()),
            "only batch 16 has a result: there is nothing to compare it with.");
  EXPECT_FALSE(chart_of(made.sweep()).mark);
}

TEST(SweetSpot, OfZerosIsNothing) {
  const Made made = make({.batches = {{"16", {0}}, {"32", {0}}, {"64", {0}}}});
  EXPECT_FALSE(made.sweep().best);
  EXPECT_EQ(sweet_spot_sentences(made.sweep()), "no batch has a throughput above 0.");
}

TEST(SweetSpot, StepsOverBatchesWithoutAResultAndKeepsThem) {
  const Made made = make({.batches = {{"16", {}}, {"32", around(99)}, {"64", around(100)}, {"4096", {}}}});
  EXPECT_EQ(made.standings(),
            (std::vector{Standing::no_result, Standing::equivalent, Standing::best, Standing::no_result}));
  EXPECT_EQ(sweet_spot(made), 32);
  const LineChart chart = chart_of(made.sweep());
  ASSERT_EQ(chart.gaps.size(), 2U);
  EXPECT_EQ(chart.gaps[1].x, 4096);
  EXPECT_EQ(chart.gaps[1].label, "OOM");
  EXPECT_EQ(chart.gaps[1].tooltip, "batch 4096: OOM at batch 4096, peak reserved 77.2 GiB");
}

TEST(SweetSpot, DoesNotDependOnTheOrderOfTheRows) {
  ResultSet run;
  add(run, {.batches = {{"16", around(97)}, {"32", around(99)}, {"64", around(100)}}});
  const Made forwards({run});
  std::reverse(run.rows.begin(), run.rows.end());
  const Made backwards({run});
  EXPECT_EQ(sweet_spot_sentences(forwards.sweep()), sweet_spot_sentences(backwards.sweep()));
}

TEST(FindSweeps, NeedsThreeBatchesAndAThroughput) {
  EXPECT_TRUE(make({.batches = {{"16", {1}}, {"32", {1}}}}).sweeps.empty());
  EXPECT_TRUE(make({.metric = "x", .batches = {{"1", {1}}, {"2", {1}}, {"3", {1}}}}).sweeps.empty());
  EXPECT_TRUE(make({.batches = {{"1", {}}, {"2", {}}, {"3", {}}}}).sweeps.empty());
  EXPECT_TRUE(make({.batches = {{"a", {1}}, {"-2", {1}}, {"0", {1}}, {"1", {1}}}}).sweeps.empty());
  EXPECT_EQ(make({.batches = {{"16", {1}}, {"32", {}}, {"64", {}}}}).sweeps.size(), 1U);
}

TEST(FindSweeps, TakesGoogleBenchmarksItemsPerSecondToo) {
  const Made made = make({.metric = "items_per_second", .batches = {{"1", {10}}, {"2", {20}}, {"3", {30}}}});
  EXPECT_EQ(made.sweep().throughput.metric, "items_per_second");
  EXPECT_EQ(sweet_spot(made), 3);
}

TEST(FindSweeps, KeepsRunsAndOtherArgumentsApart) {
  ResultSet run;
  for (const char* others : {"/threads:1", "/threads:2"})
    add(run, {.others = others, .batches = {{"16", {1}}, {"32", {2}}, {"64", {3}}}});
  const Made made({run, run});
  std::vector<std::string> labels;
  for (const Sweep& sweep : made.sweeps) labels.push_back(sweep.label);
  EXPECT_THAT(labels, testing::ElementsAre("run 1: F/threads:1", "run 2: F/threads:1", "run 1: F/threads:2",
                                           "run 2: F/threads:2"));
}

TEST(SweepChart, HasAPanelOfMemoryWhereMemoryIsKnown) {
  const std::vector<std::pair<std::string, Values>> batches = {
      {"16", {90, 100, 120}}, {"32", {200}}, {"64", {300}}};
  EXPECT_EQ(chart_of(make({.batches = batches}).sweep()).panels.size(), 1U);
  const Made made = make({.batches = batches, .memory_per_image = 2});
  const LineChart chart = chart_of(made.sweep());
  ASSERT_EQ(chart.panels.size(), 2U);
  EXPECT_EQ(chart.panels[0].title, "Throughput, images/s");
  EXPECT_EQ(chart.panels[0].points[0].low, 90);
  EXPECT_EQ(chart.panels[0].points[0].value, 100);
  EXPECT_EQ(chart.panels[0].points[0].high, 120);
  EXPECT_EQ(chart.panels[1].title, "GPU allocated, MiB");
  EXPECT_EQ(chart.panels[1].points[2].value, 128);
  EXPECT_EQ(chart.mark->x, 64);
}

}  // namespace
}  // namespace trainbench::report
