#include <fmt/format.h>

#include <algorithm>

#include "report/profile/profile_sections.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"

namespace trainbench::report {
namespace {

using namespace profile;  // NOLINT: this file prints what that layer computes

std::string micros(double ns) {
  return format_fixed(ns * 1e-3, 2);
}

std::int64_t time_of(const ProfileSums& sums, TensorCores value) {
  std::int64_t sum = 0;
  for (const KernelRow& row : sums.kernels) sum += row.tensor_cores == value ? row.time_ns : 0;
  return sum;
}

std::vector<std::string> kernel_cells(const ProfileSums& sums, const KernelRow& row, std::int64_t all_ns) {
  const double mean_ns = static_cast<double>(row.time_ns) / static_cast<double>(row.launches);
  return {row.kernel,
          row.operator_name,
          std::string(to_string(row.phase)),
          joined_words(row.layers),
          count_per_step(sums, row.launches),
          ms_per_step(sums, row.time_ns),
          format_percent(static_cast<double>(row.time_ns) / static_cast<double>(all_ns)),
          micros(mean_ns),
          micros(static_cast<double>(row.shortest_ns)),
          micros(static_cast<double>(row.longest_ns)),
          std::string(to_string(row.tensor_cores))};
}

}  // namespace

std::string section_device(const ProfileSums& sums) {
  const DeviceTime& time = sums.device;
  MarkdownTable table({{"GPU time", Align::left}, {"ms/step"}, {"Share"}});
  const std::pair<const char*, std::int64_t> rows[] = {
      {"busy", time.busy_ns},
      {"idle: host-bound (not launched yet)", time.host_bound_ns},
      {"idle: launch latency", time.launch_latency_ns},
      {"idle: back to back", time.back_to_back_ns},
      {"idle: dependency or synchronisation", time.dependency_ns},
      {"idle: recording and loading of code", time.recording_ns},
      {"idle: launch unknown", time.unknown_ns},
      {"idle: behind the last record", time.drained_ns},
      {"(sum)", time.busy_ns + time.idle_ns()},
  };
  for (const auto& [name, ns] : rows)
    table.add_row({name, ms_per_step(sums, ns), format_percent(sums.share(ns))});
  return fmt::format(
      "\n## GPU time\n\n{}\nA gap of up to {} µs behind a launch that was already there counts as back to "
      "back. "
      "At least two at once: {} ms a step; copies {} ms, of which {} ms while no kernel ran.\n",
      table.str(), kBackToBackNs / 1000, ms_per_step(sums, time.concurrent_ns),
      ms_per_step(sums, time.copy_ns), ms_per_step(sums, time.exposed_copy_ns));
}

std::string section_launches(const ProfileSums& sums, MaxRows max_rows) {
  if (sums.launches.empty()) return "";
  MarkdownTable table({{"First kernel", Align::left},
                       {"Operator", Align::left},
                       {"Phase", Align::left},
                       {"Calls/step"},
                       {"Call µs"},
                       {"Queue µs"},
                       {"Kernel µs"}});
  const std::size_t count = max_rows ? std::min(sums.launches.size(), *max_rows) : sums.launches.size();
  std::int64_t all = 0;
  for (const LaunchRow& row : sums.launches) all += row.api_ns;
  for (std::size_t i = 0; i < count; ++i) {
    const LaunchRow& row = sums.launches[i];
    const auto mean = [&](std::int64_t ns) {
      return micros(static_cast<double>(ns) / static_cast<double>(row.calls));
    };
    table.add_row({row.kernel, row.operator_name, std::string(to_string(row.phase)),
                   count_per_step(sums, row.calls), mean(row.api_ns), mean(row.queue_ns),
                   mean(row.kernel_ns)});
  }
  const auto empty = sums.queue_depths.find(0);
  std::string text = fmt::format(
      "\n## Launches\n\nMeans of the host's time in the call, from its end to the kernel's begin, and of the "
      "kernel. All calls together: {} ms a step. Calls whose work has not begun: {} in the median, none for "
      "{} "
      "of the step.\n\n{}",
      ms_per_step(sums, all), median_depth(sums.queue_depths).value_or(0),
      format_percent(sums.share(empty == sums.queue_depths.end() ? 0 : empty->second)), table.str());
  if (count < sums.launches.size())
    text += fmt::format("\n{} more rows are left out.\n", sums.launches.size() - count);
  return text;
}

std::string section_kernels(const ProfileSums& sums, MaxRows max_rows) {
  if (sums.kernels.empty()) return "";
  std::int64_t all = 0;
  for (const KernelRow& row : sums.kernels) all += row.time_ns;
  MarkdownTable table({{"Kernel", Align::left},
                       {"Operator", Align::left},
                       {"Phase", Align::left},
                       {"Layers", Align::left},
                       {"Launches/step"},
                       {"ms/step"},
                       {"Share"},
                       {"Mean µs"},
                       {"Min µs"},
                       {"Max µs"},
                       {"Tensor cores", Align::left}});
  const std::size_t count = max_rows ? std::min(sums.kernels.size(), *max_rows) : sums.kernels.size();
  std::int64_t rest = all;
  for (std::size_t i = 0; i < count; ++i) {
    rest -= sums.kernels[i].time_ns;
    table.add_row(kernel_cells(sums, sums.kernels[i], all));
  }
  const auto share = [&](TensorCores value) {
    return format_percent(static_cast<double>(time_of(sums, value)) / static_cast<double>(all));
  };
  std::string text = fmt::format(
      "\n## Kernels\n\nOf the kernels' {} ms a step, {} ran on tensor cores by their names, {} not, {} "
      "unknown.\n\n{}",
      ms_per_step(sums, all), share(TensorCores::yes), share(TensorCores::no), share(TensorCores::unknown),
      table.str());
  if (count < sums.kernels.size()) {
    text += fmt::format("\n{} more rows, {} ms a step together, are left out.\n", sums.kernels.size() - count,
                        ms_per_step(sums, rest));
  }
  return text;
}

std::string section_copies(const ProfileSums& sums) {
  if (sums.copies.empty()) return "";
  MarkdownTable table({{"Copy", Align::left},
                       {"Host memory", Align::left},
                       {"Count/step"},
                       {"MiB/step"},
                       {"ms/step"},
                       {"GB/s"}});
  const auto steps = static_cast<double>(sums.steps);
  for (const CopyRow& row : sums.copies) {
    const auto bytes = static_cast<double>(row.bytes);
    table.add_row({row.name, row.pageable ? "pageable" : std::string(kNoValue),
                   format_fixed(static_cast<double>(row.count) / steps, 1),
                   format_fixed(bytes / steps / (1024.0 * 1024.0), 3), ms_per_step(sums, row.time_ns),
                   row.time_ns == 0 ? std::string(kNoValue)
                                    : format_fixed(bytes / static_cast<double>(row.time_ns), 1)});
  }
  return "\n## Copies and sets\n\n" + table.str();
}

}  // namespace trainbench::report
