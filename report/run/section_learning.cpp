#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "report/run/sections.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"
#include "src/stats/summary.hpp"

namespace trainbench::report {
namespace {

struct EpochValues {
  std::vector<double> loss;
  std::vector<double> accuracy;
  std::vector<double> seconds;
};

std::map<int, EpochValues> epochs_of(const Series& series) {
  std::map<int, EpochValues> epochs;
  for (const Row* row : series.rows) {
    if (row->status != CaseStatus::ok) continue;
    for (const EpochRecord& record : row->epochs) {
      EpochValues& values = epochs[record.epoch];
      values.loss.push_back(record.mean_loss);
      values.accuracy.push_back(record.test_accuracy);
      values.seconds.push_back(record.seconds);
    }
  }
  return epochs;
}

bool learned(const std::map<int, EpochValues>& epochs) {
  return epochs.size() < 2 ||
         *stats::median(epochs.rbegin()->second.loss) < *stats::median(epochs.begin()->second.loss);
}

}  // namespace

std::optional<Section> learning_section(const ReportInput& input) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> not_learned;
  for (const Series& series : input.series) {
    const auto epochs = epochs_of(series);
    const std::string label = label_of(series, input.runs.size());
    if (!learned(epochs)) not_learned.push_back(label);
    for (const auto& [epoch, values] : epochs) {
      rows.push_back({label, fmt::format("{}", epoch), format_fixed(*stats::median(values.loss), 4),
                      fmt::format("{} %", format_fixed(*stats::median(values.accuracy), 2)),
                      format_seconds(*stats::median(values.seconds)), fmt::format("{}", values.loss.size())});
    }
  }
  if (rows.empty()) return std::nullopt;
  MarkdownTable table(
      {{"Benchmark", Align::left}, {"Epoch"}, {"Mean loss"}, {"Test accuracy"}, {"Training time"}, {"n"}});
  const std::size_t shown = shown_rows(input, rows.size());
  for (std::size_t i = 0; i < shown; ++i) table.add_row(rows[i]);
  Section section{.title = "Learning",
                  .action_required = !not_learned.empty(),
                  .message = "medians over n repetitions; the time leaves the evaluations out.",
                  .body = table.str() + more_rows_line(input, rows.size())};
  if (!not_learned.empty()) {
    section.message = fmt::format("the loss of {} did not fall: check its learning rate and data.",
                                  escape_markdown(not_learned.front()));
  }
  return section;
}

}  // namespace trainbench::report
