#include <fmt/format.h>

#include <algorithm>

#include "report/run/ratio.hpp"
#include "report/run/sections.hpp"
#include "report/run/study.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

const Measure kStep{Quantity::metric, "step_time_ms"};
const Measure kSyncedStep{Quantity::metric, "synced_step_time_ms"};
const Measure kRunAhead{Quantity::metric, "run_ahead_percent"};

/// The families that train as `fp32` does, but with AMP.
std::vector<std::string> amp_families(const std::string& fp32) {
  if (fp32 == kExp3) return {std::string(kExp4), std::string(kExp5)};
  constexpr std::string_view kPart = "_FP32_";
  const std::size_t at = fp32.find(kPart);
  if (at == std::string::npos) return {};
  std::vector<std::string> families;
  for (const std::string_view amp : {"_AMP_FP16_", "_AMP_BF16_"})
    families.push_back(std::string(fp32).replace(at, kPart.size(), amp));
  return families;
}

bool same_arguments(const Series& a, const Series& b) {
  return a.run == b.run && a.name.arguments == b.name.arguments;
}

std::string saving_line(const ReportInput& input, const Series& fp32, const Series& amp) {
  const auto memory = ratio_of(fp32, amp, kGpuMemory, kZoneConfidence);
  if (!memory) return "";
  std::string line = fmt::format(
      "{} against {}: {} allocated against {}, {}", label_of(amp, input.runs.size()),
      label_of(fp32, input.runs.size()), format_value(kGpuMemory, estimate_of(amp, kGpuMemory)->median),
      format_value(kGpuMemory, estimate_of(fp32, kGpuMemory)->median), format_saving(*memory));
  if (const auto speed = ratio_of(fp32, amp, kThroughput, kZoneConfidence))
    line += fmt::format("; throughput {}", format_ratio(*speed));
  return fmt::format("- {}.\n", escape_markdown(line));
}

std::string saving_lines(const ReportInput& input) {
  std::string lines;
  for (const Series& fp32 : input.series) {
    for (const std::string& family : amp_families(fp32.name.family)) {
      for (const Series& amp : input.series) {
        if (amp.name.family == family && same_arguments(fp32, amp)) lines += saving_line(input, fp32, amp);
      }
    }
  }
  if (lines.empty()) return "";
  return fmt::format("AMP against FP32 at the same batch:\n\n{}", lines);
}

std::string run_ahead_of(const Series& series) {
  if (const auto stated = estimate_of(series, kRunAhead)) return format_value(kRunAhead, stated->median);
  const auto streaming = estimate_of(series, kStep);
  const auto synced = estimate_of(series, kSyncedStep);
  if (!streaming || synced->median <= 0) return std::string(kNoValue);
  return format_percent(1 - streaming->median / synced->median);
}

std::string run_ahead_table(const ReportInput& input) {
  std::vector<const Series*> rows;
  for (const Series& series : input.series) {
    if (estimate_of(series, kSyncedStep)) rows.push_back(&series);
  }
  if (rows.empty()) return "";
  MarkdownTable table(
      {{"Benchmark", Align::left}, {"Streaming step"}, {"Synced step"}, {"Run-ahead"}, {"n"}});
  const std::size_t shown = shown_rows(input, rows.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const Series& series = *rows[i];
    const auto streaming = estimate_of(series, kStep);
    const auto synced = estimate_of(series, kSyncedStep);
    table.add_row({label_of(series, input.runs.size()),
                   streaming ? format_value(kStep, streaming->median) : std::string(kNoValue),
                   format_value(kSyncedStep, synced->median), run_ahead_of(series),
                   fmt::format("{}", synced->num_values)});
  }
  return fmt::format(
      "{}{}\nThe synced step waits for the device after each step; run-ahead is its share that a streaming "
      "run hides.\n",
      table.str(), more_rows_line(input, rows.size()));
}

}  // namespace

std::optional<Section> gpu_section(const ReportInput& input) {
  const std::string savings = saving_lines(input);
  const std::string run_ahead = run_ahead_table(input);
  if (savings.empty() && run_ahead.empty()) return std::nullopt;
  Section section{.title = "GPU: memory under AMP, and run-ahead",
                  .action_required = false,
                  .message = "medians over n repetitions; in brackets 90 % intervals.",
                  .body = savings};
  if (!savings.empty() && !run_ahead.empty()) section.body += "\n";
  section.body += run_ahead;
  return section;
}

}  // namespace trainbench::report
