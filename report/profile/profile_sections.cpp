#include "report/profile/profile_sections.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

using namespace profile;  // NOLINT: this file prints what that layer computes

constexpr double kMib = 1024.0 * 1024.0;
constexpr std::size_t kMostWords = 3;
constexpr std::string_view kNotHeardOf = "(not heard of)";

std::string mib(double bytes) {
  return format_fixed(bytes / kMib, 2);
}

std::string phase_name(StepPhase phase) {
  return std::string(phase == StepPhase::none ? kNoValue : to_string(phase));
}

std::string or_none(const std::string& text) {
  return text.empty() ? std::string(kNoValue) : text;
}

std::size_t shown(std::size_t rows, MaxRows max_rows) {
  return max_rows ? std::min(rows, *max_rows) : rows;
}

std::string gflops(double flops, std::int64_t ns) {
  return ns == 0 ? std::string(kNoValue) : format_fixed(flops / static_cast<double>(ns), 1);
}

const OperatorRow* find(const std::vector<OperatorRow>& rows, const HostRow& row) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const OperatorRow& candidate) {
    return candidate.phase == row.phase && candidate.name == row.name;
  });
  return found == rows.end() ? nullptr : &*found;
}

void add_device_cells(const ProfileSums& sums, const OperatorRow& row, std::vector<std::string>& cells) {
  cells.push_back(count_per_step(sums, row.launches));
  cells.push_back(ms_per_step(sums, row.device_ns));
}

std::vector<std::string> host_cells(const ProfileSums& sums, const HostRow& row) {
  const OperatorRow* details = row.is_operator ? find(sums.operators, row) : nullptr;
  const std::string none(kNoValue);
  std::vector<std::string> cells = {phase_name(row.phase), row.name,
                                    row.is_operator ? count_per_step(sums, row.calls) : none,
                                    ms_per_step(sums, row.self_ns), format_percent(sums.share(row.self_ns))};
  if (details == nullptr) {
    cells.resize(sums.has_device ? 11 : 9, none);
    return cells;
  }
  cells.push_back(ms_per_step(sums, details->total_ns));
  if (sums.has_device) add_device_cells(sums, *details, cells);
  cells.push_back(mib(static_cast<double>(details->allocated_bytes) / static_cast<double>(sums.steps)));
  cells.push_back(joined_words(details->dtypes));
  cells.push_back(joined_words(details->implementations));
  return cells;
}

/// Operators that are no part of the main thread's sum.
std::vector<OperatorRow> operators_beside(const ProfileSums& sums) {
  std::vector<OperatorRow> rows;
  std::copy_if(sums.operators.begin(), sums.operators.end(), std::back_inserter(rows),
               [&](const OperatorRow& row) {
                 return std::none_of(sums.host.begin(), sums.host.end(), [&](const HostRow& host) {
                   return host.phase == row.phase && host.name == row.name;
                 });
               });
  return rows;
}

std::string other_threads(const ProfileSums& sums, const std::vector<OperatorRow>& rows, MaxRows max_rows) {
  std::vector<Column> columns = {
      {"Phase", Align::left}, {"Operator", Align::left}, {"Calls/step"}, {"Self ms"}, {"Total ms"}};
  if (sums.has_device) columns.insert(columns.end(), {{"Launches/step"}, {"GPU ms"}});
  MarkdownTable table(columns);
  std::size_t count = 0;
  for (const OperatorRow& row : rows) {
    if (row.calls == 0 || (max_rows && count >= *max_rows)) continue;
    ++count;
    std::vector<std::string> cells = {phase_name(row.phase), row.name, count_per_step(sums, row.calls),
                                      ms_per_step(sums, row.self_ns), ms_per_step(sums, row.total_ns)};
    if (sums.has_device) add_device_cells(sums, row, cells);
    table.add_row(cells);
  }
  return table.empty() ? "" : "\nOn other threads:\n\n" + table.str();
}

/// What a CUDA graph's launches run: operators that were called once, when it was captured.
std::string captured_operators(const ProfileSums& sums, std::vector<OperatorRow> rows, MaxRows max_rows) {
  std::erase_if(rows, [](const OperatorRow& row) { return row.calls > 0 || row.device_ns == 0; });
  std::stable_sort(rows.begin(), rows.end(),
                   [](const OperatorRow& a, const OperatorRow& b) { return a.device_ns > b.device_ns; });
  MarkdownTable table({{"Phase", Align::left}, {"Operator", Align::left}, {"Launches/step"}, {"GPU ms"}});
  const std::size_t count = shown(rows.size(), max_rows);
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<std::string> cells = {phase_name(rows[i].phase), rows[i].name};
    add_device_cells(sums, rows[i], cells);
    table.add_row(cells);
  }
  return table.empty() ? ""
                       : "\nCaptured in a CUDA graph before these steps, and replayed:\n\n" + table.str();
}

std::vector<std::string> memory_cells(const MemoryRow& row) {
  const std::string none(kNoValue);
  const std::string bytes = mib(static_cast<double>(row.bytes));
  if (!row.heard_of) return {none, none, std::string(kNotHeardOf), none, none, bytes};
  return {phase_name(row.phase),
          or_none(row.layer),
          row.operator_name.empty() ? "(outside operators)" : row.operator_name,
          std::string(to_string(row.memory_class)),
          std::to_string(row.blocks),
          bytes};
}

}  // namespace

std::string ms_per_step(const ProfileSums& sums, std::int64_t ns) {
  return format_fixed(sums.per_step_ms(ns), 3);
}

std::string count_per_step(const ProfileSums& sums, std::int64_t count) {
  const double value = static_cast<double>(count) / static_cast<double>(sums.steps);
  return format_fixed(value, count % sums.steps == 0 ? 0 : 1);
}

std::string joined_words(const std::set<std::string>& words) {
  if (words.empty()) return std::string(kNoValue);
  std::string text;
  std::size_t count = 0;
  for (const std::string& word : words) {
    if (count++ == kMostWords) return text + fmt::format(", {} more", words.size() - kMostWords);
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

std::string section_operators(const ProfileSums& sums, MaxRows max_rows) {
  std::vector<Column> columns = {{"Phase", Align::left},
                                 {"Operator", Align::left},
                                 {"Calls/step"},
                                 {"Self ms"},
                                 {"Share"},
                                 {"Total ms"}};
  if (sums.has_device) columns.insert(columns.end(), {{"Launches/step"}, {"GPU ms"}});
  columns.insert(columns.end(), {{"Allocated MiB"}, {"Type", Align::left}, {"Implementation", Align::left}});
  MarkdownTable table(columns);
  const std::size_t count = shown(sums.host.size(), max_rows);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) table.add_row(host_cells(sums, sums.host[i]));
  HostRow rest{.name = fmt::format("({} smaller rows)", sums.host.size() - count), .is_operator = false};
  for (std::size_t i = count; i < sums.host.size(); ++i) rest.self_ns += sums.host[i].self_ns;
  if (count < sums.host.size()) table.add_row(host_cells(sums, rest));
  for (const HostRow& row : sums.host) sum += row.self_ns;
  const std::int64_t covered = covered_ns(sums.host);
  const std::vector<OperatorRow> beside = operators_beside(sums);
  return fmt::format(
      "\n## Operators\n\nThe main thread's time per step: self times and what lies outside operators. "
      "{} operators + {} outside = {} ms of {} ms ({}).\n\n{}{}",
      ms_per_step(sums, covered), ms_per_step(sums, sum - covered), ms_per_step(sums, sum),
      ms_per_step(sums, sums.window_ns), format_percent(sums.share(sum)), table.str(),
      other_threads(sums, beside, max_rows) + captured_operators(sums, beside, max_rows));
}

std::string section_layers(const ProfileSums& sums, MaxRows max_rows) {
  if (sums.layers.size() < 2) return "";
  std::vector<Column> columns = {
      {"Layer", Align::left}, {"Forward ms"}, {"Backward ms"}, {"Other ms"}, {"Share"}};
  if (sums.has_device) columns.push_back({"GPU ms"});
  MarkdownTable table(columns);
  const auto add = [&](const std::string& name, const LayerRow& row) {
    std::vector<std::string> cells = {
        name, ms_per_step(sums, row.forward_ns), ms_per_step(sums, row.backward_ns),
        ms_per_step(sums, row.other_ns),
        format_percent(sums.share(row.forward_ns + row.backward_ns + row.other_ns))};
    if (sums.has_device) cells.push_back(ms_per_step(sums, row.device_ns));
    table.add_row(cells);
  };
  const std::size_t count = shown(sums.layers.size(), max_rows);
  for (std::size_t i = 0; i < count; ++i)
    add(sums.layers[i].layer.empty() ? "(no layer)" : sums.layers[i].layer, sums.layers[i]);
  LayerRow rest;
  for (std::size_t i = count; i < sums.layers.size(); ++i) {
    rest.forward_ns += sums.layers[i].forward_ns;
    rest.backward_ns += sums.layers[i].backward_ns;
    rest.other_ns += sums.layers[i].other_ns;
    rest.device_ns += sums.layers[i].device_ns;
  }
  if (count < sums.layers.size()) add(fmt::format("({} more layers)", sums.layers.size() - count), rest);
  return fmt::format(
      "\n## Layers\n\nSelf time of operators per step; backward nodes stand with their forward operator's "
      "layer.\n\n{}",
      table.str());
}

std::string section_phases(const ProfileSums& sums) {
  std::vector<Column> columns = {
      {"Phase", Align::left}, {"ms"}, {"Share"}, {"In operators ms"}, {"Outside ms"}};
  if (sums.has_device) columns.push_back({"GPU ms launched"});
  MarkdownTable table(columns);
  for (const PhaseRow& row : sums.phases) {
    std::vector<std::string> cells = {
        row.phase == StepPhase::none ? "(between phases)" : phase_name(row.phase),
        ms_per_step(sums, row.wall_ns), format_percent(sums.share(row.wall_ns)),
        ms_per_step(sums, row.operators_ns), ms_per_step(sums, row.wall_ns - row.operators_ns)};
    if (sums.has_device) cells.push_back(ms_per_step(sums, row.device_ns));
    table.add_row(cells);
  }
  return "\n## Phases\n\n" + table.str();
}

std::string section_convolutions(const ProfileSums& sums, MaxRows max_rows) {
  if (sums.convolutions.empty()) return "";
  MarkdownTable table({{"Layer", Align::left},
                       {"Weight", Align::left},
                       {"GFLOP forward"},
                       {"Forward ms"},
                       {"GFLOP/s"},
                       {"GFLOP backward"},
                       {"Backward ms"},
                       {"GFLOP/s"}});
  const std::size_t count = shown(sums.convolutions.size(), max_rows);
  const auto steps = static_cast<double>(sums.steps);
  for (std::size_t i = 0; i < count; ++i) {
    const ConvolutionWork& row = sums.convolutions[i];
    table.add_row({or_none(row.layer), row.weight, format_fixed(row.forward_flops * 1e-9 / steps, 3),
                   ms_per_step(sums, row.forward_ns), gflops(row.forward_flops, row.forward_ns),
                   format_fixed(row.backward_flops * 1e-9 / steps, 3), ms_per_step(sums, row.backward_ns),
                   gflops(row.backward_flops, row.backward_ns)});
  }
  std::string text = fmt::format(
      "\n## Convolutions\n\nWork by formula, taps on padding counted, over {}.\n\n{}",
      sums.has_device ? "the GPU's time for the operator" : "the host's time in the operator", table.str());
  if (count < sums.convolutions.size())
    text += fmt::format("\n{} more are left out.\n", sums.convolutions.size() - count);
  return text;
}

std::string section_memory(const ProfileSums& sums, MaxRows max_rows) {
  std::string text;
  for (const MemoryPeak& peak : sums.peaks) {
    const std::string where = peak.device == kHostMemory ? "host" : fmt::format("GPU {}", peak.device);
    std::map<MemoryClass, std::int64_t> classes;
    std::int64_t unheard = 0;
    for (const MemoryRow& row : peak.rows) (row.heard_of ? classes[row.memory_class] : unheard) += row.bytes;
    MarkdownTable by_class({{"Class", Align::left}, {"MiB"}});
    for (const auto& [memory_class, bytes] : classes)
      by_class.add_row({std::string(to_string(memory_class)), mib(static_cast<double>(bytes))});
    if (unheard != 0) by_class.add_row({std::string(kNotHeardOf), mib(static_cast<double>(unheard))});
    by_class.add_row({"(sum)", mib(static_cast<double>(peak.bytes))});
    MarkdownTable by_owner({{"Phase", Align::left},
                            {"Layer", Align::left},
                            {"Operator", Align::left},
                            {"Class", Align::left},
                            {"Blocks"},
                            {"MiB"}});
    const std::size_t count = shown(peak.rows.size(), max_rows);
    std::int64_t rest = peak.bytes;
    for (std::size_t i = 0; i < count; ++i) {
      const MemoryRow& row = peak.rows[i];
      rest -= row.bytes;
      by_owner.add_row(memory_cells(row));
    }
    if (count < peak.rows.size()) {
      by_owner.add_row({std::string(kNoValue), std::string(kNoValue),
                        fmt::format("({} smaller rows)", peak.rows.size() - count), std::string(kNoValue),
                        std::string(kNoValue), mib(static_cast<double>(rest))});
    }
    text += fmt::format("\n## Memory at the peak, {}\n\n{}\n{}", where, by_class.str(), by_owner.str());
  }
  return text;
}

}  // namespace trainbench::report
