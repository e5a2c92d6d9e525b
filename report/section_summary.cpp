#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "report/format.hpp"
#include "report/markdown.hpp"
#include "report/sections.hpp"
#include "src/stats/rank_tests.hpp"

namespace trainbench::report {
namespace {

constexpr std::size_t kMostColumns = 6;
constexpr double kConfidence = 0.95;
// Above this the medians of a handful of processes say little; the study's effects start at a few percent.
constexpr double kNoisy = 0.05;

// The study trained for five epochs and tested on the whole test set.
constexpr std::string_view kStudyEpochs = "5";
constexpr std::string_view kStudyTestImages = "10000";

const Measure kThroughput{Quantity::metric, "images_per_second"};

double throughput_of(const Series& series) {
  const auto estimate = estimate_of(series, kThroughput);
  return estimate ? estimate->median : 0;
}

/// The experiments of the table: those with a throughput; of each family the fastest where they are too many.
std::vector<const Series*> columns_of(const std::vector<const Series*>& all) {
  if (all.size() <= kMostColumns) return all;
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

/// The fact where all repetitions agree; "unknown" where it is not known.
std::string fact_of(const Series& series, const std::string& name) {
  std::set<std::string> values;
  for (const Row* row : series.rows) {
    const auto found = row->measurement.find(name);
    if (row->status == CaseStatus::ok && found != row->measurement.end()) values.insert(found->second);
  }
  if (values.empty()) return "unknown";
  return values.size() == 1 ? *values.begin() : "differs";
}

std::string trained_on(const Series& series) {
  const auto steps = estimate_of(series, {Quantity::metric, "steps"});
  return fmt::format("{}, {} steps", fact_of(series, "data_set"),
                     steps ? format_fixed(steps->median, 0) : "unknown");
}

/// The first fault that was injected into the series, or nothing.
std::string injected_into(const Series& series) {
  for (const Row* row : series.rows) {
    if (!row->injected.empty()) return row->injected;
  }
  return "";
}

/// "yes" where all of the study's conditions hold: a preset alone says nothing once --epochs=1 stands beside
/// it.
std::string comparable_with_study(const ReportInput& input, const Series& series) {
  const std::string& preset = input.runs[series.run].preset;
  if (preset != "full") return fmt::format("no: preset {}", preset.empty() ? "unknown" : preset);
  const std::string data_set = fact_of(series, "data_set");
  if (data_set != "cifar10") return fmt::format("no: data set {}", data_set);
  const std::string epochs = fact_of(series, "epochs");
  const std::string length = fact_of(series, "length");
  if (length != fmt::format("{} epochs", epochs == "unknown" ? kStudyEpochs : epochs))
    return fmt::format("no: trained for {}", length);
  const std::vector<double> extrapolated = values_of(series, {Quantity::metric, "epoch_extrapolated"});
  if (std::any_of(extrapolated.begin(), extrapolated.end(), [](double value) { return value != 0; }))
    return "no: epoch time extrapolated";
  if (extrapolated.empty()) return "no: unknown whether whole epochs ran";
  const std::string test_images = fact_of(series, "test_images");
  if (test_images != kStudyTestImages) return fmt::format("no: test images {}", test_images);
  const std::string injected = injected_into(series);
  return injected.empty() ? "yes" : fmt::format("no: injected {}", injected);
}

std::string speed_up(const Series& reference, const Series& series) {
  if (&reference == &series) return "1x (reference)";
  const std::vector<double> baseline = values_of(reference, kThroughput);
  const std::vector<double> contender = values_of(series, kThroughput);
  const auto estimate = stats::hodges_lehmann_ratio(baseline, contender, kConfidence);
  if (!estimate) return std::string(kNoValue);
  if (!estimate->interval) {
    return fmt::format("{} (n = {} against {}: too few for an interval)", format_ratio(estimate->ratio),
                       contender.size(), baseline.size());
  }
  const auto [lower, upper, confidence] = *estimate->interval;
  if (lower <= 1 && upper >= 1)
    return fmt::format("not told apart ({} to {})", format_ratio(lower), format_ratio(upper));
  return fmt::format("{} ({} to {})", format_ratio(estimate->ratio), format_ratio(lower),
                     format_ratio(upper));
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

std::string study_table(const ReportInput& input, const std::vector<const Series*>& columns) {
  std::vector<Column> headings{{"", Align::left}};
  for (const Series* series : columns) headings.push_back({label_of(*series, input.runs.size())});
  MarkdownTable table(headings);
  add_row(table, "Epoch time", columns, epoch_cell);
  add_metric_row(table, columns, "images_per_second");
  add_metric_row(table, columns, "time_to_accuracy_s");
  const Measure accuracy{Quantity::metric, "test_accuracy"};
  const bool any_accuracy = std::any_of(columns.begin(), columns.end(), [&](const Series* series) {
    return estimate_of(*series, accuracy).has_value();
  });
  if (any_accuracy) {
    add_metric_row(table, columns, "test_accuracy");
    add_row(table, "… trained on", columns, trained_on);
    add_row(table, "… test images", columns,
            [](const Series& series) { return fact_of(series, "test_images"); });
    add_row(table, "… comparable with the study", columns,
            [&](const Series& series) { return comparable_with_study(input, series); });
  }
  for (const char* name : {"peak_rss_mib", "gpu_peak_allocated_mib", "gpu_peak_reserved_mib"})
    add_metric_row(table, columns, name);
  add_row(table, "Speed-up", columns,
          [&](const Series& series) { return speed_up(*columns.front(), series); });
  add_row(table, "n", columns,
          [](const Series& series) { return fmt::format("{}", values_of(series, kThroughput).size()); });
  return table.str();
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
  const std::vector<const Series*> columns = columns_of(all);
  if (columns.empty()) return std::nullopt;
  Section section;
  section.title = "Summary";
  set_message(columns, section);
  section.body = study_table(input, columns);
  section.body +=
      "\nSpeed-up is the ratio of throughputs against the first column (Hodges-Lehmann, 95 % interval over "
      "repetitions); where the interval holds 1, the noise does not let the two be ranked.\n";
  if (all.size() > columns.size())
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
