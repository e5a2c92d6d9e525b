#include <fmt/format.h>

#include <map>

#include "report/history/exchange/export_formats.hpp"

namespace trainbench::report::history {
namespace {

std::string bencher_metric(const RunSeries& series) {
  const ExportedValue value = exported_value(series);
  if (series.values.size() < 2) return fmt::format("{{\"value\": {}}}", value.median);
  return fmt::format("{{\"value\": {}, \"lower_value\": {}, \"upper_value\": {}}}", value.median, value.low,
                     value.high);
}

}  // namespace

std::string export_bencher(const RunRecord& run) {
  // By name, because a key that stands twice is read once: repetitions that were not measured alike give two
  // series of one name, of which the first goes out.
  std::map<std::string, std::map<std::string, const RunSeries*>> benchmarks;
  for (const RunSeries& series : run.series) benchmarks[series.benchmark].emplace(series.metric, &series);
  std::string text = "{";
  for (const auto& [benchmark, metrics] : benchmarks) {
    text += fmt::format("{}\n  {}: {{", text.size() == 1 ? "" : ",", json_text(benchmark));
    bool first = true;
    for (const auto& [metric, series] : metrics) {
      text += fmt::format("{}\n    {}: {}", first ? "" : ",", json_text(metric), bencher_metric(*series));
      first = false;
    }
    text += "\n  }";
  }
  return text + "\n}\n";
}

}  // namespace trainbench::report::history
