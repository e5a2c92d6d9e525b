#include "report/history/exchange/export_formats.hpp"

#include <algorithm>

#include "src/base/json.hpp"
#include "src/measure/metrics.hpp"
#include "src/stats/summary.hpp"

namespace trainbench::report::history {

std::string json_text(const std::string& text) {
  return to_json_line(json::value(text));
}

ExportedValue exported_value(const RunSeries& series) {
  const auto [low, high] = std::minmax_element(series.values.begin(), series.values.end());
  return {.median = *stats::median(series.values), .low = *low, .high = *high};
}

std::string exported_unit(const std::string& metric) {
  if (metric == "real_time" || metric == "cpu_time") return "s";
  if (metric == "items_per_second") return "items/s";
  if (metric == "bytes_per_second") return "B/s";
  const MetricInfo* info = find_metric(metric);
  return info == nullptr || info->unit.empty() ? metric : std::string(info->unit);
}

}  // namespace trainbench::report::history
