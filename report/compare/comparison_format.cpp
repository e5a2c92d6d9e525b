#include "report/compare/comparison_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/charts/sparkline.hpp"
#include "report/run/series.hpp"
#include "report/text/format.hpp"
#include "src/stats/summary.hpp"

namespace trainbench::report {
namespace {

constexpr std::size_t kLongestSparkline = 20;

Measure measure_of(const std::string& metric) {
  if (metric == "real_time") return {Quantity::real_time, ""};
  if (metric == "cpu_time") return {Quantity::cpu_time, ""};
  return {Quantity::metric, metric};
}

/// A shift of Evidence in the metric's own direction.
double unturned(const ComparedRow& row, double shift) {
  return row.rule.better == Better::higher ? -shift : shift;
}

std::string unit_of_points(const ComparedRow& row) {
  const MetricInfo* info = find_metric(row.metric);
  if (info == nullptr || info->unit.empty()) return "";
  return info->unit == "%" ? " points" : fmt::format(" {}", info->unit);
}

/// A shift as a change with its sign, or, with `magnitude`, without.
std::string shift_text(const ComparedRow& row, double shift, bool magnitude) {
  const bool in_logs = row.evidence && row.evidence->in_logs;
  double value = in_logs ? 100 * std::expm1(shift) : shift;
  if (std::abs(value) < 0.005) value = 0;  // neither "-0.00" nor a sign that means nothing
  const std::string unit = in_logs ? " %" : unit_of_points(row);
  if (std::abs(value) >= 1e6) return fmt::format("{:.3g}{}", value, unit);
  return magnitude ? fmt::format("{:.2f}{}", value, unit) : fmt::format("{:+.2f}{}", value, unit);
}

std::string exact_change_text(const ComparedRow& row) {
  const double before = *stats::median(row.samples.baseline);
  const double after = *stats::median(row.samples.contender);
  if (before == after) return "none";
  if (row.rule.better == Better::neither) return "changed";
  const std::string share =
      before == 0 ? "" : fmt::format(" ({:+.2f} %)", 100 * (after - before) / std::abs(before));
  return fmt::format("{}{}{}", after > before ? "+" : "-", format_number(std::abs(after - before)), share);
}

}  // namespace

std::string metric_title(const ComparedRow& row) {
  return row.metric.empty() ? "(whole benchmark)" : title_of(measure_of(row.metric));
}

std::string value_text(const ComparedRow& row, std::span<const double> sample) {
  const auto middle = stats::median(sample);
  return middle ? format_value(measure_of(row.metric), *middle) : std::string(kNoValue);
}

std::string change_text(const ComparedRow& row) {
  if (row.samples.baseline.empty() || row.samples.contender.empty()) return "";
  if (row.rule.kind == Kind::exact) return exact_change_text(row);
  if (!row.evidence) return "";
  return shift_text(row, unturned(row, row.evidence->shift), false);
}

std::string interval_text(const ComparedRow& row) {
  if (!row.evidence) return "";
  if (!row.evidence->interval) return std::string(kNoValue);
  const double a = unturned(row, row.evidence->interval->lower);
  const double b = unturned(row, row.evidence->interval->upper);
  return fmt::format("[{}, {}]", shift_text(row, std::min(a, b), false),
                     shift_text(row, std::max(a, b), false));
}

std::string detectable_text(const ComparedRow& row) {
  if (!row.verdict || !row.evidence) return "";
  if (!row.smallest_detectable) return "unknown";
  return shift_text(row, *row.smallest_detectable, true);
}

std::string sizes_text(const ComparedRow& row) {
  const std::size_t n = row.samples.baseline.size();
  const std::size_t m = row.samples.contender.size();
  if (n == 0 && m == 0) return "";
  return n == m ? fmt::format("{}", n) : fmt::format("{}, {}", n, m);
}

std::string p_text(const ComparedRow& row) {
  if (!row.verdict || !row.evidence) return "";
  return row.adjusted_p < 0.0001 ? "< 0.0001" : fmt::format("{:.4f}", row.adjusted_p);
}

std::string sparkline(const Samples& samples) {
  if (samples.baseline.empty() || samples.contender.empty()) return "";
  double least = samples.baseline.front();
  double most = least;
  for (const auto* sample : {&samples.baseline, &samples.contender}) {
    const auto [low, high] = std::minmax_element(sample->begin(), sample->end());
    least = std::min(least, *low);
    most = std::max(most, *high);
  }
  const auto first_of = [](const std::vector<double>& sample) {
    return std::span(sample).first(std::min(sample.size(), kLongestSparkline));
  };
  return fmt::format("{} {}", bars_of(first_of(samples.baseline), least, most),
                     bars_of(first_of(samples.contender), least, most));
}

std::string verdict_text(const ComparedRow& row) {
  if (!row.verdict) return std::string(kNoValue);
  const std::string word(to_string(*row.verdict));
  if (row.let_pass) return word + " (accepted)";
  return row.strong && row.evidence ? word + " (strong)" : word;
}

}  // namespace trainbench::report
