#include "report/history/series/history_show.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/charts/sparkline.hpp"
#include "report/charts/svg.hpp"
#include "report/history/series/history_json.hpp"
#include "report/history/series/history_text.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report::history {
namespace {

constexpr std::size_t kMostBars = 60;
constexpr std::size_t kLongestSubjectShown = 72;

/// What is said of one point beside its value.
struct PointNotes {
  std::size_t segment = 1;  // counted from 1
  std::string text;
};

std::vector<PointNotes> notes_of(const AnalysedSeries& series) {
  std::vector<PointNotes> notes(series.history.points.size());
  for (std::size_t i = 0; i < series.analysis.segments.size(); ++i) {
    const Segment& segment = series.analysis.segments[i];
    for (std::size_t point = segment.begin; point < segment.end; ++point) notes.at(point).segment = i + 1;
  }
  const auto add = [&](std::size_t point, const std::string& text) {
    notes.at(point).text += (notes[point].text.empty() ? "" : "; ") + text;
  };
  for (const SeriesChange& change : series.analysis.changes) {
    const std::string state = state_of(change);
    add(change.index, state.empty() ? text_of_direction(change.direction)
                                    : fmt::format("{} ({})", text_of_direction(change.direction), state));
  }
  for (const std::size_t outlier : series.analysis.outliers) add(outlier, "outlier");
  return notes;
}

std::string sparkline_of(const AnalysedSeries& series) {
  std::vector<double> values;
  for (const Point& point : series.history.points) values.push_back(point.value);
  return sparkline(values, kMostBars);
}

std::string spread_of(const std::string& metric, const Point& point) {
  if (point.high <= point.low) return "";
  return fmt::format("{} to {}", text_of_value(metric, point.low), text_of_value(metric, point.high));
}

/// What the series is of, and where it stands now: sentences.
std::vector<std::string> standing_of(const ShownSeries& shown) {
  const AnalysedSeries& series = shown.series;
  const std::vector<Point>& points = series.history.points;
  const std::string& metric = series.history.key.metric;
  const std::string& measurement = series.history.key.measurement_fingerprint;
  const Segment& stable = series.analysis.segments.at(series.analysis.stable_segment);
  std::vector<std::string> sentences{
      fmt::format("{} on branch {}, {}{}: {} from {} to {}.", metric,
                  series.history.key.branch.empty() ? "(unnamed)" : series.history.key.branch, shown.machine,
                  measurement.empty() ? "" : fmt::format(", measurement {}", measurement.substr(0, 8)),
                  counted(points.size(), "run", "runs"), day_of(points.front().started),
                  day_of(points.back().started)),
      fmt::format("Newest {} of {}; stable {}, where 95 % of runs lie in [{}, {}].",
                  text_of_value(metric, points.back().value), name_of_commit(points.back()),
                  text_of_value(metric, stable.median), text_of_value(metric, stable.low),
                  text_of_value(metric, stable.high))};
  if (series.analysis.worsening)
    sentences.emplace_back("Worse now: the last runs lie beyond that, on the worse side.");
  return sentences;
}

ChangeList changes_newest_first(const AnalysedSeries& series) {
  ChangeList list;
  add_changes(series, list);
  std::reverse(list.changes.begin(), list.changes.end());
  return list;
}

std::string points_table(const AnalysedSeries& series, std::size_t count) {
  const std::vector<Point>& points = series.history.points;
  const std::vector<PointNotes> notes = notes_of(series);
  MarkdownTable table({{"Commit", Align::left},
                       {"Started", Align::left},
                       {"Value"},
                       {"Lowest to highest"},
                       {"n"},
                       {"Segment"},
                       {"Note", Align::left},
                       {"Subject", Align::left}});
  for (std::size_t i = points.size(); i > points.size() - count; --i) {
    const Point& point = points[i - 1];
    table.add_row({name_of_commit(point), point.started,
                   text_of_value(series.history.key.metric, point.value),
                   spread_of(series.history.key.metric, point), fmt::format("{}", point.num_values),
                   fmt::format("{}", notes[i - 1].segment), notes[i - 1].text,
                   shortened(point.commit.subject, kLongestSubjectShown)});
  }
  return table.str();
}

std::string series_markdown(const ShownSeries& shown, std::size_t room) {
  const AnalysedSeries& series = shown.series;
  const std::size_t num_points = series.history.points.size();
  std::string head = fmt::format("\n## {}: {}\n\n", escape_markdown(series.history.key.benchmark),
                                 escape_markdown(title_of_metric(series.history.key.metric)));
  for (const std::string& sentence : standing_of(shown))
    head += fmt::format("- {}\n", escape_markdown(sentence));
  head += fmt::format("- {}\n", sparkline_of(series));
  if (!shown.chart.empty()) head += fmt::format("\n![History]({})\n", link_target(shown.chart));
  const ChangeList list = changes_newest_first(series);
  if (!list.changes.empty()) head += "\n" + changes_table(list, list.changes.size());
  if (head.size() > room) return "";
  return head + with_rows_that_fit(num_points, room - head.size(), [&](std::size_t count) {
           const std::string cut =
               count == num_points
                   ? ""
                   : fmt::format("\n{} older runs left out for want of room: '--format=json' has them all.\n",
                                 num_points - count);
           return fmt::format("\n{}{}", points_table(series, count), cut);
         });
}

std::string padded_left(const std::string& text, std::size_t width) {
  const std::size_t used = svg::length_of(text);
  return std::string(width > used ? width - used : 0, ' ') + text;
}

std::string points_text(const AnalysedSeries& series) {
  const std::vector<Point>& points = series.history.points;
  const std::vector<PointNotes> notes = notes_of(series);
  std::size_t value_width = 0;
  std::size_t commit_width = 0;
  for (const Point& point : points) {
    value_width =
        std::max(value_width, svg::length_of(text_of_value(series.history.key.metric, point.value)));
    commit_width = std::max(commit_width, svg::length_of(name_of_commit(point)));
  }
  std::string text;
  for (std::size_t i = points.size(); i > 0; --i) {
    const Point& point = points[i - 1];
    std::string line = fmt::format(
        "{}  {}  {}  n {}  segment {}", padded_left(name_of_commit(point), commit_width), point.started,
        padded_left(text_of_value(series.history.key.metric, point.value), value_width), point.num_values,
        notes[i - 1].segment);
    if (!notes[i - 1].text.empty()) line += "  " + notes[i - 1].text;
    if (!point.commit.subject.empty()) line += "  " + point.commit.subject;
    text += on_one_line(line) + "\n";
  }
  return text;
}

json::object series_json(const ShownSeries& shown) {
  const AnalysedSeries& series = shown.series;
  json::object object = key_json(series.history.key, series.rule);
  object["machine_name"] = shown.machine;
  json::array points;
  for (const Point& point : series.history.points) {
    json::object one = point_json(point);
    one["value"] = point.value;
    one["low"] = point.low;
    one["high"] = point.high;
    one["num_values"] = point.num_values;
    points.push_back(std::move(one));
  }
  json::array segments;
  for (const Segment& segment : series.analysis.segments) {
    json::object one = segment_json(segment);
    one["begin"] = segment.begin;
    one["end"] = segment.end;
    segments.push_back(std::move(one));
  }
  ChangeList list;
  add_changes(series, list);
  json::array changes;
  for (const ListedChange& one : list.changes) changes.push_back(change_json(one));
  object["points"] = std::move(points);
  object["segments"] = std::move(segments);
  object["changes"] = std::move(changes);
  object["outliers"] = json::array(series.analysis.outliers.begin(), series.analysis.outliers.end());
  object["stable_segment"] = series.analysis.stable_segment;
  object["worsening"] = series.analysis.worsening;
  return object;
}

}  // namespace

std::string shown_markdown(std::span<const ShownSeries> all, std::span<const std::string> problems,
                           std::size_t budget) {
  std::string text = "# History\n";
  std::string end = problems_markdown(problems);
  if (!end.empty()) end = "\n" + end;
  std::size_t num_left_out = 0;
  constexpr std::size_t kRoomForCount = 100;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::size_t used = text.size() + end.size() + kRoomForCount;
    const std::size_t room = budget > used ? (budget - used) / (all.size() - i) : 0;
    const std::string part = series_markdown(all[i], room);
    if (part.empty()) ++num_left_out;
    text += part;
  }
  if (num_left_out > 0)
    text += fmt::format("\n{} of {} series left out for want of room.\n", num_left_out, all.size());
  return text + end;
}

std::string shown_text(std::span<const ShownSeries> all, std::span<const std::string> problems) {
  std::string text;
  for (const ShownSeries& shown : all) {
    text += text.empty() ? "" : "\n";
    text += on_one_line(shown.series.history.key.benchmark) + "\n";
    for (const std::string& sentence : standing_of(shown)) text += on_one_line(sentence) + "\n";
    text += sparkline_of(shown.series) + "\n";
    for (const ListedChange& one : changes_newest_first(shown.series).changes)
      text += on_one_line(line_of_change(one)) + "\n";
    text += points_text(shown.series);
  }
  return text + problems_text(problems);
}

std::string shown_json(std::span<const ShownSeries> all, std::span<const std::string> problems) {
  json::array series;
  for (const ShownSeries& shown : all) series.push_back(series_json(shown));
  const json::object object{{"history_show", 1},
                            {"series", std::move(series)},
                            {"problems", json::array(problems.begin(), problems.end())}};
  return to_json_line(object) + "\n";
}

}  // namespace trainbench::report::history
