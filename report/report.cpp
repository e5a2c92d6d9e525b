#include "report/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "report/format.hpp"
#include "report/markdown.hpp"
#include "report/sections.hpp"

namespace trainbench::report {
namespace {

constexpr std::size_t kMostBars = 40;

std::string render(const Section& section) {
  std::string text =
      fmt::format("## {}\n\n{}: {}\n", escape_markdown(section.title),
                  section.action_required ? "Action required" : "Informational", section.message);
  return section.body.empty() ? text : fmt::format("{}\n{}", text, section.body);
}

/// A path as the target of a link: what would end it is given by its byte's number.
std::string link_target(std::string_view path) {
  std::string result;
  for (const char c : path) {
    if (std::string_view(" ()<>\"`\\%#?").find(c) != std::string_view::npos ||
        static_cast<unsigned char>(c) < 0x20) {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      result += c;
    }
  }
  return result;
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

std::string render_report(std::span<const ResultSet> runs, std::span<const Series> series,
                          const ReportOptions& options) {
  const ReportInput input{.runs = runs, .series = series, .max_rows = options.max_rows};
  std::string text = fmt::format("# Benchmark report\n\n{}", render(runs_section(input)));
  const auto add = [&](const Section& section) { text += fmt::format("\n{}", render(section)); };
  if (const auto summary = summary_section(input)) add(*summary);
  if (!options.chart_link.empty())
    text += fmt::format("\n![Bar chart of the results]({})\n", link_target(options.chart_link));
  for (const Section& section : family_sections(input)) add(section);
  if (const auto learning = learning_section(input)) add(*learning);
  add(environment_section(input));
  add(failures_section(input));
  return text;
}

}  // namespace trainbench::report
