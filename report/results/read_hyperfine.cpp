#include <fmt/format.h>

#include "report/results/foreign_formats.hpp"
#include "report/results/foreign_json.hpp"

namespace trainbench::report {
namespace {

constexpr double kMebibyte = 1024.0 * 1024.0;

/// The quantities that other formats have as well get their names.
void take_measurement(const std::string& name, double value, const std::string& unit, Row& row) {
  if (name == "time_cpu" && unit == "second") {
    row.cpu_seconds = value;
  } else if (name == "memory_peak_resident" && unit == "byte") {
    if (value > 0) row.metrics["peak_rss_mib"] = value / kMebibyte;  // 0: the system does not tell
  } else if (name != "time_user" && name != "time_system") {
    row.metrics[name] = value;
  }
}

/// `code` is null where a signal ended the command.
void take_exit_code(const json::value& code, Row& row) {
  if (!code.is_number()) {
    row.status = CaseStatus::failed;
    row.reason = "its command was ended by a signal";
  } else {
    row.measurement["exit_code"] = fmt::format("{}", code.to_number<double>());
  }
}

class HyperfineReader {
 public:
  HyperfineReader(std::string_view text, std::string_view source)
      : json_(text, source, "hyperfine", "Write one with --export-json FILE.") {
    results_.source = source;
    results_.kind = SourceKind::hyperfine;
  }

  ResultSet read() {
    take_metadata();
    for (const json::value& value : json_.array(json_.root(), "results", "it")) {
      const json::object& result = json_.object(value, "a result");
      const std::string name = string_at(result, "name").value_or(json_.text(result, "command", "a result"));
      if (result.contains("measurements")) {
        take_measurements(result, name);
      } else {
        take_times(result, name);
      }
    }
    return std::move(results_);
  }

 private:
  void take_metadata() {
    const json::object* metadata = object_at(json_.root(), "metadata");
    if (metadata == nullptr) return;
    results_.started = string_at(*metadata, "start_time").value_or("");
    const auto version = string_at(*metadata, "hyperfine_version");
    if (version) results_.noted["hyperfine"] = *version;
    const json::object* platform = object_at(*metadata, "platform");
    if (platform == nullptr) return;
    for (const char* fact : {"os", "architecture"}) {
      if (const auto text = string_at(*platform, fact)) results_.machine[fact] = *text;
    }
  }

  Row& add_row(const std::string& name) {
    Row& row = results_.rows.emplace_back();
    row.benchmark = name;
    return row;
  }

  /// Version 1: parallel lists, of which only `times` is always as long as there were runs.
  void take_times(const json::object& result, const std::string& name) {
    const std::string where = fmt::format("the command '{}'", name);
    const json::array* codes = array_at(result, "exit_codes");
    const json::array* memory = array_at(result, "memory_usage_byte");
    const json::array& times = json_.array(result, "times", where);
    for (std::size_t i = 0; i < times.size(); ++i) {
      Row& row = add_row(name);
      take_real_time(finite_number(&times[i]), "time", row);
      if (codes != nullptr && i < codes->size()) take_exit_code((*codes)[i], row);
      if (memory == nullptr || i >= memory->size()) continue;
      if (const auto bytes = finite_number(&(*memory)[i]))
        take_measurement("memory_peak_resident", *bytes, "byte", row);
    }
  }

  void take_measurements(const json::object& result, const std::string& name) {
    const std::string where = fmt::format("the command '{}'", name);
    for (const json::value& value : json_.array(result, "measurements", where)) {
      const json::object& run = json_.object(value, "a measurement of " + where);
      Row& row = add_row(name);
      std::optional<double> seconds;
      for (const auto& member : run) {
        const json::object* measured = member.value().if_object();
        const auto number =
            measured == nullptr ? std::nullopt : finite_number(measured->if_contains("value"));
        if (!number) continue;
        const std::string unit = string_at(*measured, "unit").value_or("");
        if (member.key() == "time_wall_clock") {
          if (unit != "second") json_.refuse(fmt::format("{} is timed in '{}', not seconds", where, unit));
          seconds = number;
        } else {
          take_measurement(std::string(member.key()), *number, unit, row);
        }
      }
      take_real_time(seconds, "time_wall_clock", row);
      if (const json::value* code = run.if_contains("exit_code")) take_exit_code(*code, row);
    }
  }

  ForeignJson json_;
  ResultSet results_;
};

}  // namespace

ResultSet parse_hyperfine(std::string_view text, std::string_view source) {
  return HyperfineReader(text, source).read();
}

}  // namespace trainbench::report
