#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "report/run/sections.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

std::string known_fingerprint(const std::string& value) {
  return value.empty() ? "unknown" : value;
}

/// One row a fact, one column a run; with `fingerprint_title`, the fingerprints below.
std::string facts_table(std::span<const ResultSet> runs, Facts ResultSet::*facts,
                        std::string_view fingerprint_title) {
  std::set<std::string> names;
  std::vector<Column> columns{{"Fact", Align::left}};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    columns.push_back({runs.size() == 1 ? "Value" : fmt::format("Run {}", i + 1), Align::left});
    for (const auto& [name, value] : runs[i].*facts) names.insert(name);
  }
  if (names.empty()) return "";
  MarkdownTable table(columns);
  const auto add = [&](const std::string& title, const auto& value_of) {
    std::vector<std::string> cells{title};
    for (const ResultSet& run : runs) cells.push_back(value_of(run));
    table.add_row(cells);
  };
  for (const std::string& name : names)
    add(name, [&](const ResultSet& run) { return fact_or_unknown(run.*facts, name); });
  if (!fingerprint_title.empty()) {
    add(std::string(fingerprint_title), [&](const ResultSet& run) {
      return (run.*facts).empty() ? known_fingerprint(run.machine_fingerprint) : fingerprint(run.*facts);
    });
  }
  return table.str();
}

struct Measured {
  std::string label;
  Facts facts;
};

/// What each benchmark measured; twice where its repetitions do not agree.
std::vector<Measured> measured_by(const ReportInput& input) {
  std::vector<Measured> all;
  for (const Series& series : input.series) {
    std::set<Facts> seen;
    for (const Row* row : series.rows) {
      if (!row->measurement.empty() && seen.insert(row->measurement).second)
        all.push_back({label_of(series, input.runs.size()), row->measurement});
    }
  }
  return all;
}

struct SplitFacts {
  Facts common;
  std::vector<std::string> differing;
};

SplitFacts split_facts(const std::vector<Measured>& all) {
  std::map<std::string, std::set<std::string>> values;
  for (const Measured& measured : all) {
    for (const auto& [name, value] : measured.facts) values[name];
  }
  for (auto& [name, found] : values) {
    for (const Measured& measured : all) found.insert(fact_or_unknown(measured.facts, name));
  }
  SplitFacts split;
  for (const auto& [name, found] : values) {
    if (found.size() == 1) {
      split.common[name] = *found.begin();
    } else {
      split.differing.push_back(name);
    }
  }
  return split;
}

std::string differing_table(const ReportInput& input, const std::vector<Measured>& all,
                            const std::vector<std::string>& names) {
  std::vector<Column> columns{{"Benchmark", Align::left}};
  for (const std::string& name : names) columns.push_back({name, Align::left});
  columns.push_back({"Measurement fingerprint", Align::left});
  MarkdownTable table(columns);
  const std::size_t shown = shown_rows(input, all.size());
  for (std::size_t i = 0; i < shown; ++i) {
    std::vector<std::string> cells{all[i].label};
    for (const std::string& name : names) cells.push_back(fact_or_unknown(all[i].facts, name));
    cells.push_back(fingerprint(all[i].facts));
    table.add_row(cells);
  }
  return fmt::format("\nMeasurement, by benchmark:\n\n{}{}", table.str(), more_rows_line(input, all.size()));
}

std::string measurement_tables(const ReportInput& input) {
  const std::vector<Measured> all = measured_by(input);
  if (all.empty()) return "";
  const SplitFacts split = split_facts(all);
  std::string text;
  MarkdownTable common({{"Fact", Align::left}, {"Value", Align::left}});
  for (const auto& [name, value] : split.common) common.add_row({name, value});
  if (split.differing.empty()) common.add_row({"Measurement fingerprint", fingerprint(split.common)});
  if (!common.empty()) text = fmt::format("\nMeasurement, the same in every benchmark:\n\n{}", common.str());
  return split.differing.empty() ? text : text + differing_table(input, all, split.differing);
}

/// What the repetitions of each benchmark noted: one row a benchmark, ranges over its repetitions.
std::string noted_by_benchmark(const ReportInput& input) {
  std::set<std::string> names;
  std::vector<const Series*> noting;
  for (const Series& series : input.series) {
    const std::size_t before = noting.size();
    for (const Row* row : series.rows) {
      if (!row->noted.empty() && noting.size() == before) noting.push_back(&series);
      for (const auto& [name, value] : row->noted) names.insert(name);
    }
  }
  if (noting.empty()) return "";
  std::vector<Column> columns{{"Benchmark", Align::left}};
  for (const std::string& name : names) columns.push_back({name, Align::left});
  MarkdownTable table(columns);
  const std::size_t shown = shown_rows(input, noting.size());
  for (std::size_t i = 0; i < shown; ++i) {
    std::vector<std::string> cells{label_of(*noting[i], input.runs.size())};
    for (const std::string& name : names) {
      std::set<std::string> values;
      for (const Row* row : noting[i]->rows) {
        if (!row->noted.empty()) values.insert(fact_or_unknown(row->noted, name));
      }
      cells.push_back(format_range(values));
    }
    table.add_row(cells);
  }
  return fmt::format("\nNoted by benchmark, from the smallest to the largest of its repetitions:\n\n{}{}",
                     table.str(), more_rows_line(input, noting.size()));
}

/// Among the runs that say where they ran: Google Benchmark's files do not.
bool machines_differ(std::span<const ResultSet> runs) {
  std::set<Facts> machines;
  for (const ResultSet& run : runs) {
    if (!run.machine.empty()) machines.insert(run.machine);
  }
  return machines.size() > 1;
}

bool scales_frequency(const ResultSet& run) {
  return fact_or_unknown(run.noted, "cpu_scaling_enabled") == "yes";
}

/// What stands where no run has facts of its machine.
std::string fingerprint_line(std::span<const ResultSet> runs) {
  std::string text;
  for (const ResultSet& run : runs)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", known_fingerprint(run.machine_fingerprint));
  const bool all_unknown = std::all_of(runs.begin(), runs.end(),
                                       [](const ResultSet& run) { return run.machine_fingerprint.empty(); });
  return fmt::format("Machine fingerprint: {}.\n", all_unknown ? "unknown" : escape_markdown(text));
}

}  // namespace

Section environment_section(const ReportInput& input) {
  Section section;
  section.title = "Environment";
  section.message = "what the numbers hold for.";
  if (machines_differ(input.runs)) {
    section.action_required = true;
    section.message = "the runs come from different machines: do not set their numbers side by side.";
  } else if (std::any_of(input.runs.begin(), input.runs.end(), scales_frequency)) {
    section.action_required = true;
    section.message =
        "the processor changed its clock while this ran, so times vary: set its governor to performance.";
  }
  const std::string machine = facts_table(input.runs, &ResultSet::machine, "Machine fingerprint");
  section.body += machine.empty() ? fingerprint_line(input.runs) : "Machine:\n\n" + machine;
  section.body += measurement_tables(input);
  const std::string noted = facts_table(input.runs, &ResultSet::noted, "");
  if (!noted.empty()) section.body += "\nNoted, outside the fingerprints:\n\n" + noted;
  section.body += noted_by_benchmark(input);
  return section;
}

}  // namespace trainbench::report
