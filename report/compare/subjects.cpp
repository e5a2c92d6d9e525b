#include "report/compare/subjects.hpp"

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

/// The name of today of each row of a file.
std::vector<std::string> names_of_today(const SideFile& file, const Renames& renames) {
  std::vector<std::string> names;
  std::map<std::string_view, std::string_view> name_then;
  for (const Row& row : file.results.rows) names.push_back(name_today(renames, row.benchmark));
  if (renames.empty()) return names;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& benchmark = file.results.rows[i].benchmark;
    const std::string_view other = name_then.emplace(names[i], benchmark).first->second;
    if (other == benchmark) continue;
    throw InputError(
        fmt::format("The renames make one benchmark of two: '{}' has \"{}\" and \"{}\", and both "
                    "would be \"{}\".",
                    file.results.source, other, benchmark, names[i]),
        ExitCode::unreadable);
  }
  return names;
}

/// All rows of one benchmark in a file; those that failed or were skipped keep their number.
void add_units(std::span<const Row* const> rows, std::size_t rows_of_process, const std::string& prefix,
               bool own, std::vector<Unit>& units) {
  for (std::size_t begin = 0; begin < rows.size(); begin += rows_of_process) {
    std::vector<const Row*> good;
    for (const Row* row : rows.subspan(begin, rows_of_process)) {
      if (row->status == CaseStatus::ok) good.push_back(row);
    }
    if (good.empty()) continue;
    units.push_back(unit_of(good, fmt::format("{}#{}", prefix, begin / rows_of_process), own));
  }
}

void add_file(const SideFile& file, const Renames& renames, const std::string& prefix, Subjects& subjects) {
  const std::vector<std::string> names = names_of_today(file, renames);
  std::map<std::string, std::vector<const Row*>> by_benchmark;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Row& row = file.results.rows[i];
    Subject& subject = subjects[names[i]];
    take_facts(row, subject);
    if (row.status != CaseStatus::ok) take_status(row, subject);
    by_benchmark[names[i]].push_back(&row);
  }
  const bool own = is_of_bench(file.results);
  // bench and hyperfine start a process for each repetition.
  const bool row_is_process = own || file.results.kind == SourceKind::hyperfine;
  for (const auto& [benchmark, rows] : by_benchmark)
    add_units(rows, row_is_process ? 1 : rows.size(), prefix, own, subjects[benchmark].units);
}

void add_all(const Subject& subject, const std::string& metric, std::vector<double>& sample,
             std::vector<std::string>& keys) {
  for (const Unit& unit : subject.units) {
    const auto value = unit.values.find(metric);
    if (value == unit.values.end()) continue;
    sample.push_back(value->second);
    keys.push_back(unit.key);
  }
}

/// Leaves the values whose keys both sides have, and says how many have no partner.
void keep_pairs(Samples& samples) {
  std::map<std::string, double> partners;
  for (std::size_t i = 0; i < samples.contender.size(); ++i)
    partners[samples.contender_keys[i]] = samples.contender[i];
  Samples pairs;
  for (std::size_t i = 0; i < samples.baseline.size(); ++i) {
    const auto partner = partners.find(samples.baseline_keys[i]);
    if (partner == partners.end()) continue;
    pairs.baseline.push_back(samples.baseline[i]);
    pairs.contender.push_back(partner->second);
    pairs.baseline_keys.push_back(partner->first);
  }
  pairs.contender_keys = pairs.baseline_keys;
  const std::size_t both = pairs.baseline.size();
  const std::size_t any = samples.baseline.size() + samples.contender.size() - both;
  if (both < any) pairs.lack = fmt::format("{} of {} pairs have it on one side only", any - both, any);
  samples = std::move(pairs);
}

std::string lack_of(std::string_view side, const Subject& subject, std::size_t num_values) {
  const std::size_t all = subject.units.size() + subject.num_skipped;
  if (num_values == all || subject.is_selection) return "";
  return fmt::format("{} of {} processes of the {} do not have it", all - num_values, all, side);
}

}  // namespace

Subjects subjects_of(const Side& side, const Renames& renames, bool one_file,
                     const std::set<std::string>& left_out) {
  Subjects subjects;
  for (const SideFile& file : side.files) {
    if (!left_out.contains(file.name)) add_file(file, renames, one_file ? "" : file.name, subjects);
  }
  for (auto& [benchmark, subject] : subjects) subject.is_selection = side.is_selection;
  return subjects;
}

Samples samples_of(const Subject& baseline, const Subject& contender, const std::string& metric,
                   bool paired) {
  Samples samples;
  add_all(baseline, metric, samples.baseline, samples.baseline_keys);
  add_all(contender, metric, samples.contender, samples.contender_keys);
  if (paired) {
    keep_pairs(samples);
  } else {
    const std::string of_baseline = lack_of("baseline", baseline, samples.baseline.size());
    const std::string of_contender = lack_of("contender", contender, samples.contender.size());
    if (of_baseline.empty() || of_contender.empty()) samples.lack = of_baseline + of_contender;
  }
  return samples;
}

}  // namespace trainbench::report
