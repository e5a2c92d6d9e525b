#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "report/run/ratio.hpp"
#include "report/run/sections.hpp"
#include "report/run/study.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

constexpr std::size_t kMostColumns = 6;
// Above this the medians of a handful of processes say little; the study's effects start at a few percent.
constexpr double kNoisy = 0.05;

double throughput_of(const Series& series) {
  const auto estimate = estimate_of(series, kThroughput);
  return estimate ? estimate->median : 0;
}

/// Of each family and run the fastest.
std::vector<const Series*> fastest_of(const std::vector<const Series*>& all) {
  std::vector<const Series*> fastest;
  for (const Series* series : all) {
    const auto same = std::find_if(fastest.begin(), fastest.end(), [&](const Series* other) {
      return other->run == series->run && other->name.family == series->name.family;
    });
    if (same == fastest.end()) {
      fastest.push_back(series);
    } else if (throughput_of(*series) > throughput_of(**same)) {
      *same = series;
    }
  }
  return fastest;
}

/// The experiments of the table, and those below it.
struct Shown {
  std::vector<const Series*> columns;
  std::vector<const Series*> below;
};

/// Those with a throughput; of each family the fastest where they are too many; and of these the study's
/// where they still are too many: the others become rows of a table of their own.
Shown choose(const std::vector<const Series*>& all) {
  if (all.size() <= kMostColumns) return {all, {}};
  Shown shown{fastest_of(all), {}};
  if (shown.columns.size() <= kMostColumns) return shown;
  const auto others = std::stable_partition(shown.columns.begin(), shown.columns.end(),
                                            [](const Series* one) { return is_of_study(one->name.family); });
  if (others == shown.columns.begin()) return shown;
  shown.below.assign(others, shown.columns.end());
  shown.columns.erase(others, shown.columns.end());
  return shown;
}

std::string value_with_noise(const Series& series, const Measure& measure) {
  const auto estimate = estimate_of(series, measure);
  if (!estimate) return std::string(kNoValue);
  std::string value = format_value(measure, estimate->median);
  if (!estimate->mad) return value;
  const MetricInfo* info = find_metric(measure.metric);
  if (info != nullptr && info->unit == "%")
    return fmt::format("{} ± {} points", value, format_fixed(*estimate->mad, info->decimals));
  return estimate->noise ? fmt::format("{} ± {}", value, format_percent(*estimate->noise)) : value;
}

std::string epoch_cell(const Series& series) {
  const std::string cell = value_with_noise(series, {Quantity::metric, "epoch_time_s"});
  const auto extrapolated = estimate_of(series, {Quantity::metric, "epoch_extrapolated"});
  return extrapolated && extrapolated->median > 0 ? cell + " (extrapolated)" : cell;
}

std::string trained_on(const Series& series) {
  const auto steps = estimate_of(series, {Quantity::metric, "steps"});
  return fmt::format("{}, {} steps", fact_of(series, "data_set"),
                     steps ? format_fixed(steps->median, 0) : "unknown");
}

std::string speed_up(const Series& reference, const Series& series) {
  if (&reference == &series) return "1x (reference)";
  const auto estimate = ratio_of(reference, series, kThroughput, kConfidence);
  if (!estimate) return std::string(kNoValue);
  if (!estimate->interval) {
    return fmt::format("{} (n = {} against {}: too few for an interval)", format_ratio(estimate->ratio),
                       values_of(series, kThroughput).size(), values_of(reference, kThroughput).size());
  }
  const auto [lower, upper, confidence] = *estimate->interval;
  if (lower <= 1 && upper >= 1)
    return fmt::format("not told apart ({} to {})", format_ratio(lower), format_ratio(upper));
  return format_ratio(*estimate);
}

template <typename Cell>
void add_row(MarkdownTable& table, const std::string& title, const std::vector<const Series*>& columns,
             Cell cell) {
  std::vector<std::string> cells{title};
  bool any = false;
  for (const Series* series : columns) {
    cells.push_back(cell(*series));
    any = any || cells.back() != kNoValue;
  }
  if (any) table.add_row(cells);
}

void add_metric_row(MarkdownTable& table, const std::vector<const Series*>& columns,
                    const std::string& name) {
  const Measure measure{Quantity::metric, name};
  add_row(table, title_of(measure), columns,
          [&](const Series& series) { return value_with_noise(series, measure); });
}

/// The study's own figure, where the column is one of its experiments.
template <typename Cell>
void add_study_row(MarkdownTable& table, const std::vector<const Series*>& columns, Cell cell) {
  add_row(table, "… the study's, elsewhere", columns, [&](const Series& series) {
    const StudyExperiment* experiment = study_experiment(series);
    return experiment == nullptr ? std::string(kNoValue) : cell(series, *experiment);
  });
}

void add_accuracy_rows(MarkdownTable& table, const ReportInput& input,
                       const std::vector<const Series*>& columns) {
  const Measure accuracy{Quantity::metric, "test_accuracy"};
  const bool any_accuracy = std::any_of(columns.begin(), columns.end(), [&](const Series* series) {
    return estimate_of(*series, accuracy).has_value();
  });
  if (!any_accuracy) return;
  add_metric_row(table, columns, "test_accuracy");
  add_study_row(table, columns, [&](const Series& series, const StudyExperiment& experiment) {
    const bool comparable = comparable_with_study(input, series) == "yes";
    return comparable ? fmt::format("~{} %", experiment.accuracy_percent) : std::string(kNoValue);
  });
  add_row(table, "… trained on", columns, trained_on);
  add_row(table, "… test images", columns,
          [](const Series& series) { return fact_of(series, "test_images"); });
  add_row(table, "… comparable with the study", columns,
          [&](const Series& series) { return comparable_with_study(input, series); });
}

void add_memory_rows(MarkdownTable& table, const std::vector<const Series*>& columns) {
  for (const char* name :
       {"peak_rss_mib", "gpu_peak_allocated_mib", "gpu_peak_reserved_mib", "gpu_process_mib"})
    add_metric_row(table, columns, name);
  add_study_row(table, columns, [](const Series& series, const StudyExperiment& experiment) {
    const bool any = estimate_of(series, {Quantity::metric, "gpu_peak_allocated_mib"}).has_value();
    return any && experiment.gpu_memory_mb ? fmt::format("~{} MB of the GPU", *experiment.gpu_memory_mb)
                                           : std::string(kNoValue);
  });
}

std::string study_table(const ReportInput& input, const std::vector<const Series*>& columns) {
  std::vector<Column> headings{{"", Align::left}};
  for (const Series* series : columns) headings.push_back({label_of(*series, input.runs.size())});
  MarkdownTable table(headings);
  add_row(table, "Epoch time", columns, epoch_cell);
  add_study_row(table, columns, [](const Series&, const StudyExperiment& experiment) {
    return fmt::format("~{} s", format_fixed(experiment.epoch_time_s, 1));
  });
  add_metric_row(table, columns, "images_per_second");
  add_study_row(table, columns, [](const Series&, const StudyExperiment& experiment) {
    return fmt::format("~{} images/s", format_fixed(experiment.images_per_second, 0));
  });
  add_metric_row(table, columns, "time_to_accuracy_s");
  add_accuracy_rows(table, input, columns);
  add_memory_rows(table, columns);
  add_row(table, "Speed-up", columns,
          [&](const Series& series) { return speed_up(*columns.front(), series); });
  add_row(table, "n", columns,
          [](const Series& series) { return fmt::format("{}", values_of(series, kThroughput).size()); });
  return table.str();
}

/// The experiments that are no column: a row each.
std::string table_below(const ReportInput& input, const Series& reference,
                        const std::vector<const Series*>& rows) {
  if (rows.empty()) return "";
  const Measure memory{Quantity::metric, "gpu_peak_allocated_mib"};
  MarkdownTable table(
      {{"Benchmark", Align::left}, {title_of(kThroughput)}, {"Speed-up"}, {title_of(memory)}, {"n"}});
  const std::size_t shown = shown_rows(input, rows.size());
  for (std::size_t i = 0; i < shown; ++i) {
    const Series& series = *rows[i];
    table.add_row({label_of(series, input.runs.size()), value_with_noise(series, kThroughput),
                   speed_up(reference, series), value_with_noise(series, memory),
                   fmt::format("{}", values_of(series, kThroughput).size())});
  }
  return fmt::format("\nThe other experiments, against the same first column:\n\n{}{}", table.str(),
                     more_rows_line(input, rows.size()));
}

bool any_of_study(const std::vector<const Series*>& columns) {
  return std::any_of(columns.begin(), columns.end(),
                     [](const Series* series) { return study_experiment(*series) != nullptr; });
}

/// The faults that were injected, each once.
std::set<std::string> injected_in(const std::vector<const Series*>& columns) {
  std::set<std::string> faults;
  for (const Series* series : columns) {
    for (const Row* row : series->rows) {
      if (!row->injected.empty()) faults.insert(row->injected);
    }
  }
  return faults;
}

void set_message(const std::vector<const Series*>& columns, Section& section) {
  const std::set<std::string> faults = injected_in(columns);
  std::size_t noisy = 0;
  for (const Series* series : columns) {
    const auto estimate = estimate_of(*series, kThroughput);
    if (estimate->noise && *estimate->noise > kNoisy) ++noisy;
  }
  section.action_required = !faults.empty() || noisy > 0;
  if (!faults.empty()) {
    section.message =
        fmt::format("a fault was injected ({}): these figures test a gate, do not publish them.",
                    escape_markdown(*faults.begin()));
  } else if (noisy > 0) {
    section.message = fmt::format(
        "the throughput of {} of {} experiments varies by more than 5 %: quieten the machine, or "
        "raise --benchmark_repetitions.",
        noisy, columns.size());
  } else {
    section.message = "medians over n repetitions ± their relative median absolute deviation.";
  }
}

}  // namespace

std::optional<Section> summary_section(const ReportInput& input) {
  std::set<std::string> left_out;
  const std::vector<const Series*> all = with_comparable_throughput(input.series, left_out);
  const auto [columns, below] = choose(all);
  if (columns.empty()) return std::nullopt;
  Section section;
  section.title = "Summary";
  set_message(columns, section);
  section.body = study_table(input, columns) + table_below(input, *columns.front(), below);
  section.body +=
      "\nSpeed-up is the ratio of throughputs against the first column (Hodges-Lehmann, 95 % interval over "
      "repetitions); where the interval holds 1, the noise does not let the two be ranked.\n";
  if (any_of_study(columns)) {
    section.body +=
        "\nThe study's figures are of its own machine, which it does not name, as it names neither the size "
        "of "
        "its epoch nor what of the GPU's memory it counted; its Exp 2 ran 6 threads.\n";
  }
  if (all.size() > columns.size() + below.size())
    section.body += "\nThere are more than six experiments: the fastest of each family is shown here.\n";
  if (!left_out.empty()) {
    section.body += fmt::format(
        "\nRows of the kind {} do other work than these: they have tables of their own below, and no "
        "speed-up.\n",
        escape_markdown(fmt::format("{}", fmt::join(left_out, ", "))));
  }
  return section;
}

}  // namespace trainbench::report
