#include "report/run/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "report/run/sections.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

constexpr std::size_t kMostBars = 40;
constexpr std::size_t kMostSweeps = 12;
constexpr std::size_t kLongestImageName = 80;

std::string render(const Section& section) {
  std::string text =
      fmt::format("## {}\n\n{}: {}\n", escape_markdown(section.title),
                  section.action_required ? "Action required" : "Informational", section.message);
  return section.body.empty() ? text : fmt::format("{}\n{}", text, section.body);
}

Bar bar_of(const Series& series, const Measure& measure, std::size_t num_runs) {
  const std::vector<double> values = values_of(series, measure);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double median = estimate_of(series, measure)->median;
  return {.label = label_of(series, num_runs),
          .value = std::max(0.0, median),
          .low = std::max(0.0, *low),
          .high = std::max(0.0, *high),
          .value_text = format_value(measure, median)};
}

std::vector<const Series*> charted(std::span<const Series> series, bool is_throughput) {
  std::vector<const Series*> all;
  if (is_throughput) {
    std::set<std::string> left_out;  // the summary names them
    return with_comparable_throughput(series, left_out);
  }
  for (const Series& one : series) all.push_back(&one);
  return all;
}

std::vector<Sweep> shown_sweeps(std::vector<Sweep> all) {
  if (all.size() > kMostSweeps) all.resize(kMostSweeps);
  return all;
}

/// What of a label may stand in a file's name.
std::string in_file_name(std::string_view label) {
  std::string name;
  for (const char c : label.substr(0, kLongestImageName)) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    if (plain || (!name.empty() && name.back() != '-')) name += plain ? c : '-';
  }
  return name;
}

std::string image(std::string_view text, const std::string& file) {
  return fmt::format("\n![{}]({})\n", escape_markdown(text), link_target(file));
}

std::string sweep_sections(const ReportInput& input, const ReportOptions& options) {
  const std::vector<Sweep> all = find_sweeps(input.series, input.runs.size());
  const std::vector<Sweep> shown = shown_sweeps(all);
  const std::vector<SweepChart> charts = sweep_charts_of(input.series, input.runs.size());
  std::string text;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    text += fmt::format("\n{}", render(sweep_section(input, shown[i])));
    if (!options.chart_stem.empty()) {
      text += image(fmt::format("Throughput and memory over batch: {}", shown[i].label),
                    chart_name(options.chart_stem, charts[i].suffix));
    }
  }
  if (all.size() > shown.size())
    text += fmt::format("\n{} more sweeps over batch are not shown.\n", all.size() - shown.size());
  return text;
}

}  // namespace

std::optional<ReportChart> chart_of(std::span<const Series> series, std::size_t num_runs) {
  const Measure throughput{Quantity::metric, "images_per_second"};
  Measure measure = primary_measure(series);
  if (measure != throughput) measure = {Quantity::real_time, ""};
  ReportChart result;
  result.suffix = measure == throughput ? "throughput" : "time";
  result.chart.title = measure == throughput ? "Throughput, images/s: longer is faster"
                                             : "Time per iteration: shorter is faster";
  std::size_t num_bars = 0;
  for (const Series* one : charted(series, measure == throughput)) {
    const auto estimate = estimate_of(*one, measure);
    if (!estimate || !std::isfinite(estimate->median)) continue;
    if (++num_bars <= kMostBars) result.chart.bars.push_back(bar_of(*one, measure, num_runs));
  }
  if (num_bars == 0) return std::nullopt;
  result.chart.subtitle = "Bar: median of the repetitions. Whisker: smallest to largest.";
  if (num_bars > kMostBars)
    result.chart.subtitle += fmt::format(" The first {} of {} benchmarks.", kMostBars, num_bars);
  return result;
}

std::string chart_name(std::string_view stem, std::string_view suffix) {
  return fmt::format("{}-{}.svg", stem, suffix);
}

std::vector<SweepChart> sweep_charts_of(std::span<const Series> series, std::size_t num_runs) {
  std::vector<SweepChart> charts;
  std::set<std::string> taken;
  for (const Sweep& sweep : shown_sweeps(find_sweeps(series, num_runs))) {
    const std::string suffix = "sweep-" + in_file_name(sweep.label);
    std::string unique = suffix;
    for (int i = 2; !taken.insert(unique).second; ++i) unique = fmt::format("{}-{}", suffix, i);
    charts.push_back({.suffix = unique, .chart = chart_of(sweep)});
  }
  return charts;
}

std::string render_report(std::span<const ResultSet> runs, std::span<const Series> series,
                          const ReportOptions& options) {
  const ReportInput input{.runs = runs, .series = series, .max_rows = options.max_rows};
  std::string text = fmt::format("# Benchmark report\n\n{}", render(runs_section(input)));
  const auto add = [&](const Section& section) { text += fmt::format("\n{}", render(section)); };
  if (const auto summary = summary_section(input)) add(*summary);
  if (const auto chart = chart_of(series, runs.size()); chart && !options.chart_stem.empty())
    text += image("Bar chart of the results", chart_name(options.chart_stem, chart->suffix));
  if (const auto claims = claims_section(input)) add(*claims);
  text += sweep_sections(input, options);
  if (const auto gpu = gpu_section(input)) add(*gpu);
  if (const auto profiles = profiles_section(input)) add(*profiles);
  for (const Section& section : family_sections(input)) add(section);
  if (const auto learning = learning_section(input)) add(*learning);
  add(environment_section(input));
  add(failures_section(input));
  return text;
}

}  // namespace trainbench::report
