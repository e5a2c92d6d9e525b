#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "report/history/store/run_record.hpp"

namespace trainbench::report::history {

/// A run of one benchmark, of the commit with the number, measured in one process for each value.
inline RunRecord kept_run(const std::string& id, std::optional<std::int64_t> number,
                          const std::string& started, std::vector<double> values = {1.0}) {
  RunRecord record;
  record.id = id;
  record.started = started;
  record.branch = "main";
  record.commit = {
      .hash = fmt::format("{:040x}", number.value_or(0xabc)), .subject = "A commit", .number = number};
  record.machine_fingerprint = "0123456789abcdef";
  record.machine = {{"cpu", "Example"}};
  record.series.push_back({.benchmark = "BM_a/8",
                           .metric = "real_time",
                           .measurement_fingerprint = "",
                           .values = std::move(values)});
  return record;
}

}  // namespace trainbench::report::history
