#include <fmt/format.h>

#include "report/history/exchange/export_formats.hpp"
#include "report/history/series/history_text.hpp"

namespace trainbench::report::history {
namespace {

std::string shields_badge(const std::string& label, const std::string& message, std::string_view color) {
  return fmt::format("{{\"schemaVersion\": 1, \"label\": {}, \"message\": {}, \"color\": \"{}\"}}\n",
                     json_text(label), json_text(message), color);
}

std::string regressions_text(std::size_t count) {
  return count == 0 ? "no regressions" : counted(count, "regression", "regressions");
}

}  // namespace

std::string shields_of_value(const AnalysedSeries& series) {
  const SeriesKey& key = series.history.key;
  std::string_view color = is_judged(series.rule) ? "brightgreen" : "blue";
  if (has_regressed(series.analysis)) color = "red";
  return shields_badge(fmt::format("{} {}", key.benchmark, title_of_metric(key.metric)),
                       text_of_value(key.metric, series.history.points.back().value), color);
}

std::string shields_of_state(std::size_t num_regressions) {
  return shields_badge("benchmarks", regressions_text(num_regressions),
                       num_regressions == 0 ? "brightgreen" : "red");
}

}  // namespace trainbench::report::history
