#include "src/measure/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>
#include <stdexcept>

namespace trainbench {
namespace {

TEST(MetricRegistry, HasEachNameAndTitleOnce) {
  std::set<std::string_view> names;
  std::set<std::string_view> titles;
  for (const MetricInfo& info : metric_registry()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    EXPECT_TRUE(titles.insert(info.title).second) << info.title;
  }
}

TEST(MetricRegistry, TakesNoNameOfGoogleBenchmarksOwnKeys) {
  // Counters stand beside the library's keys: a counter "iterations" would be a second key of that name.
  const std::set<std::string_view> taken = {"name",
                                            "family_index",
                                            "per_family_instance_index",
                                            "run_name",
                                            "run_type",
                                            "repetitions",
                                            "threads",
                                            "repetition_index",
                                            "iterations",
                                            "real_time",
                                            "cpu_time",
                                            "time_unit",
                                            "aggregate_name",
                                            "aggregate_unit",
                                            "error_occurred",
                                            "error_message",
                                            "skipped",
                                            "skip_message",
                                            "label",
                                            "big_o",
                                            "rms",
                                            "real_coefficient",
                                            "cpu_coefficient",
                                            "allocs_per_iter",
                                            "max_bytes_used",
                                            "total_allocated_bytes",
                                            "net_heap_growth",
                                            "bytes_per_second",
                                            "items_per_second"};
  for (const MetricInfo& info : metric_registry()) EXPECT_FALSE(taken.contains(info.name)) << info.name;
}

TEST(MetricRegistry, IsInSnakeCaseWithAMeaningEach) {
  for (const MetricInfo& info : metric_registry()) {
    EXPECT_EQ(info.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string_view::npos)
        << info.name;
    EXPECT_FALSE(info.title.empty()) << info.name;
    EXPECT_FALSE(info.meaning.empty()) << info.name;
    EXPECT_GE(info.decimals, 0) << info.name;
    EXPECT_GE(info.relative_zone, 0) << info.name;
    EXPECT_GE(info.absolute_zone, 0) << info.name;
  }
}

TEST(FindMetric, GivesNothingForAnUnknownName) {
  EXPECT_EQ(find_metric("step_time_ms")->unit, "ms");
  EXPECT_EQ(find_metric("step_time"), nullptr);
  EXPECT_EQ(find_metric(""), nullptr);
}

TEST(SetMetric, RefusesUnknownNamesAndNonFiniteValues) {
  Metrics metrics;
  set_metric(metrics, "steps", 40);
  EXPECT_EQ(metrics.at("steps"), 40);
  EXPECT_THROW(set_metric(metrics, "stepps", 1), std::logic_error);
  EXPECT_THROW(set_metric(metrics, "steps", std::nan("")), std::logic_error);
  EXPECT_THROW(set_metric(metrics, "steps", std::numeric_limits<double>::infinity()), std::logic_error);
  EXPECT_EQ(metrics.at("steps"), 40);
}

}  // namespace
}  // namespace trainbench
