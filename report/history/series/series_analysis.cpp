#include "report/history/series/series_analysis.hpp"

#include <algorithm>
#include <cmath>

#include "report/compare/verdict.hpp"
#include "report/history/store/mark_file.hpp"
#include "report/results/benchmark_name.hpp"
#include "src/stats/change_points.hpp"
#include "src/stats/generalised_esd.hpp"
#include "src/stats/summary.hpp"
#include "src/stats/t_tests.hpp"

namespace trainbench::report::history {
namespace {

constexpr std::size_t kMarkReach = 3;
constexpr double kPredictionConfidence = 0.95;
constexpr std::size_t kFewestToPredict = 3;
constexpr std::size_t kFewestForOutliers = 15;
constexpr std::size_t kMostOutliers = 500;
constexpr double kOutlierAlpha = 0.05;

std::size_t points_apart(std::size_t a, std::size_t b) {
  return a > b ? a - b : b - a;
}

/// A series as it is analysed: logarithms where ratios are what matters.
struct AnalysedValues {
  std::vector<double> plain;  // in the metric's unit
  std::vector<double> working;
  bool in_logs = false;
  double zone = 0;                         // in working values, the smallest of any level of the series
  std::vector<std::size_t> outliers = {};  // ascending, once they are known

  double back(double value) const { return in_logs ? std::exp(value) : value; }
};

AnalysedValues analysed_values(const SeriesHistory& series, const MetricRule& rule) {
  AnalysedValues result;
  for (const Point& point : series.points) result.plain.push_back(point.value);
  const bool ratio = rule.kind == Kind::time || rule.kind == Kind::amount || rule.kind == Kind::rate;
  const auto has_logarithm = [](double value) { return value > 0; };
  result.in_logs = ratio && std::all_of(result.plain.begin(), result.plain.end(), has_logarithm);
  result.working = result.plain;
  const auto nearer_zero = [](double a, double b) { return std::abs(a) < std::abs(b); };
  const auto [least, most] = std::minmax_element(result.plain.begin(), result.plain.end(), nearer_zero);
  if (!result.in_logs) {
    result.zone = absolute_zone_of(rule, *least);
    return result;
  }
  for (double& value : result.working) value = std::log(value);
  result.zone = std::log1p(absolute_zone_of(rule, *most) / *most);
  return result;
}

/// A mark on this series.
struct PlacedMark {
  std::size_t index = 0;
  const Mark* mark = nullptr;
};

std::vector<PlacedMark> placed_marks(const SeriesHistory& series, std::span<const Mark> marks) {
  std::vector<PlacedMark> placed;
  for (const Mark& mark : marks) {
    if (const auto index = marked_point(series, mark)) placed.push_back({.index = *index, .mark = &mark});
  }
  return placed;
}

SeriesChange change_at(std::size_t index, double p) {
  SeriesChange change;
  change.index = index;
  change.p = p;
  return change;
}

/// Of counts without noise: each that differs by more than the zone from the one before, or from the first of
/// its segment, towards which many small steps add up.
std::vector<SeriesChange> exact_changes(std::span<const double> values, const MetricRule& rule) {
  std::vector<SeriesChange> changes;
  std::size_t begin = 0;
  for (std::size_t i = 1; i < values.size(); ++i) {
    const auto differs = [&](double baseline) {
      return std::abs(values[i] - baseline) > absolute_zone_of(rule, baseline);
    };
    if (!differs(values[i - 1]) && !differs(values[begin])) continue;
    changes.push_back(change_at(i, 0));
    begin = i;
  }
  return changes;
}

std::vector<SeriesChange> tested_changes(std::span<const double> working, double zone) {
  std::vector<SeriesChange> changes;
  for (const stats::ChangePoint& point : stats::find_change_points(working, {.zone = zone})) {
    changes.push_back(change_at(point.index, point.p));
    changes.back().tentative = point.tentative;
  }
  return changes;
}

/// The borders and, of each stretch between two of them by itself, its changes.
std::vector<SeriesChange> changes_between(std::span<const std::size_t> borders, const AnalysedValues& values,
                                          const MetricRule& rule) {
  std::vector<SeriesChange> changes;
  const std::size_t n = values.working.size();
  for (std::size_t i = 0; i <= borders.size(); ++i) {
    const std::size_t begin = i == 0 ? 0 : borders[i - 1];
    const std::size_t end = i == borders.size() ? n : borders[i];
    const auto stretch = std::span<const double>(values.working).subspan(begin, end - begin);
    if (begin > 0) {
      changes.push_back(change_at(begin, 1));
      changes.back().by_mark_alone = true;
    }
    for (SeriesChange& change :
         rule.kind == Kind::exact ? exact_changes(stretch, rule) : tested_changes(stretch, values.zone)) {
      change.index += begin;
      change.tentative = change.tentative && end == n;
      changes.push_back(std::move(change));
    }
  }
  return changes;
}

SeriesChange* nearest_change(std::vector<SeriesChange>& changes, std::size_t index) {
  SeriesChange* nearest = nullptr;
  for (SeriesChange& change : changes) {
    const std::size_t far = points_apart(change.index, index);
    if (far <= kMarkReach && (nearest == nullptr || far < points_apart(nearest->index, index)))
      nearest = &change;
  }
  return nearest;
}

/// Those of [begin, end) that are no outliers: one point of 13.5 ms among 20 of 9.0 ms made the limits 7.7 to
/// 11.2 ms.
std::vector<std::size_t> usual_points(const AnalysedValues& values, std::size_t begin, std::size_t end) {
  std::vector<std::size_t> usual;
  for (std::size_t i = begin; i < end; ++i) {
    if (!std::binary_search(values.outliers.begin(), values.outliers.end(), i)) usual.push_back(i);
  }
  return usual;
}

std::vector<double> at_points(const std::vector<double>& values, std::span<const std::size_t> points) {
  std::vector<double> result;
  result.reserve(points.size());
  for (const std::size_t i : points) result.push_back(values[i]);
  return result;
}

Segment segment_of(const AnalysedValues& values, std::size_t begin, std::size_t end) {
  const auto segment_values = std::span<const double>(values.plain).subspan(begin, end - begin);
  Segment segment{.begin = begin, .end = end, .median = *stats::median(segment_values)};
  const std::vector<std::size_t> usual = usual_points(values, begin, end);
  const bool predicts = usual.size() >= kFewestToPredict;
  const std::vector<double> limiting =
      predicts ? at_points(values.plain, usual)
               : std::vector<double>(segment_values.begin(), segment_values.end());
  const auto [least, most] = std::minmax_element(limiting.begin(), limiting.end());
  segment.low = *least;
  segment.high = *most;
  // Not left to the variance of equal values, which rounding keeps above 0.
  if (!predicts || *least == *most) return segment;
  if (const auto spread = stats::moments(at_points(values.working, usual))) {
    const stats::Interval limits = stats::prediction_interval(*spread, kPredictionConfidence);
    segment.low = values.back(limits.lower);
    segment.high = values.back(limits.upper);
  }
  return segment;
}

std::vector<Segment> segments_of(const AnalysedValues& values, const std::vector<SeriesChange>& changes) {
  std::vector<Segment> segments;
  for (std::size_t i = 0; i <= changes.size(); ++i) {
    const std::size_t begin = i == 0 ? 0 : changes[i - 1].index;
    const std::size_t end = i == changes.size() ? values.plain.size() : changes[i].index;
    segments.push_back(segment_of(values, begin, end));
  }
  return segments;
}

/// The zone depends on the level, and the test knew only the smallest: what lies within that of its own level
/// is no change, the smallest first, for what it kept apart is then one.
void drop_within_zone(SeriesAnalysis& analysis, const AnalysedValues& values, const MetricRule& rule) {
  for (;;) {
    analysis.segments = segments_of(values, analysis.changes);
    auto smallest = analysis.changes.end();
    double least = 1;
    for (std::size_t i = 0; i < analysis.changes.size(); ++i) {
      SeriesChange& change = analysis.changes[i];
      change.before = analysis.segments[i].median;
      change.after = analysis.segments[i + 1].median;
      const double zone = absolute_zone_of(rule, change.before);
      if (change.by_mark_alone || rule.kind == Kind::exact || !(zone > 0)) continue;
      const double in_zones = std::abs(change.after - change.before) / zone;
      if (in_zones > least) continue;
      least = in_zones;
      smallest = analysis.changes.begin() + static_cast<std::ptrdiff_t>(i);
    }
    if (smallest == analysis.changes.end()) return;
    analysis.changes.erase(smallest);
  }
}

/// The expected mark that has no change yet, if there is one.
const PlacedMark* find_unserved(std::span<const PlacedMark> marks, std::vector<SeriesChange>& changes) {
  for (const PlacedMark& placed : marks) {
    if (placed.mark->kind == "expected" && placed.index > 0 &&
        nearest_change(changes, placed.index) == nullptr)
      return &placed;
  }
  return nullptr;
}

/// An expected mark splits where no change was found, and each split may hide a change that another had:
/// until every one has its own.
void find_changes(SeriesAnalysis& analysis, const AnalysedValues& values, const MetricRule& rule,
                  std::span<const PlacedMark> marks) {
  std::vector<std::size_t> borders;
  for (;;) {
    analysis.changes = changes_between(borders, values, rule);
    drop_within_zone(analysis, values, rule);
    const PlacedMark* unserved = find_unserved(marks, analysis.changes);
    if (unserved == nullptr) return;
    borders.insert(std::upper_bound(borders.begin(), borders.end(), unserved->index), unserved->index);
  }
}

Direction direction_of(const SeriesChange& change, const MetricRule& rule) {
  const double zone = change.by_mark_alone ? absolute_zone_of(rule, change.before) : 0;
  if (std::abs(change.after - change.before) <= zone) return Direction::moved;
  if (rule.better == Better::neither) return is_judged(rule) ? Direction::worse : Direction::moved;
  return (change.after > change.before) == (rule.better == Better::lower) ? Direction::worse
                                                                          : Direction::better;
}

/// By how much `value` is worse than `baseline`, not positive where it is not.
double harm(double value, double baseline, const MetricRule& rule) {
  switch (rule.better) {
    case Better::lower:
      return value - baseline;
    case Better::higher:
      return baseline - value;
    case Better::neither:
      return is_judged(rule) ? std::abs(value - baseline) : 0;
  }
  return 0;
}

/// Whether a segment is no worse than the stable one, as far as the zone and one point's noise can tell.
bool is_as_good(const Segment& segment, const Segment& stable, const MetricRule& rule) {
  const double limit = rule.better == Better::higher ? stable.low : stable.high;
  return harm(segment.median, limit, rule) <= 0 ||
         harm(segment.median, stable.median, rule) <= absolute_zone_of(rule, stable.median);
}

/// After a change for the worse that nobody marked, a segment is stable again when it is back at the level of
/// the stable one: half a recovery would make a regressed run the baseline.
std::size_t stable_segment_of(const SeriesAnalysis& analysis, const MetricRule& rule) {
  std::size_t stable = 0;
  for (std::size_t i = 0; i < analysis.changes.size(); ++i) {
    const SeriesChange& change = analysis.changes[i];
    // Where neither direction is better, the way back is a change like the way there.
    const bool may_recover = change.direction != Direction::worse || rule.better == Better::neither;
    const bool recovered =
        may_recover && is_as_good(analysis.segments[i + 1], analysis.segments[stable], rule);
    if (change.mark || recovered) stable = i + 1;
  }
  return stable;
}

bool is_worsening(const SeriesAnalysis& analysis, const AnalysedValues& values, const MetricRule& rule) {
  if (rule.better == Better::neither) return false;
  const Segment& stable = analysis.segments[analysis.stable_segment];
  const std::size_t n = values.plain.size();
  // Points that are judged say nothing about what is normal.
  const std::size_t end = std::min(stable.end, n - std::min(n, kWorseningPoints));
  if (end < stable.begin + kFewestToPredict) return false;
  const Segment normal = segment_of(values, stable.begin, end);
  const double limit = rule.better == Better::lower ? normal.high : normal.low;
  const double zone = absolute_zone_of(rule, normal.median);
  return std::all_of(values.plain.end() - kWorseningPoints, values.plain.end(), [&](double value) {
    return harm(value, limit, rule) > 0 && harm(value, normal.median, rule) > zone;
  });
}

std::vector<std::size_t> outliers_of(const AnalysedValues& values, const std::vector<Segment>& segments) {
  std::vector<double> residuals;
  for (const Segment& segment : segments) {
    const auto working =
        std::span<const double>(values.working).subspan(segment.begin, segment.end - segment.begin);
    const double median = *stats::median(working);
    for (const double value : working) residuals.push_back(value - median);
  }
  if (residuals.size() < kFewestForOutliers) return {};
  const auto esd =
      stats::generalised_esd(residuals, std::min(residuals.size() / 10, kMostOutliers), kOutlierAlpha);
  std::vector<std::size_t> outliers;
  for (std::size_t i = 0; i < esd.num_outliers; ++i) outliers.push_back(esd.steps[i].index);
  std::sort(outliers.begin(), outliers.end());
  return outliers;
}

}  // namespace

std::string_view to_string(Direction direction) noexcept {
  switch (direction) {
    case Direction::worse:
      return "worse";
    case Direction::better:
      return "better";
    case Direction::moved:
      return "moved";
  }
  return "";
}

SeriesAnalysis analyse(const SeriesHistory& series, const MetricRule& rule, std::span<const Mark> marks) {
  SeriesAnalysis analysis;
  if (series.points.empty()) return analysis;
  AnalysedValues values = analysed_values(series, rule);
  const std::vector<PlacedMark> placed = placed_marks(series, marks);
  find_changes(analysis, values, rule, placed);
  for (const PlacedMark& mark : placed) {
    if (SeriesChange* change = nearest_change(analysis.changes, mark.index)) change->mark = *mark.mark;
  }
  for (SeriesChange& change : analysis.changes) change.direction = direction_of(change, rule);
  if (rule.kind != Kind::exact) analysis.outliers = outliers_of(values, analysis.segments);
  values.outliers = analysis.outliers;
  analysis.segments = segments_of(values, analysis.changes);
  analysis.stable_segment = stable_segment_of(analysis, rule);
  analysis.worsening = is_worsening(analysis, values, rule);
  return analysis;
}

std::optional<std::size_t> marked_point(const SeriesHistory& series, const Mark& mark) {
  if (!fits_pattern(mark.benchmark, series.key.benchmark) || !fits_pattern(mark.metric, series.key.metric))
    return std::nullopt;
  const auto found = std::find_if(series.points.begin(), series.points.end(), [&](const Point& point) {
    return says_run(mark.commit, point.run_id, point.commit);
  });
  if (found == series.points.end()) return std::nullopt;
  return static_cast<std::size_t>(found - series.points.begin());
}

}  // namespace trainbench::report::history
