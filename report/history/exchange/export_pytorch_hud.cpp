#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "report/history/exchange/export_formats.hpp"
#include "report/results/benchmark_name.hpp"

namespace trainbench::report::history {
namespace {

/// Members of a JSON object, those with an empty value left out: the schema fills them with its defaults.
class HudObject {
 public:
  void add_text(std::string_view key, const std::string& value) {
    if (!value.empty()) add(key, json_text(value));
  }
  void add(std::string_view key, const std::string& json) {
    members_ += fmt::format("{}\"{}\": {}", members_.empty() ? "" : ", ", key, json);
  }
  std::string str() const { return "{" + members_ + "}"; }

 private:
  std::string members_;
};

/// A Map(String, String) of the schema.
std::string hud_map(const Facts& facts) {
  std::string members;
  for (const auto& [name, value] : facts)
    members += fmt::format("{}{}: {}", members.empty() ? "" : ", ", json_text(name), json_text(value));
  return "{" + members + "}";
}

std::string argument_named(const BenchmarkName& name, std::initializer_list<std::string_view> wanted) {
  for (const std::string_view one : wanted) {
    for (const Argument& argument : name.arguments) {
      if (argument.name == one) return argument.value;
    }
  }
  return "";
}

std::string hud_fact(const Facts& facts, const std::string& name) {
  const std::string value = fact_or_unknown(facts, name);
  return value == "unknown" || value == "none" ? "" : value;
}

/// Of "2026-11-25T10:16:00Z"; nothing for other text.
std::optional<std::int64_t> unix_seconds(const std::string& started) {
  if (started.size() != 20 || !is_day(started.substr(0, 10))) return std::nullopt;
  const auto number = [&](std::size_t begin, std::size_t size) {
    int value = 0;
    std::from_chars(started.data() + begin, started.data() + begin + size, value);
    return value;
  };
  const std::chrono::year_month_day day(std::chrono::year(number(0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number(5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number(8, 2))));
  const std::chrono::sys_seconds instant = std::chrono::sys_days(day) + std::chrono::hours(number(11, 2)) +
                                           std::chrono::minutes(number(14, 2)) +
                                           std::chrono::seconds(number(17, 2));
  return instant.time_since_epoch().count();
}

std::string hud_runner(const RunRecord& run) {
  HudObject runner;
  runner.add_text("type", run.machine_fingerprint);
  runner.add_text("cpu_info", hud_fact(run.machine, "cpu"));
  const std::string cores = hud_fact(run.machine, run.machine.contains("cores") ? "cores" : "num_cpus");
  unsigned count = 0;
  const auto [end, error] = std::from_chars(cores.data(), cores.data() + cores.size(), count);
  if (error == std::errc() && end == cores.data() + cores.size())
    runner.add("cpu_count", fmt::format("{}", count));
  runner.add_text("gpu_info", hud_fact(run.machine, "gpu"));
  if (!run.machine.empty()) runner.add("extra_info", hud_map(run.machine));
  return runner.str();
}

std::string hud_benchmark(const RunSeries& series, const BenchmarkName& name) {
  Facts extra;
  for (const Argument& argument : name.arguments) extra[argument.name] = argument.value;
  if (!series.measurement_fingerprint.empty())
    extra["measurement_fingerprint"] = series.measurement_fingerprint;
  HudObject benchmark;
  benchmark.add("name", json_text(name.family));
  benchmark.add_text("mode", argument_named(name, {"mode"}));
  benchmark.add_text("dtype", argument_named(name, {"dtype", "precision"}));
  benchmark.add("extra_info", hud_map(extra));
  return benchmark.str();
}

std::string hud_metric(const RunSeries& series) {
  HudObject metric;
  metric.add("name", json_text(series.metric));
  metric.add("benchmark_values", fmt::format("[{}]", fmt::join(series.values, ", ")));
  metric.add("target_value", "0");  // there is none: its default, as the uploads of other projects write it
  metric.add("extra_info", hud_map({{"unit", exported_unit(series.metric)}}));
  return metric.str();
}

std::string hud_record(const RunRecord& run, const RunSeries& series) {
  const BenchmarkName name = parse_benchmark_name(series.benchmark);
  HudObject model;
  model.add("name", json_text(series.benchmark));
  model.add("type", json_text("benchmark"));
  model.add("origins", "[]");
  HudObject record;
  // What stands in a record wins over what the upload action knows of the workflow that it runs in.
  if (const auto seconds = unix_seconds(run.started)) record.add("timestamp", fmt::format("{}", *seconds));
  record.add("schema_version", json_text("v3"));
  record.add_text("head_branch", run.branch);
  record.add_text("head_sha", run.commit.hash);
  record.add("runners", fmt::format("[{}]", hud_runner(run)));
  record.add("benchmark", hud_benchmark(series, name));
  record.add("model", model.str());
  record.add("metric", hud_metric(series));
  return record.str();
}

}  // namespace

std::string export_pytorch_hud(const RunRecord& run) {
  std::string text = "[";
  for (const RunSeries& series : run.series)
    text += fmt::format("{}\n  {}", text.size() == 1 ? "" : ",", hud_record(run, series));
  return text + "\n]\n";
}

}  // namespace trainbench::report::history
