#include <fmt/format.h>

#include "report/results/foreign_formats.hpp"
#include "report/results/foreign_json.hpp"

namespace trainbench::report {
namespace {

class PytestBenchmarkReader {
 public:
  PytestBenchmarkReader(std::string_view text, std::string_view source)
      : json_(text, source, "pytest-benchmark", "Write one with --benchmark-json=FILE.") {
    results_.source = source;
    results_.kind = SourceKind::pytest_benchmark;
  }

  ResultSet read() {
    results_.started = string_at(json_.root(), "datetime").value_or("");
    if (const auto version = string_at(json_.root(), "version"))
      results_.noted["pytest_benchmark"] = *version;
    if (const json::object* commit = object_at(json_.root(), "commit_info"))
      results_.commit = string_at(*commit, "id").value_or("");
    if (const json::object* machine = object_at(json_.root(), "machine_info")) take_machine(*machine);
    for (const json::value& value : json_.array(json_.root(), "benchmarks", "it"))
      take_benchmark(json_.object(value, "a benchmark"));
    if (!results_.rows.empty()) {
      results_.notes.emplace_back(
          "The rounds of a test share a process: each test counts once, by their median.");
    }
    return std::move(results_);
  }

 private:
  void take_machine(const json::object& machine) {
    for (const char* fact : {"machine", "system"}) {
      if (const auto text = string_at(machine, fact)) results_.machine[fact] = *text;
    }
    const auto interpreter = string_at(machine, "python_implementation");
    const auto version = string_at(machine, "python_version");
    if (interpreter && version) python_ = *interpreter + " " + *version;
    const json::object* cpu = object_at(machine, "cpu");
    if (cpu == nullptr) return;
    for (const char* key : {"brand", "brand_raw"}) {  // before and since py-cpuinfo 6
      if (const auto brand = string_at(*cpu, key)) results_.machine["cpu"] = *brand;
    }
    if (const auto count = number_at(*cpu, "count")) results_.machine["cores"] = fmt::format("{}", *count);
  }

  void take_benchmark(const json::object& benchmark) {
    Row& row = results_.rows.emplace_back();
    row.benchmark = json_.text(benchmark, "fullname", "a benchmark");
    const json::object* stats = object_at(benchmark, "stats");
    if (stats == nullptr) json_.refuse(fmt::format("the test '{}' has no 'stats'", row.benchmark));
    take_real_time(finite_number(stats->if_contains("median")), "median", row);
    if (!python_.empty()) row.measurement["python"] = python_;
    if (const json::object* options = object_at(benchmark, "options")) {
      for (const char* option : {"timer", "disable_gc", "warmup"}) {
        if (const json::value* value = options->if_contains(option))
          row.measurement[option] = scalar_text(*value);
      }
    }
    const json::object* extra = object_at(benchmark, "extra_info");
    if (extra == nullptr) return;
    for (const auto& member : *extra) {
      if (!member.value().is_number()) continue;
      if (const auto value = finite_number(&member.value())) row.metrics[member.key()] = *value;
    }
  }

  ForeignJson json_;
  ResultSet results_;
  std::string python_;
};

}  // namespace

ResultSet parse_pytest_benchmark(std::string_view text, std::string_view source) {
  return PytestBenchmarkReader(text, source).read();
}

}  // namespace trainbench::report
