#include "report/history/page/page_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cmath>

#include "report/charts/sparkline.hpp"
#include "report/history/series/history_text.hpp"
#include "report/history/series/value_scale.hpp"
#include "report/text/format.hpp"
#include "src/base/json.hpp"

namespace trainbench::report::history {
namespace {

constexpr std::size_t kLongestSubjectOfPage = 120;
constexpr std::size_t kFingerprintDigitsOfPage = 8;
constexpr std::size_t kMostBarsOfRow = 24;

/// A JSON string of what may stand on one line.
std::string json_quoted(std::string_view text) {
  return json::serialize(json::string(on_one_line(text)));
}

std::string number_json(double value, bool in_full) {
  if (value == 0) return "0";  // and not "-0"
  const bool whole = in_full && value == std::trunc(value) && std::abs(value) < 1e15;
  return whole ? fmt::format("{:.0f}", value) : fmt::format("{:.6g}", value);
}

std::string distance_json(double distance) {
  return distance > 0 ? fmt::format("{:.3g}", distance) : "0";
}

/// "a,b,c" of what `write` makes of each.
template <typename Items, typename Write>
std::string listed(const Items& items, Write write) {
  std::string text;
  for (const auto& item : items) {
    if (!text.empty()) text += ',';
    text += write(item);
  }
  return text;
}

std::string minute_of(const std::string& started) {
  constexpr std::size_t kMinuteLength = 16;
  if (started.size() < kMinuteLength || started[10] != 'T') return started;
  return fmt::format("{} {}", started.substr(0, 10), started.substr(11, kMinuteLength - 11));
}

int number_of(Direction direction) {
  switch (direction) {
    case Direction::worse:
      return 0;
    case Direction::better:
      return 1;
    case Direction::moved:
      return 2;
  }
  return 2;
}

double largest_magnitude(const std::vector<Point>& points) {
  double largest = 0;
  for (const Point& point : points) largest = std::max(largest, std::abs(point.value));
  return largest;
}

std::string processes_json(const std::vector<Point>& points) {
  const std::size_t first = points.front().num_values;
  const bool all_same = std::all_of(points.begin(), points.end(),
                                    [&](const Point& point) { return point.num_values == first; });
  if (all_same) return fmt::format("{}", first);
  return fmt::format("[{}]",
                     listed(points, [](const Point& point) { return fmt::format("{}", point.num_values); }));
}

/// The values in `unit`, and how far the processes of each run lie apart.
std::string values_json(const AnalysedSeries& series, const DisplayUnit& unit) {
  const std::vector<Point>& points = series.history.points;
  const bool in_full = series.rule.kind == Kind::exact;
  std::string text = fmt::format("\"v\":[{}]", listed(points, [&](const Point& point) {
                                   return number_json(point.value * unit.factor, in_full);
                                 }));
  const bool spread =
      std::any_of(points.begin(), points.end(), [](const Point& point) { return point.high > point.low; });
  if (!spread) return text;
  return text + fmt::format(",\"l\":[{}],\"h\":[{}]",
                            listed(points,
                                   [&](const Point& point) {
                                     return distance_json((point.value - point.low) * unit.factor);
                                   }),
                            listed(points, [&](const Point& point) {
                              return distance_json((point.high - point.value) * unit.factor);
                            }));
}

std::string segments_json(const AnalysedSeries& series, const DisplayUnit& unit) {
  const bool in_full = series.rule.kind == Kind::exact;
  return listed(series.analysis.segments, [&](const Segment& segment) {
    return fmt::format(
        "[{},{},{},{},{}]", segment.begin, segment.end, number_json(segment.median * unit.factor, in_full),
        number_json(segment.low * unit.factor, in_full), number_json(segment.high * unit.factor, in_full));
  });
}

std::string changes_of_series_json(const AnalysedSeries& series) {
  const std::string& metric = series.history.key.metric;
  const std::vector<Point>& points = series.history.points;
  return listed(series.analysis.changes, [&](const SeriesChange& change) {
    return fmt::format("[{},{},{:d},{:d},{},{},{},{},{}]", change.index, number_of(change.direction),
                       change.tentative, change.mark.has_value(),
                       json_quoted(text_of_value(metric, change.before)),
                       json_quoted(text_of_value(metric, change.after)),
                       json_quoted(text_of_difference(metric, series.rule, change.before, change.after)),
                       json_quoted(state_of(change)),
                       json_quoted(text_of_origin(points.at(change.index - 1), points.at(change.index))));
  });
}

std::string escaped_for_script(const std::string& json) {
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<' || c == '>' || c == '&') {
      text += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      text += c;
    }
  }
  return text;
}

std::string newest_change_text(const AnalysedSeries& series) {
  if (series.analysis.changes.empty()) return "";
  const SeriesChange& change = series.analysis.changes.back();
  return fmt::format("{} {} since {}{}", text_of_direction(change.direction),
                     text_of_difference(series.history.key.metric, series.rule, change.before, change.after),
                     name_of_commit(series.history.points.at(change.index)),
                     change.tentative ? " (tentative)" : "");
}

}  // namespace

std::size_t PageData::Names::place_of(const std::string& name) {
  const auto [entry, added] = places.emplace(name, names.size());
  if (added) names.push_back(name);
  return entry->second;
}

PageData::PageData(std::span<const RunSummary> runs, const std::map<std::string, std::string>& machines)
    : machine_names_(machines) {
  for (const RunSummary& run : runs) run_places_.emplace(run.id, run_places_.size());
  runs_ = listed(runs, [](const RunSummary& run) {
    const Point named{.run_id = run.id, .commit = run.commit};
    return fmt::format("[{},{},{}]", json_quoted(name_of_commit(named)),
                       json_quoted(shortened(run.commit.subject, kLongestSubjectOfPage)),
                       json_quoted(minute_of(run.started)));
  });
}

void PageData::add(const AnalysedSeries& series) {
  const SeriesKey& key = series.history.key;
  const auto named = machine_names_.find(key.machine_fingerprint);
  const std::string machine = named == machine_names_.end() ? "unknown machine" : named->second;
  std::vector<double> values;
  for (const Point& point : series.history.points) values.push_back(point.value);
  rows_.push_back({.benchmark = key.benchmark,
                   .metric = title_of_metric(key.metric),
                   .machine = machine,
                   .branch = key.branch,
                   .newest = text_of_value(key.metric, values.back()),
                   .newest_change = newest_change_text(series),
                   .bars = sparkline(values, kMostBarsOfRow),
                   .num_runs = values.size()});
  add_json(series, machine, rows_.back().newest);
}

void PageData::add_json(const AnalysedSeries& series, const std::string& machine, const std::string& newest) {
  const SeriesKey& key = series.history.key;
  const std::vector<Point>& points = series.history.points;
  const DisplayUnit unit = display_unit_of(key.metric, largest_magnitude(points));
  const std::string metric =
      fmt::format("[{},{},{}]", json_quoted(key.metric), json_quoted(title_of_metric(key.metric)),
                  json_quoted(text_of_preference(series.rule.better)));
  std::vector<std::pair<std::size_t, std::size_t>> ranges;
  for (const Point& point : points) {
    const auto found = run_places_.find(point.run_id);
    const std::size_t place = found == run_places_.end() ? 0 : found->second;
    if (!ranges.empty() && ranges.back().first + ranges.back().second == place) {
      ++ranges.back().second;
    } else {
      ranges.emplace_back(place, 1);
    }
  }
  if (!series_.empty()) series_ += ",\n";
  series_ += fmt::format(
      "{{\"b\":{},\"m\":{},\"k\":{},\"r\":{},\"f\":{},\"g\":{:d},\"w\":{:d},\"u\":{},\"t\":{},\"x\":[{}],{},"
      "\"n\":{},"
      "\"s\":[{}],\"c\":[{}],\"o\":[{}]}}",
      benchmarks_.place_of(json_quoted(key.benchmark)), metrics_.place_of(metric),
      machines_.place_of(json_quoted(machine)), branches_.place_of(json_quoted(key.branch)),
      json_quoted(key.measurement_fingerprint.substr(0, kFingerprintDigitsOfPage)), series.rule.gated,
      series.analysis.worsening, json_quoted(unit.unit), json_quoted(newest),
      listed(ranges, [](const auto& range) { return fmt::format("{},{}", range.first, range.second); }),
      values_json(series, unit), processes_json(points), segments_json(series, unit),
      changes_of_series_json(series),
      listed(series.analysis.outliers, [](std::size_t index) { return fmt::format("{}", index); }));
}

std::string PageData::json(const ChangeList& changes) const {
  const auto as_is = [](const std::string& text) { return text; };
  const std::string order = listed(changes.changes, [](const ListedChange& change) {
    return fmt::format("[{},{}]", change.series, change.number);
  });
  return escaped_for_script(
      fmt::format("{{\"runs\":[{}],\n\"benchmarks\":[{}],\n\"metrics\":[{}],\n\"machines\":[{}],"
                  "\n\"branches\":[{}],\n\"series\":[\n{}"
                  "],\n\"order\":[{}]}}",
                  runs_, listed(benchmarks_.names, as_is), listed(metrics_.names, as_is),
                  listed(machines_.names, as_is), listed(branches_.names, as_is), series_, order));
}

}  // namespace trainbench::report::history
