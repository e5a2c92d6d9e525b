#include <fmt/format.h>

#include "report/history/exchange/export_formats.hpp"

namespace trainbench::report::history {
namespace {

std::string csv_field(const std::string& text) {
  if (text.find_first_of("\",\r\n") == std::string::npos) return text;
  std::string field = "\"";
  for (const char c : text) field += c == '"' ? std::string("\"\"") : std::string(1, c);
  return field + "\"";
}

}  // namespace

std::string csv_heading() {
  return "benchmark,metric,branch,machine,measurement,run,started,commit,number,value,low,high,processes\n";
}

std::string csv_lines(const SeriesHistory& series) {
  const SeriesKey& key = series.key;
  const std::string of_series =
      fmt::format("{},{},{},{},{}", csv_field(key.benchmark), csv_field(key.metric), csv_field(key.branch),
                  csv_field(key.machine_fingerprint), csv_field(key.measurement_fingerprint));
  std::string lines;
  for (const Point& point : series.points) {
    const std::string number = point.commit.number ? fmt::format("{}", *point.commit.number) : "";
    lines += fmt::format("{},{},{},{},{},{},{},{},{}\n", of_series, csv_field(point.run_id),
                         csv_field(point.started), csv_field(point.commit.hash), number, point.value,
                         point.low, point.high, point.num_values);
  }
  return lines;
}

}  // namespace trainbench::report::history
