#include <fmt/format.h>

#include <array>
#include <set>

#include "report/results/foreign_formats.hpp"
#include "report/results/foreign_json.hpp"

namespace trainbench::report {
namespace {

using Summaries = std::map<std::string, double>;  // by tag

/// The number called "value" in a list of {"name": ..., "value": ...}.
std::optional<double> value_among(const json::array* named) {
  if (named == nullptr) return std::nullopt;
  for (const json::value& one : *named) {
    const json::object* object = one.if_object();
    if (object != nullptr && string_at(*object, "name") == "value")
      return finite_number(object->if_contains("value"));
  }
  return std::nullopt;
}

class NvbenchReader {
 public:
  NvbenchReader(std::string_view text, std::string_view source)
      : json_(text, source, "NVBench", "Write one with --json FILE.") {
    results_.source = source;
    results_.kind = SourceKind::nvbench;
  }

  ResultSet read() {
    const json::array& benchmarks = json_.array(json_.root(), "benchmarks", "it");
    take_machine();
    take_version();
    for (const json::value& benchmark : benchmarks) count_devices(benchmark);
    for (const json::value& benchmark : benchmarks) take_benchmark(json_.object(benchmark, "a benchmark"));
    return std::move(results_);
  }

 private:
  void take_machine() {
    const json::array* devices = array_at(json_.root(), "devices");
    if (devices == nullptr) return;
    for (const json::value& device : *devices) {
      const json::object& object = json_.object(device, "a device");
      const std::string id = scalar_text(object.contains("id") ? object.at("id") : json::value());
      results_.machine["gpu_" + id] = json_.text(object, "name", "a device");
    }
  }

  void take_version() {
    const json::object* meta = object_at(json_.root(), "meta");
    const json::object* versions = meta == nullptr ? nullptr : object_at(*meta, "version");
    const json::object* own = versions == nullptr ? nullptr : object_at(*versions, "nvbench");
    if (own != nullptr) results_.noted["nvbench"] = string_at(*own, "string").value_or("unknown");
  }

  void count_devices(const json::value& benchmark) {
    const json::object* object = benchmark.if_object();
    const json::array* states = object == nullptr ? nullptr : array_at(*object, "states");
    if (states == nullptr) return;
    for (const json::value& state : *states) {
      if (state.is_object() && state.get_object().contains("device"))
        devices_.insert(scalar_text(state.get_object().at("device")));
    }
  }

  void take_benchmark(const json::object& benchmark) {
    const std::string name = json_.text(benchmark, "name", "a benchmark");
    const std::string where = fmt::format("the benchmark '{}'", name);
    for (const json::value& state : json_.array(benchmark, "states", where))
      take_state(name, json_.object(state, "a state of " + where), where);
  }

  void take_state(const std::string& name, const json::object& state, const std::string& where) {
    Row row;
    row.benchmark = name + arguments_of(state);
    if (bool_at(state, "is_skipped").value_or(false)) {
      row.status = CaseStatus::skipped;
      row.reason = string_at(state, "skip_reason").value_or("no reason was written");
    } else {
      const json::value* summaries = state.if_contains("summaries");
      if (summaries == nullptr || summaries->is_null())
        json_.refuse("a state of " + where + " has no summaries");
      take_summaries(summaries_in(*summaries, where), row);
    }
    results_.rows.push_back(std::move(row));
  }

  std::string arguments_of(const json::object& state) const {
    std::string text;
    // A state of several devices is measured once for each.
    if (devices_.size() > 1 && state.contains("device")) text += "/device:" + scalar_text(state.at("device"));
    const json::array* axes = array_at(state, "axis_values");
    if (axes == nullptr) return text;
    for (const json::value& axis : *axes) {
      const json::object& object = json_.object(axis, "an axis value");
      const json::value* value = object.if_contains("value");
      text += fmt::format("/{}:{}", json_.text(object, "name", "an axis value"),
                          value == nullptr ? "" : scalar_text(*value));
    }
    return text;
  }

  /// Version 1 has a list of {"tag", "data"}, version 0 an object by name whose members hold "values".
  Summaries summaries_in(const json::value& value, const std::string& where) const {
    Summaries summaries;
    const auto add = [&](std::string_view tag, const json::array* named) {
      if (const auto number = value_among(named)) summaries[std::string(tag)] = *number;
    };
    if (const json::object* by_name = value.if_object()) {
      for (const auto& member : *by_name)
        add(member.key(), array_at(json_.object(member.value(), "a summary"), "values"));
      return summaries;
    }
    if (!value.is_array()) json_.refuse("the summaries of " + where + " are no list");
    for (const json::value& one : value.get_array()) {
      const json::object& summary = json_.object(one, "a summary");
      add(json_.text(summary, "tag", "a summary"), array_at(summary, "data"));
    }
    return summaries;
  }

  static std::optional<double> first_in(const Summaries& summaries, std::initializer_list<const char*> tags) {
    for (const char* tag : tags) {
      if (const auto found = summaries.find(tag); found != summaries.end()) return found->second;
    }
    return std::nullopt;
  }

  static void take_summaries(const Summaries& summaries, Row& row) {
    take_real_time(first_in(summaries, {"nv/cold/time/gpu/mean", "nv/cpu_only/time/cpu/mean",
                                        "Average GPU Time (Cold)"}),
                   "mean time", row);
    row.cpu_seconds = first_in(
        summaries, {"nv/cold/time/cpu/mean", "nv/cpu_only/time/cpu/mean", "Average CPU Time (Cold)"});
    constexpr std::array<std::pair<const char*, const char*>, 5> kCounters = {{
        {"nv/cold/bw/item_rate", "items_per_second"},
        {"nv/cpu_only/bw/item_rate", "items_per_second"},
        {"nv/cold/bw/global/bytes_per_second", "bytes_per_second"},
        {"nv/cold/sm_clock_rate/mean", "sm_clock_hz"},
        {"nv/batch/time/gpu/mean", "batch_gpu_time_s"},
    }};
    for (const auto& [tag, counter] : kCounters) {
      if (const auto value = first_in(summaries, {tag})) row.metrics[counter] = *value;
    }
    for (const auto& [tag, value] : summaries) {
      // The user's own; version 0 has no tags to tell them by.
      if (!tag.starts_with("nv/") && tag.find('(') == std::string::npos) row.metrics[tag] = value;
    }
  }

  ForeignJson json_;
  ResultSet results_;
  std::set<std::string> devices_;
};

}  // namespace

ResultSet parse_nvbench(std::string_view text, std::string_view source) {
  return NvbenchReader(text, source).read();
}

}  // namespace trainbench::report
