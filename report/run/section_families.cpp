#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "report/run/sections.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

constexpr std::size_t kMostFamilies = 40;
constexpr std::size_t kMostUserCounters = 12;

/// Metrics and times that any row has: times, then the registry's order, then user counters by name.
std::vector<Measure> measures_of(std::span<const Series> family) {
  std::set<std::string_view> names;
  bool real_time = false;
  bool cpu_time = false;
  for (const Series& series : family) {
    for (const Row* row : series.rows) {
      if (row->status != CaseStatus::ok) continue;
      real_time = real_time || row->real_seconds;
      cpu_time = cpu_time || row->cpu_seconds;
      for (const auto& [name, value] : row->metrics) names.insert(name);
    }
  }
  std::vector<Measure> measures;
  // In bench's own files the time is the time per step, which a metric says better, and the processor time is
  // that of the idle parent.
  const bool own = names.contains("step_time_ms") || names.contains("images_per_second");
  if (real_time && !own) measures.push_back({Quantity::real_time, ""});
  if (cpu_time && !own) measures.push_back({Quantity::cpu_time, ""});
  for (const MetricInfo& info : metric_registry()) {
    if (names.erase(info.name) > 0) measures.push_back({Quantity::metric, std::string(info.name)});
  }
  for (const std::string_view name : names) measures.push_back({Quantity::metric, std::string(name)});
  return measures;
}

bool is_user_counter(const Measure& measure) {
  return measure.quantity == Quantity::metric && find_metric(measure.metric) == nullptr;
}

bool is_setting(const Measure& measure) {
  const MetricInfo* info = measure.quantity == Quantity::metric ? find_metric(measure.metric) : nullptr;
  return info != nullptr && info->better == Better::neither;
}

std::string cell_of(const Series& series, const Measure& measure) {
  const auto estimate = estimate_of(series, measure);
  return estimate ? format_value(measure, estimate->median) : std::string(kNoValue);
}

/// Takes the settings that are the same in every row out of `measures`: they become one sentence.
std::string common_settings(std::span<const Series> family, std::vector<Measure>& measures) {
  std::string text;
  std::vector<Measure> kept;
  for (const Measure& measure : measures) {
    const std::string first = cell_of(family.front(), measure);
    const bool common =
        is_setting(measure) && std::all_of(family.begin(), family.end(),
                                           [&](const Series& one) { return cell_of(one, measure) == first; });
    if (!common) {
      kept.push_back(measure);
      continue;
    }
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", title_of(measure), first);
  }
  measures = std::move(kept);
  return text.empty() ? text : fmt::format("\nThe same in every row: {}.\n", escape_markdown(text));
}

std::string drop_surplus_counters(std::vector<Measure>& measures) {
  const auto count =
      static_cast<std::size_t>(std::count_if(measures.begin(), measures.end(), is_user_counter));
  if (count <= kMostUserCounters) return "";
  // User counters are the last ones.
  measures.resize(measures.size() - (count - kMostUserCounters));
  return fmt::format("\n{} further counters have no column; they are in the file.\n",
                     count - kMostUserCounters);
}

std::string status_of(const Series& series) {
  std::string text;
  for (const CaseStatus status : {CaseStatus::failed, CaseStatus::skipped}) {
    const std::size_t count = count_status(series, status);
    if (count == 0) continue;
    const auto row = std::find_if(series.rows.begin(), series.rows.end(),
                                  [&](const Row* one) { return one->status == status; });
    text += fmt::format("{}{} {}: {}", text.empty() ? "" : "; ", count, to_string(status), (*row)->reason);
  }
  return text.empty() ? "ok" : text;
}

bool all_ok(std::span<const Series> family) {
  return std::all_of(family.begin(), family.end(), [](const Series& series) {
    return count_status(series, CaseStatus::ok) == series.rows.size();
  });
}

class FamilyTable {
 public:
  FamilyTable(const ReportInput& input, std::span<const Series> family, bool whole_names)
      : input_(input),
        family_(family),
        whole_names_(whole_names),
        measures_(measures_of(family)),
        primary_(primary_measure(family)),
        all_ok_(all_ok(family)) {
    settings_ = common_settings(family, measures_);
    surplus_ = drop_surplus_counters(measures_);
    if (!whole_names_) collect_arguments();
  }

  std::string markdown() {
    MarkdownTable table(columns());
    const std::size_t shown = shown_rows(input_, family_.size());
    for (const Series& series : family_.first(shown)) table.add_row(cells(series));
    return table.str() + settings_ + surplus_ + more_rows_line(input_, family_.size());
  }

  const Measure& primary() const { return primary_; }

 private:
  void collect_arguments() {
    for (const Series& series : family_) {
      for (const Argument& argument : series.name.arguments) {
        if (std::find(arguments_.begin(), arguments_.end(), argument.name) == arguments_.end())
          arguments_.push_back(argument.name);
      }
    }
  }

  std::vector<Column> columns() const {
    std::vector<Column> columns;
    if (input_.runs.size() > 1) columns.push_back({"Run"});
    if (whole_names_ || arguments_.empty()) columns.push_back({"Benchmark", Align::left});
    for (const std::string& argument : arguments_) columns.push_back({argument});
    for (const Measure& measure : measures_) columns.push_back({title_of(measure)});
    columns.push_back({"Noise"});
    columns.push_back({"n"});
    if (!all_ok_) columns.push_back({"Status", Align::left});
    return columns;
  }

  std::vector<std::string> cells(const Series& series) const {
    std::vector<std::string> cells;
    if (input_.runs.size() > 1) cells.push_back(fmt::format("{}", series.run + 1));
    if (whole_names_ || arguments_.empty()) cells.emplace_back(series.benchmark);
    for (const std::string& name : arguments_) {
      const auto found = std::find_if(series.name.arguments.begin(), series.name.arguments.end(),
                                      [&](const Argument& argument) { return argument.name == name; });
      cells.push_back(found == series.name.arguments.end() ? std::string(kNoValue) : found->value);
    }
    for (const Measure& measure : measures_) cells.push_back(cell_of(series, measure));
    const auto estimate = estimate_of(series, primary_);
    cells.push_back(estimate && estimate->noise ? format_percent(*estimate->noise) : std::string(kNoValue));
    cells.push_back(fmt::format("{}", count_status(series, CaseStatus::ok)));
    if (!all_ok_) cells.push_back(status_of(series));
    return cells;
  }

  const ReportInput& input_;
  std::span<const Series> family_;
  bool whole_names_;
  std::vector<Measure> measures_;
  Measure primary_;
  bool all_ok_;
  std::string settings_;
  std::string surplus_;
  std::vector<std::string> arguments_;
};

/// What a reader must know before trusting the numbers, each sentence once with how many rows say it.
std::map<std::string, std::size_t> warnings_of(std::span<const Series> family) {
  std::map<std::string, std::size_t> warnings;
  for (const Series& series : family) {
    for (const Row* row : series.rows) {
      for (const std::string& warning : row->warnings) {
        // Older workers say it too; once is enough.
        if (row->injected.empty() || !warning.starts_with("A fault was injected")) ++warnings[warning];
      }
      if (!row->injected.empty()) ++warnings[fmt::format("A fault was injected: {}.", row->injected)];
    }
  }
  return warnings;
}

std::string warning_list(const std::map<std::string, std::size_t>& warnings) {
  if (warnings.empty()) return "";
  std::string text = "\n";
  for (const auto& [warning, count] : warnings)
    text += fmt::format("- {} ({} {})\n", escape_markdown(warning), count, count == 1 ? "row" : "rows");
  return text;
}

std::size_t count_status(std::span<const Series> family, CaseStatus status) {
  std::size_t count = 0;
  for (const Series& series : family) count += report::count_status(series, status);
  return count;
}

Section family_section(const ReportInput& input, std::span<const Series> family, bool whole_names) {
  FamilyTable table(input, family, whole_names);
  const auto warnings = warnings_of(family);
  const std::size_t failed = count_status(family, CaseStatus::failed);
  Section section;
  section.title = whole_names ? "All benchmarks" : family.front().name.family;
  section.action_required = failed > 0 || !warnings.empty();
  if (failed > 0) {
    section.message = fmt::format("{} failed; the reasons stand in the table.",
                                  failed == 1 ? "1 row" : fmt::format("{} rows", failed));
  } else if (!warnings.empty()) {
    section.message = "read the warnings under the table before you trust the numbers.";
  } else {
    section.message =
        fmt::format("medians over n repetitions; Noise is the relative median absolute deviation of \"{}\".",
                    title_of(table.primary()));
  }
  section.body = table.markdown() + warning_list(warnings);
  return section;
}

}  // namespace

std::size_t shown_rows(const ReportInput& input, std::size_t num_rows) {
  return input.max_rows ? std::min(*input.max_rows, num_rows) : num_rows;
}

std::string more_rows_line(const ReportInput& input, std::size_t num_rows) {
  const std::size_t shown = shown_rows(input, num_rows);
  if (shown == num_rows) return "";
  return fmt::format("\n{} more rows are not shown: `--rows=all` shows them.\n",
                     format_fixed(static_cast<double>(num_rows - shown), 0));
}

std::vector<Section> family_sections(const ReportInput& input) {
  const auto families = group_families(input.series);
  std::vector<Section> sections;
  if (families.size() > kMostFamilies) {
    sections.push_back(family_section(input, input.series, true));
    return sections;
  }
  for (const auto& family : families) {
    // On a machine without a GPU every rung of its ladder would be a table of its own; "Failed and skipped"
    // has them all in one.
    const bool measured = count_status(family, CaseStatus::ok) + count_status(family, CaseStatus::failed) > 0;
    if (measured) sections.push_back(family_section(input, family, false));
  }
  return sections;
}

}  // namespace trainbench::report
