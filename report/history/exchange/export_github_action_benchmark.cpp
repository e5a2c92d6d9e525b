#include <fmt/format.h>

#include <set>

#include "report/history/exchange/export_formats.hpp"
#include "report/text/format.hpp"

namespace trainbench::report::history {
namespace {

std::string github_action_entry(const RunSeries& series) {
  const ExportedValue value = exported_value(series);
  const std::string name =
      series.metric == "real_time" ? series.benchmark : fmt::format("{} {}", series.benchmark, series.metric);
  std::string entry = fmt::format("  {{\"name\": {}, \"unit\": {}, \"value\": {}", json_text(name),
                                  json_text(exported_unit(series.metric)), value.median);
  if (series.values.size() > 1) {
    std::string half_width = fmt::format("{:.4g}", (value.high - value.low) / 2);
    if (half_width.size() == 1) half_width += ".0";
    // The action understands "± NUMBER" alone, of at least two characters.
    entry += fmt::format(", \"range\": {}", json_text(fmt::format("± {}", half_width)));
  }
  // One line each: a line break in a name would end it.
  const std::string extra =
      fmt::format("benchmark: {}\nmetric: {}", on_one_line(series.benchmark), on_one_line(series.metric));
  return entry + fmt::format(", \"extra\": {}}}", json_text(extra));
}

}  // namespace

std::string export_github_action_benchmark(const RunRecord& run, const Policy& policy, Better better) {
  std::string text = "[";
  std::set<std::pair<std::string, std::string>> written;  // the action tells benchmarks by their names
  for (const RunSeries& series : run.series) {
    if (rule_of(policy, series.benchmark, series.metric).better != better) continue;
    if (!written.emplace(series.benchmark, series.metric).second) continue;
    text += fmt::format("{}\n{}", text.size() == 1 ? "" : ",", github_action_entry(series));
  }
  return text + "\n]\n";
}

}  // namespace trainbench::report::history
