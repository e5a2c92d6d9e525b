#include "report/history/series/series_analysis.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace trainbench::report::history {
namespace {

const MetricRule kTime{.better = Better::lower, .kind = Kind::time, .gated = true, .relative_zone = 0.03};
const MetricRule kRate{.better = Better::higher, .kind = Kind::rate, .gated = true, .relative_zone = 0.03};
const MetricRule kCount{.better = Better::lower, .kind = Kind::exact, .gated = true};
const MetricRule kShown{};

struct Stretch {
  std::size_t length = 0;
  double level = 0;
};

/// Levels with normal noise, as a fraction of them. Point i is run "run-i" of commit 0...0i.
SeriesHistory series_of(const std::vector<Stretch>& stretches, double noise = 0.01) {
  std::mt19937_64 generator(7);
  std::normal_distribution<double> normal;
  SeriesHistory series;
  series.key = {.benchmark = "Exp1/batch:8",
                .metric = "step_time_ms",
                .machine_fingerprint = "m",
                .measurement_fingerprint = "f",
                .branch = "main"};
  for (const Stretch& stretch : stretches) {
    for (std::size_t i = 0; i < stretch.length; ++i) {
      Point point;
      point.run_id = fmt::format("run-{}", series.points.size());
      point.commit.hash = fmt::format("{:07}{:033}", series.points.size(), 0);
      point.value = stretch.level * (1 + noise * normal(generator));
      series.points.push_back(point);
    }
  }
  return series;
}

Mark mark_at(std::size_t index, const std::string& kind) {
  return {.benchmark = "Exp1/*",
          .metric = "*",
          .commit = fmt::format("{:07}", index),
          .kind = kind,
          .reason = "A reason.",
          .day = "2026-11-25"};
}

SeriesAnalysis analyse_unmarked(const SeriesHistory& series, const MetricRule& rule) {
  return analyse(series, rule, {});
}

TEST(SeriesAnalysis, OfAnEmptySeriesHasNoSegment) {
  const SeriesAnalysis analysis = analyse_unmarked({}, kTime);
  EXPECT_TRUE(analysis.segments.empty());
  EXPECT_TRUE(analysis.changes.empty());
  EXPECT_FALSE(analysis.worsening);
}

TEST(SeriesAnalysis, OfOnePointIsOneSegmentOfIt) {
  const SeriesAnalysis analysis = analyse_unmarked(series_of({{1, 5}}, 0), kTime);
  ASSERT_EQ(analysis.segments.size(), 1);
  EXPECT_EQ(analysis.segments[0].end, 1);
  EXPECT_EQ(analysis.segments[0].median, 5);
  EXPECT_EQ(analysis.segments[0].low, 5);
  EXPECT_EQ(analysis.segments[0].high, 5);
}

TEST(SeriesAnalysis, FindsASlowdownAndKeepsTheSegmentBeforeIt) {
  const SeriesAnalysis analysis = analyse_unmarked(series_of({{30, 100}, {20, 110}}), kTime);
  ASSERT_EQ(analysis.changes.size(), 1);
  const SeriesChange& change = analysis.changes[0];
  EXPECT_EQ(change.index, 30);
  EXPECT_NEAR(change.before, 100, 1);
  EXPECT_NEAR(change.after, 110, 1);
  EXPECT_LT(change.p, 1e-3);
  EXPECT_EQ(change.direction, Direction::worse);
  EXPECT_FALSE(change.tentative);
  EXPECT_FALSE(change.mark);
  EXPECT_FALSE(change.by_mark_alone);
  ASSERT_EQ(analysis.segments.size(), 2);
  EXPECT_EQ(analysis.segments[0].begin, 0);
  EXPECT_EQ(analysis.segments[0].end, 30);
  EXPECT_EQ(analysis.segments[1].begin, 30);
  EXPECT_EQ(analysis.segments[1].end, 50);
  EXPECT_EQ(analysis.segments[0].median, change.before);
  EXPECT_EQ(analysis.segments[1].median, change.after);
  EXPECT_EQ(analysis.stable_segment, 0);
}

TEST(SeriesAnalysis, TurnsWithTheDirectionOfTheMetric) {
  const SeriesHistory series = series_of({{30, 100}, {20, 110}});
  const SeriesAnalysis rate = analyse_unmarked(series, kRate);
  ASSERT_EQ(rate.changes.size(), 1);
  EXPECT_EQ(rate.changes[0].direction, Direction::better);
  EXPECT_EQ(rate.stable_segment, 1);
  const SeriesAnalysis shown = analyse_unmarked(series, kShown);
  ASSERT_EQ(shown.changes.size(), 1);
  EXPECT_EQ(shown.changes[0].direction, Direction::moved);
  EXPECT_EQ(shown.stable_segment, 1);
}

TEST(SeriesAnalysis, ComparesRatiosWherePositive) {
  // Twice and half as much are equally far in logarithms, and so are their limits.
  const Segment segment = analyse_unmarked(series_of({{40, 100}}, 0.1), kTime).segments.at(0);
  EXPECT_GT(segment.low, 0);
  EXPECT_GT(segment.high - segment.median, segment.median - segment.low);
}

TEST(SeriesAnalysis, ComparesDifferencesOfProportionsAndWhereOneIsNotPositive) {
  const MetricRule share{
      .better = Better::higher, .kind = Kind::proportion, .relative_zone = 0, .absolute_zone = 0.5};
  SeriesHistory series = series_of({{30, 90}, {20, 80}}, 0.001);
  ASSERT_EQ(analyse_unmarked(series, share).changes.size(), 1);
  EXPECT_EQ(analyse_unmarked(series, share).changes[0].direction, Direction::worse);
  for (Point& point : series.points) point.value -= 85;
  EXPECT_EQ(analyse_unmarked(series, kTime).changes.size(), 1);
}

TEST(SeriesAnalysis, OfAConstantHasNoChangeAndIsItsOwnLimit) {
  const SeriesAnalysis analysis = analyse_unmarked(series_of({{40, 0.1}}, 0), kTime);
  EXPECT_TRUE(analysis.changes.empty());
  EXPECT_TRUE(analysis.outliers.empty());
  EXPECT_EQ(analysis.segments.at(0).low, 0.1);
  EXPECT_EQ(analysis.segments.at(0).high, 0.1);
}

TEST(SeriesAnalysis, LeavesWhatLiesWithinTheZone) {
  const SeriesHistory series = series_of({{30, 100}, {30, 102}}, 0.001);
  EXPECT_TRUE(analyse_unmarked(series, kTime).changes.empty());
  MetricRule strict = kTime;
  strict.relative_zone = 0.01;
  EXPECT_EQ(analyse_unmarked(series, strict).changes.size(), 1);
  MetricRule absolute = strict;
  absolute.absolute_zone = 3;
  EXPECT_TRUE(analyse_unmarked(series, absolute).changes.empty());
}

TEST(SeriesAnalysis, TakesTheZoneOfEachLevel) {
  MetricRule rule = kTime;
  rule.absolute_zone = 5;
  // 5 ms are much of 20 and little of 1000.
  const SeriesAnalysis analysis =
      analyse_unmarked(series_of({{40, 1000}, {40, 20}, {40, 23}, {40, 1000}}, 0.001), rule);
  ASSERT_EQ(analysis.changes.size(), 2);
  EXPECT_EQ(analysis.changes[0].index, 40);
  EXPECT_EQ(analysis.changes[1].index, 120);
}

TEST(SeriesAnalysis, OfExactCountsTakesEveryDifference) {
  const SeriesAnalysis analysis = analyse_unmarked(series_of({{3, 10}, {1, 11}, {2, 9}}, 0), kCount);
  ASSERT_EQ(analysis.changes.size(), 2);
  EXPECT_EQ(analysis.changes[0].index, 3);
  EXPECT_EQ(analysis.changes[0].p, 0);
  EXPECT_EQ(analysis.changes[0].direction, Direction::worse);
  EXPECT_FALSE(analysis.changes[0].tentative);
  EXPECT_EQ(analysis.changes[1].index, 4);
  EXPECT_EQ(analysis.changes[1].direction, Direction::better);
  EXPECT_FALSE(analysis.changes[1].tentative);
  EXPECT_EQ(analysis.stable_segment, 2);
}

TEST(SeriesAnalysis, OfExactCountsSeesManySmallStepsAddUp) {
  MetricRule rule = kCount;
  rule.absolute_zone = 2;
  const SeriesAnalysis analysis =
      analyse_unmarked(series_of({{2, 10}, {2, 11}, {2, 12}, {2, 13}, {2, 14}}, 0), rule);
  ASSERT_EQ(analysis.changes.size(), 1);
  EXPECT_EQ(analysis.changes[0].index, 6);
  EXPECT_EQ(analysis.stable_segment, 0);
}

TEST(SeriesAnalysis, OfGatedCountsWithoutADirectionEveryChangeIsForTheWorse) {
  const MetricRule hash{.better = Better::neither, .kind = Kind::exact, .gated = true};
  const SeriesHistory series = series_of({{4, 10}, {4, 7}, {4, 10}}, 0);
  const SeriesAnalysis analysis = analyse_unmarked(series, hash);
  ASSERT_EQ(analysis.changes.size(), 2);
  EXPECT_EQ(analysis.changes[0].direction, Direction::worse);
  EXPECT_EQ(analysis.stable_segment, 2);
  EXPECT_EQ(analyse_unmarked(series_of({{4, 10}, {4, 7}}, 0), hash).stable_segment, 0);
}

TEST(SeriesAnalysis, NeverTakesARegressedRunForTheBaseline) {
  EXPECT_EQ(analyse_unmarked(series_of({{20, 100}, {20, 120}, {20, 140}}), kTime).stable_segment, 0);
  // Half a recovery is none.
  EXPECT_EQ(analyse_unmarked(series_of({{20, 100}, {20, 140}, {20, 120}}), kTime).stable_segment, 0);
  EXPECT_EQ(analyse_unmarked(series_of({{20, 100}, {20, 140}, {20, 100}}), kTime).stable_segment, 2);
  EXPECT_EQ(analyse_unmarked(series_of({{20, 100}, {20, 80}, {20, 90}}), kTime).stable_segment, 1);
}

TEST(SeriesAnalysis, TakesAMarkedChangeForTheNewBaseline) {
  const SeriesHistory series = series_of({{20, 100}, {20, 120}});
  for (const std::size_t place : {17U, 20U, 23U}) {
    const SeriesAnalysis analysis = analyse(series, kTime, std::vector{mark_at(place, "expected")});
    ASSERT_EQ(analysis.changes.size(), 1) << place;
    EXPECT_EQ(analysis.changes[0].index, 20);
    EXPECT_EQ(analysis.changes[0].direction, Direction::worse);
    EXPECT_FALSE(analysis.changes[0].by_mark_alone);
    ASSERT_TRUE(analysis.changes[0].mark);
    EXPECT_EQ(analysis.changes[0].mark->kind, "expected");
    EXPECT_EQ(analysis.stable_segment, 1);
  }
}

TEST(SeriesAnalysis, SplitsAtAnExpectedMarkWithoutAChange) {
  const SeriesHistory series = series_of({{40, 100}});
  const SeriesAnalysis analysis = analyse(series, kTime, std::vector{mark_at(15, "expected")});
  ASSERT_EQ(analysis.changes.size(), 1);
  EXPECT_EQ(analysis.changes[0].index, 15);
  EXPECT_TRUE(analysis.changes[0].by_mark_alone);
  EXPECT_EQ(analysis.changes[0].direction, Direction::moved);
  EXPECT_FALSE(analysis.changes[0].tentative);
  ASSERT_TRUE(analysis.changes[0].mark);
  EXPECT_EQ(analysis.stable_segment, 1);
  EXPECT_EQ(analysis.segments[1].begin, 15);
  EXPECT_TRUE(analyse(series, kTime, std::vector{mark_at(15, "acknowledged")}).changes.empty());
  EXPECT_TRUE(analyse(series, kTime, std::vector{mark_at(0, "expected")}).changes.empty());
  EXPECT_EQ(analyse(series_of({{5, 10}}, 0), kCount, std::vector{mark_at(4, "expected")}).changes.size(), 1);
}

TEST(SeriesAnalysis, FindsAChangeBesideASplitByMark) {
  const SeriesHistory series = series_of({{30, 100}, {30, 110}});
  const SeriesAnalysis analysis =
      analyse(series, kTime, std::vector{mark_at(15, "expected"), mark_at(45, "expected")});
  ASSERT_EQ(analysis.changes.size(), 3);
  EXPECT_TRUE(analysis.changes[0].by_mark_alone);
  EXPECT_EQ(analysis.changes[1].index, 30);
  EXPECT_FALSE(analysis.changes[1].by_mark_alone);
  EXPECT_FALSE(analysis.changes[1].mark);
  EXPECT_TRUE(analysis.changes[2].by_mark_alone);
  // 45 is marked as it is: what was before it is no longer asked.
  EXPECT_EQ(analysis.stable_segment, 3);
}

TEST(SeriesAnalysis, ShowsTheLastMarkOfAChange) {
  const SeriesHistory series = series_of({{20, 100}, {20, 120}});
  const SeriesAnalysis analysis =
      analyse(series, kTime, std::vector{mark_at(20, "acknowledged"), mark_at(21, "expected")});
  EXPECT_EQ(analysis.changes.at(0).mark->kind, "expected");
  EXPECT_FALSE(analyse(series, kTime, std::vector{mark_at(24, "fixed")}).changes.at(0).mark);
}

TEST(SeriesAnalysis, IsTentativeAboutTheLastThreePoints) {
  const SeriesAnalysis analysis = analyse_unmarked(series_of({{20, 100}, {3, 120}}, 0), kTime);
  ASSERT_EQ(analysis.changes.size(), 1);
  EXPECT_TRUE(analysis.changes[0].tentative);
  EXPECT_EQ(analysis.segments[1].low, 120);
  const SeriesAnalysis marked =
      analyse(series_of({{20, 100}, {3, 120}, {20, 130}}, 0), kTime, std::vector{mark_at(23, "expected")});
  for (const SeriesChange& change : marked.changes) EXPECT_FALSE(change.tentative);
}

TEST(SeriesAnalysis, IsWorseningWhereTheLastTwoPointsAreOutsideTheLimits) {
  SeriesHistory series = series_of({{40, 100}});
  EXPECT_FALSE(analyse_unmarked(series, kTime).worsening);
  series.points[39].value = 106;
  EXPECT_FALSE(analyse_unmarked(series, kTime).worsening);
  series.points[38].value = 106;
  EXPECT_TRUE(analyse_unmarked(series, kTime).worsening);
  EXPECT_FALSE(analyse_unmarked(series, kRate).worsening);
  EXPECT_FALSE(analyse_unmarked(series, kShown).worsening);
  series.points[38].value = series.points[39].value = 94;
  EXPECT_FALSE(analyse_unmarked(series, kTime).worsening);
  EXPECT_TRUE(analyse_unmarked(series, kRate).worsening);
}

TEST(SeriesAnalysis, IsNotWorseningWithinTheZone) {
  SeriesHistory series = series_of({{40, 100}}, 0.001);
  series.points[38].value = series.points[39].value = 102;
  EXPECT_FALSE(analyse_unmarked(series, kTime).worsening);
  EXPECT_FALSE(analyse_unmarked(series_of({{2, 100}, {2, 200}}, 0), kTime).worsening);
}

TEST(SeriesAnalysis, NamesOutliersOfTheResidualsAndKeepsThem) {
  SeriesHistory series = series_of({{30, 100}, {30, 120}});
  series.points[40].value = 150;
  series.points[7].value = 80;
  const SeriesAnalysis analysis = analyse_unmarked(series, kTime);
  EXPECT_EQ(analysis.outliers, (std::vector<std::size_t>{7, 40}));
  ASSERT_EQ(analysis.changes.size(), 1);
  EXPECT_EQ(analysis.changes[0].index, 30);
  EXPECT_EQ(analysis.segments[1].end, 60);
}

TEST(SeriesAnalysis, LeavesOutliersOutOfTheLimits) {
  SeriesHistory series = series_of({{20, 9.0}}, 0.01);
  const Segment usual = analyse_unmarked(series, kTime).segments.at(0);
  series.points[11].value = 13.5;
  const SeriesAnalysis analysis = analyse_unmarked(series, kTime);
  EXPECT_EQ(analysis.outliers, std::vector<std::size_t>{11});
  EXPECT_NEAR(analysis.segments.at(0).high - analysis.segments.at(0).low, usual.high - usual.low, 0.1);
}

TEST(MarkedPoint, IsTheFirstOfTheCommitOrTheRun) {
  SeriesHistory series = series_of({{5, 1}}, 0);
  series.points[3].commit.hash = series.points[2].commit.hash;
  EXPECT_EQ(marked_point(series, mark_at(2, "fixed")), 2U);
  Mark mark = mark_at(0, "fixed");
  mark.commit = "run-3";
  EXPECT_EQ(marked_point(series, mark), 3U);
  mark.commit = series.points[4].commit.hash;
  EXPECT_EQ(marked_point(series, mark), 4U);
  mark.commit = "000000";
  EXPECT_FALSE(marked_point(series, mark));
  mark.commit = "";
  EXPECT_FALSE(marked_point(series, mark));
}

TEST(MarkedPoint, OfAShorterHashInTheHistoryIsFoundByTheWhole) {
  SeriesHistory series = series_of({{5, 1}}, 0);
  series.points[1].commit.hash = "abcdef12";
  Mark mark = mark_at(0, "fixed");
  mark.commit = "abcdef12" + std::string(32, '9');
  EXPECT_EQ(marked_point(series, mark), 1U);
  series.points[1].commit.hash = "";
  EXPECT_FALSE(marked_point(series, mark));
}

TEST(MarkedPoint, AsksForBenchmarkAndMetric) {
  const SeriesHistory series = series_of({{5, 1}}, 0);
  Mark mark = mark_at(2, "fixed");
  mark.benchmark = "Exp2*";
  EXPECT_FALSE(marked_point(series, mark));
  mark.benchmark = "Exp1/batch:8";
  EXPECT_TRUE(marked_point(series, mark));
  mark.metric = "peak_rss_mib";
  EXPECT_FALSE(marked_point(series, mark));
}

}  // namespace
}  // namespace trainbench::report::history
