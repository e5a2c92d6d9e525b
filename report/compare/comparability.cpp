#include "report/compare/comparability.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace trainbench::report {
namespace {

constexpr std::string_view kGatePrefix = "pair-";

/// Of the files whose partners could be read, where they have one.
std::set<std::string> names_of(const Side& side, const std::set<std::string>& left_out) {
  std::set<std::string> names;
  for (const SideFile& file : side.files) {
    if (!left_out.contains(file.name)) names.insert(file.name);
  }
  return names;
}

bool has_distinct_names(const Side& side) {
  return names_of(side, {}).size() == side.files.size();
}

bool written_by_gate(const std::set<std::string>& names) {
  return std::all_of(names.begin(), names.end(),
                     [](const std::string& name) { return name.starts_with(kGatePrefix); });
}

/// A name that only one of the sides has.
std::string name_without_partner(const std::set<std::string>& a, const std::set<std::string>& b) {
  for (const std::string& name : a) {
    if (!b.contains(name)) return name;
  }
  for (const std::string& name : b) {
    if (!a.contains(name)) return name;
  }
  return "";
}

/// Of the first file that says it.
Facts first_machine(const Side& side) {
  for (const SideFile& file : side.files) {
    if (Facts machine = machine_of(file.results); !machine.empty()) return machine;
  }
  return {};
}

InputError refusal(const std::string& a, const std::string& b, const std::string& difference) {
  return InputError(
      fmt::format(
          "Refused: '{}' and '{}' were measured on different machines ({}). Measure both on one, or give "
          "--allow_different_machine to see the numbers without a verdict that counts.",
          a, b, difference),
      ExitCode::not_comparable);
}

}  // namespace

Facts machine_of(const ResultSet& results) {
  if (!results.machine.empty()) return results.machine;
  if (!results.machine_fingerprint.empty()) return {{"machine_fingerprint", results.machine_fingerprint}};
  Facts machine;
  for (const char* fact : {"num_cpus", "caches"}) {
    if (const auto found = results.noted.find(fact); found != results.noted.end()) machine.insert(*found);
  }
  return machine;
}

std::string differing_facts(const Facts& a, const Facts& b) {
  std::set<std::string> names;
  for (const auto& [name, value] : a) names.insert(name);
  for (const auto& [name, value] : b) names.insert(name);
  std::string text;
  for (const std::string& name : names) {
    const std::string x = fact_or_unknown(a, name);
    const std::string y = fact_or_unknown(b, name);
    if (x != y) text += fmt::format("{}{}: '{}' and '{}'", text.empty() ? "" : ", ", name, x, y);
  }
  return text;
}

void check_machines(const Side& baseline, const Side& contender, bool allowed, Comparison& comparison) {
  comparison.baseline_machine = first_machine(baseline);
  comparison.contender_machine = first_machine(contender);
  const bool baseline_known = !comparison.baseline_machine.empty();
  if (!baseline_known || comparison.contender_machine.empty()) {
    comparison.warnings.emplace_back(
        "A side does not say on which machine it was measured: that both are of one is taken on trust.");
  }
  const Facts& expected = baseline_known ? comparison.baseline_machine : comparison.contender_machine;
  for (const Side* side : {&baseline, &contender}) {
    for (const SideFile& file : side->files) {
      const Facts machine = machine_of(file.results);
      const std::string difference = machine.empty() ? "" : differing_facts(expected, machine);
      if (difference.empty()) continue;
      if (!allowed) throw refusal(baseline.files.front().results.source, file.results.source, difference);
      if (!comparison.informational)
        comparison.warnings.push_back(fmt::format("The machines differ ({}): nothing is gated.", difference));
      comparison.informational = true;
    }
  }
}

bool decide_pairing(const Side& baseline, const Side& contender, Pairing pairing) {
  const std::set<std::string> names = names_of(baseline, contender.unreadable);
  const std::set<std::string> others = names_of(contender, baseline.unreadable);
  const bool single = baseline.files.size() == 1 && contender.files.size() == 1;
  const bool distinct = has_distinct_names(baseline) && has_distinct_names(contender);
  switch (pairing) {
    case Pairing::unpaired:
      return false;
    case Pairing::automatic:
      return names == others && distinct && written_by_gate(names);
    case Pairing::paired:
      break;
  }
  if (single || (names == others && distinct)) return true;
  const std::string lone = name_without_partner(names, others);
  throw InputError(fmt::format(
      "--paired matches files of equal name, and {}.",
      lone.empty() ? "some name occurs twice on a side" : fmt::format("'{}' is on one side only", lone)));
}

std::string differing_measurement(const Subject& baseline, const Subject& contender) {
  std::set<Facts> all = baseline.measurements;
  all.insert(contender.measurements.begin(), contender.measurements.end());
  if (all.size() < 2) return "";
  const bool within = baseline.measurements.size() > 1 || contender.measurements.size() > 1;
  return fmt::format("{} not measured in the same way ({})",
                     within ? "its repetitions were" : "the sides were",
                     differing_facts(*all.begin(), *all.rbegin()));
}

}  // namespace trainbench::report
