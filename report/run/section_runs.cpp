#include <fmt/format.h>

#include <algorithm>

#include "report/run/sections.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

std::string or_unknown(const std::string& text) {
  return text.empty() ? "unknown" : text;
}

std::string finished_of(const ResultSet& run) {
  if (!run.planned_cases) return fmt::format("{} rows", run.rows.size());
  return fmt::format("{} of {}", run.rows.size(), *run.planned_cases);
}

bool is_incomplete(const ResultSet& run) {
  return !run.faults.empty() || run.rows.empty();
}

std::string state_of(const ResultSet& run) {
  if (run.rows.empty()) return "no results";
  if (is_incomplete(run)) return "incomplete";
  if (run.exit_code) return fmt::format("ended with code {}", *run.exit_code);
  return "whole";
}

std::string message_for(std::span<const ResultSet> runs) {
  const auto incomplete = std::count_if(runs.begin(), runs.end(), is_incomplete);
  if (runs.size() == 1 && runs[0].rows.empty())
    return "the run holds no results: run it again, without --benchmark_report_aggregates_only.";
  if (incomplete > 0 && runs.size() == 1)
    return "the run is incomplete: what follows is what it finished; run it again for the rest.";
  if (incomplete > 0) {
    return fmt::format(
        "{} of {} runs are incomplete: what follows is what they finished; run them again for the rest.",
        incomplete, runs.size());
  }
  if (runs.size() == 1) return "one run, whole.";
  return fmt::format("{} runs, all whole; they are kept apart in every table.", runs.size());
}

}  // namespace

Section runs_section(const ReportInput& input) {
  Section section{.title = "Runs",
                  .action_required = std::any_of(input.runs.begin(), input.runs.end(), is_incomplete),
                  .message = message_for(input.runs),
                  .body = ""};
  MarkdownTable table({{"Run"},
                       {"Source", Align::left},
                       {"Started", Align::left},
                       {"Commit", Align::left},
                       {"Preset", Align::left},
                       {"Finished"},
                       {"State", Align::left}});
  for (std::size_t i = 0; i < input.runs.size(); ++i) {
    const ResultSet& run = input.runs[i];
    table.add_row({fmt::format("{}", i + 1), run.id.empty() ? run.source : run.id, or_unknown(run.started),
                   or_unknown(run.commit), or_unknown(run.preset), finished_of(run), state_of(run)});
  }
  section.body = table.str();
  std::string lines;
  for (std::size_t i = 0; i < input.runs.size(); ++i) {
    const std::string prefix = input.runs.size() > 1 ? fmt::format("Run {}: ", i + 1) : "";
    for (const auto* sentences : {&input.runs[i].faults, &input.runs[i].notes}) {
      for (const std::string& sentence : *sentences)
        lines += fmt::format("- {}{}\n", prefix, escape_markdown(sentence));
    }
    if (!input.runs[i].command.empty())
      lines += fmt::format("- {}Command: {}\n", prefix, escape_markdown(input.runs[i].command));
  }
  if (!lines.empty()) section.body += "\n" + lines;
  return section;
}

}  // namespace trainbench::report
