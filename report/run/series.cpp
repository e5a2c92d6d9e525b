#include "report/run/series.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/text/format.hpp"
#include "src/stats/summary.hpp"

namespace trainbench::report {
namespace {

const std::string kTraining = "training";
constexpr std::string_view kUnnamed = "(unnamed)";

std::optional<double> value_of(const Row& row, const Measure& measure) {
  if (row.status != CaseStatus::ok) return std::nullopt;
  switch (measure.quantity) {
    case Quantity::real_time:
      return row.real_seconds;
    case Quantity::cpu_time:
      return row.cpu_seconds;
    case Quantity::metric: {
      const auto found = row.metrics.find(measure.metric);
      if (found == row.metrics.end()) return std::nullopt;
      return found->second;
    }
  }
  return std::nullopt;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool stands_before(const Series& a, const Series& b) {
  if (a.name.family != b.name.family) {
    const auto order = natural_order(a.name.family, b.name.family);
    return std::is_eq(order) ? a.name.family < b.name.family : std::is_lt(order);
  }
  const auto order = natural_order(a.benchmark, b.benchmark);
  return std::is_eq(order) ? std::pair(a.benchmark, a.run) < std::pair(b.benchmark, b.run)
                           : std::is_lt(order);
}

}  // namespace

std::string title_of(const Measure& measure) {
  switch (measure.quantity) {
    case Quantity::real_time:
      return "Time";
    case Quantity::cpu_time:
      return "CPU";
    case Quantity::metric:
      break;
  }
  const MetricInfo* info = find_metric(measure.metric);
  return info == nullptr ? measure.metric : std::string(info->title);
}

std::string format_value(const Measure& measure, double value) {
  if (measure.quantity != Quantity::metric) return format_seconds(value);
  const MetricInfo* info = find_metric(measure.metric);
  return info == nullptr ? format_number(value) : format_metric(*info, value);
}

std::vector<double> values_of(const Series& series, const Measure& measure) {
  std::vector<double> values;
  for (const Row* row : series.rows) {
    if (const auto value = value_of(*row, measure)) values.push_back(*value);
  }
  return values;
}

std::optional<Estimate> estimate_of(const Series& series, const Measure& measure) {
  const std::vector<double> values = values_of(series, measure);
  if (values.empty()) return std::nullopt;
  Estimate estimate{.median = *stats::median(values),
                    .mad = std::nullopt,
                    .noise = std::nullopt,
                    .num_values = values.size()};
  if (values.size() > 1) {
    estimate.mad = stats::median_absolute_deviation(values);
    estimate.noise = stats::relative_mad(values);
  }
  return estimate;
}

Measure primary_measure(std::span<const Series> series) {
  for (const char* name : {"images_per_second", "step_time_ms"}) {
    Measure measure{Quantity::metric, name};
    const auto has_it = [&](const Series& one) {
      return std::any_of(one.rows.begin(), one.rows.end(),
                         [&](const Row* row) { return value_of(*row, measure).has_value(); });
    };
    if (std::any_of(series.begin(), series.end(), has_it)) return measure;
  }
  return {Quantity::real_time, ""};
}

std::string kind_of(const Series& series) {
  for (const Row* row : series.rows) {
    const auto kind = row->measurement.find("kind");
    if (row->status == CaseStatus::ok && kind != row->measurement.end()) return kind->second;
  }
  return kTraining;
}

std::vector<const Series*> with_comparable_throughput(std::span<const Series> series,
                                                      std::set<std::string>& left_out) {
  std::map<std::string, std::vector<const Series*>> by_kind;
  for (const Series& one : series) {
    if (!values_of(one, {Quantity::metric, "images_per_second"}).empty())
      by_kind[kind_of(one)].push_back(&one);
  }
  if (by_kind.empty()) return {};
  const std::string kept = by_kind.contains(kTraining) ? kTraining : by_kind.begin()->first;
  for (const auto& [kind, members] : by_kind) {
    if (kind != kept) left_out.insert(kind);
  }
  return by_kind[kept];
}

std::string fact_of(const Series& series, const std::string& name) {
  std::set<std::string> values;
  for (const Row* row : series.rows) {
    const auto found = row->measurement.find(name);
    if (row->status == CaseStatus::ok && found != row->measurement.end()) values.insert(found->second);
  }
  if (values.empty()) return "unknown";
  return values.size() == 1 ? *values.begin() : "differs";
}

std::string injected_into(const Series& series) {
  for (const Row* row : series.rows) {
    if (!row->injected.empty()) return row->injected;
  }
  return "";
}

std::string first_reason(const Series& series) {
  for (const Row* row : series.rows) {
    if (row->status != CaseStatus::ok) return fmt::format("{}: {}", to_string(row->status), row->reason);
  }
  return "";
}

std::size_t count_status(const Series& series, CaseStatus status) {
  return static_cast<std::size_t>(std::count_if(series.rows.begin(), series.rows.end(),
                                                [&](const Row* row) { return row->status == status; }));
}

std::vector<Series> group_series(std::span<const ResultSet> runs) {
  std::map<std::pair<std::string_view, std::size_t>, std::vector<const Row*>> groups;
  for (std::size_t run = 0; run < runs.size(); ++run) {
    for (const Row& row : runs[run].rows) groups[{row.benchmark, run}].push_back(&row);
  }
  std::vector<Series> series;
  series.reserve(groups.size());
  for (auto& [key, rows] : groups) {
    const std::string_view benchmark = is_blank(key.first) ? kUnnamed : key.first;
    series.push_back({.run = key.second,
                      .name = parse_benchmark_name(benchmark),
                      .benchmark = benchmark,
                      .rows = std::move(rows)});
    if (is_blank(series.back().name.family)) series.back().name.family = kUnnamed;
  }
  std::sort(series.begin(), series.end(), stands_before);
  return series;
}

std::vector<std::span<const Series>> group_families(std::span<const Series> series) {
  std::vector<std::span<const Series>> families;
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= series.size(); ++i) {
    if (i < series.size() && series[i].name.family == series[begin].name.family) continue;
    families.push_back(series.subspan(begin, i - begin));
    begin = i;
  }
  return families;
}

std::string label_of(const Series& series, std::size_t num_runs) {
  if (num_runs < 2) return std::string(series.benchmark);
  return fmt::format("run {}: {}", series.run + 1, series.benchmark);
}

}  // namespace trainbench::report
