#include "report/subjects.hpp"

#include <fmt/format.h>

#include <span>

#include "src/stats/summary.hpp"

namespace trainbench::report {
namespace {

bool is_of_bench(const ResultSet& results) {
  if (results.kind == SourceKind::journal) return true;
  const auto unit = results.noted.find("repetition_unit");
  return unit != results.noted.end() && unit->second == "process";
}

void take_status(const Row& row, Subject& subject) {
  std::size_t& count = row.status == CaseStatus::failed ? subject.num_failed : subject.num_skipped;
  const bool tells_more = row.status == CaseStatus::failed && subject.num_failed == 0;
  if (subject.reason.empty() || tells_more) subject.reason = row.reason;
  ++count;
}

void take_facts(const Row& row, Subject& subject) {
  if (!row.measurement.empty()) subject.measurements.insert(row.measurement);
  if (!row.injected.empty()) subject.injected = row.injected;
}

std::map<std::string, std::vector<double>> values_by_metric(std::span<const Row* const> rows, bool own) {
  std::map<std::string, std::vector<double>> values;
  for (const Row* row : rows) {
    if (!own && row->real_seconds) values["real_time"].push_back(*row->real_seconds);
    if (!own && row->cpu_seconds) values["cpu_time"].push_back(*row->cpu_seconds);
    for (const auto& [metric, value] : row->metrics) values[metric].push_back(value);
  }
  return values;
}

Unit unit_of(std::span<const Row* const> rows, std::string key, bool own) {
  Unit unit;
  unit.key = std::move(key);
  for (const auto& [metric, values] : values_by_metric(rows, own))
    unit.values[metric] = *stats::median(values);
  return unit;
}

void add_file(const SideFile& file, const Renames& renames, const std::string& prefix, Subjects& subjects) {
  std::map<std::string, std::vector<const Row*>> good;
  for (const Row& row : file.results.rows) {
    const std::string benchmark = name_today(renames, row.benchmark);
    Subject& subject = subjects[benchmark];
    take_facts(row, subject);
    if (row.status == CaseStatus::ok) {
      good[benchmark].push_back(&row);
    } else {
      take_status(row, subject);
    }
  }
  const bool own = is_of_bench(file.results);
  // bench and hyperfine start a process for each repetition.
  const bool row_is_process = own || file.results.kind == SourceKind::hyperfine;
  for (const auto& [benchmark, rows] : good) {
    std::vector<Unit>& units = subjects[benchmark].units;
    const std::span<const Row* const> all(rows);
    const std::size_t size = row_is_process ? 1 : rows.size();
    for (std::size_t begin = 0; begin < rows.size(); begin += size)
      units.push_back(unit_of(all.subspan(begin, size), fmt::format("{}#{}", prefix, begin / size), own));
  }
}

void add_pairs(const Subject& baseline, const Subject& contender, const std::string& metric,
               Samples& samples) {
  std::map<std::string_view, double> by_key;
  for (const Unit& unit : contender.units) {
    if (const auto value = unit.values.find(metric); value != unit.values.end())
      by_key[unit.key] = value->second;
  }
  for (const Unit& unit : baseline.units) {
    const auto value = unit.values.find(metric);
    const auto other = by_key.find(unit.key);
    if (value == unit.values.end() || other == by_key.end()) continue;
    samples.baseline.push_back(value->second);
    samples.contender.push_back(other->second);
  }
}

void add_all(const Subject& subject, const std::string& metric, std::vector<double>& sample) {
  for (const Unit& unit : subject.units) {
    if (const auto value = unit.values.find(metric); value != unit.values.end())
      sample.push_back(value->second);
  }
}

}  // namespace

Subjects subjects_of(const Side& side, const Renames& renames, bool one_file) {
  Subjects subjects;
  for (const SideFile& file : side.files) add_file(file, renames, one_file ? "" : file.name, subjects);
  return subjects;
}

Samples samples_of(const Subject& baseline, const Subject& contender, const std::string& metric,
                   bool paired) {
  Samples samples;
  if (paired) {
    add_pairs(baseline, contender, metric, samples);
  } else {
    add_all(baseline, metric, samples.baseline);
    add_all(contender, metric, samples.contender);
  }
  return samples;
}

}  // namespace trainbench::report
