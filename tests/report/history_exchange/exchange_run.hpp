#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "report/history/store/run_record.hpp"
#include "src/base/files.hpp"

namespace trainbench::report::history {

/// A file of this folder's testdata.
inline std::string exchange_testdata(const std::string& name) {
  return (std::filesystem::path(TRAINBENCH_TESTS_DIR) / "report" / "history_exchange" / "testdata" / name)
      .string();
}

inline void expect_golden(const std::string& name, const std::string& actual) {
  if (std::getenv("UPDATE_GOLDEN") != nullptr) write_file_atomically(exchange_testdata(name), actual);
  EXPECT_EQ(actual, read_file(exchange_testdata(name))) << name;
}

/// A run with series of all sorts: times of a foreign program, metrics of our own, counters, and a name full
/// of markup.
inline RunRecord exchange_run() {
  RunRecord run;
  run.id = "20260102T030405Z-example";
  run.started = "2026-01-02T03:04:05Z";
  run.branch = "main";
  run.commit = {.hash = "0123456789abcdef0123456789abcdef01234567", .subject = "A change", .number = 12};
  run.machine = {{"cores", "8"}, {"cpu", "Example \"CPU\""}, {"gpu", "none"}};
  run.machine_fingerprint = "00112233aabbccdd";
  const auto add = [&](const char* benchmark, const char* metric, std::vector<double> values) {
    run.series.push_back({.benchmark = benchmark,
                          .metric = metric,
                          .measurement_fingerprint = "",
                          .values = std::move(values)});
  };
  add("BM_a/8", "cpu_time", {0.001});
  add("BM_a/8", "real_time", {0.0011, 0.001, 0.0012});
  add("BM_a/8", "widgets", {3});
  add("BM_<b>\"x\",|`y`", "real_time", {1e-9});
  add("Exp1/batch:128/precision:amp", "images_per_second", {512.5, 500});
  add("Exp1/batch:128/precision:amp", "ops_per_step", {1234});
  add("Exp1/batch:128/precision:amp", "step_time_ms", {250, 256});
  run.series.back().measurement_fingerprint = "feedfacefeedface";
  return run;
}

}  // namespace trainbench::report::history
