// What bench-report itself costs, on files as large as it promises to read within a second.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <random>
#include <string>
#include <system_error>
#include <vector>

#include "report/compare/compare.hpp"
#include "report/compare/render_comparison.hpp"
#include "report/results/read_results.hpp"
#include "report/run/report.hpp"
#include "src/base/files.hpp"
#include "src/stats/change_points.hpp"

namespace trainbench::report {
namespace {

namespace fs = std::filesystem;

constexpr double kNoise = 0.01;

/// A folder of results that is gone when the program ends.
class Results {
 public:
  Results() : folder_(fs::temp_directory_path() / fmt::format("report-cost-{}", ::getpid())) {
    create_folders(folder_);
  }
  ~Results() {
    std::error_code ignored;  // what cannot be removed is left to the system
    fs::remove_all(folder_, ignored);
  }
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;

  /// One result of Google Benchmark of `rows` benchmarks, written at the first call.
  std::string file(const std::string& name, std::int64_t rows) {
    const fs::path path = folder_ / fmt::format("{}-{}.json", name, rows);
    if (!fs::exists(path)) write_file_atomically(path, text_of(rows));
    return path.string();
  }

  /// `files` such results, each of a process of its own.
  std::vector<std::string> side(const std::string& name, std::int64_t files, std::int64_t rows) {
    std::vector<std::string> paths;
    for (std::int64_t i = 0; i < files; ++i) paths.push_back(file(fmt::format("{}-{}", name, i), rows));
    return paths;
  }

 private:
  std::string text_of(std::int64_t rows) {
    std::normal_distribution<double> noise(0, kNoise);
    std::string text = R"({"context": {"date": "2026-01-01T00:00:00+00:00", "num_cpus": 2}, "benchmarks": [)";
    for (std::int64_t i = 0; i < rows; ++i) {
      const double ns = static_cast<double>(1000 + i % 97) * std::exp(noise(generator_));
      text += fmt::format(
          "{}{{\"name\": \"BM_work/size:{}\", \"run_name\": \"BM_work/size:{}\", \"run_type\": "
          "\"iteration\", "
          "\"repetitions\": 1, \"repetition_index\": 0, \"threads\": 1, \"iterations\": 100, "
          "\"real_time\": {:.17e}, \"cpu_time\": {:.17e}, \"time_unit\": \"ns\", "
          "\"bytes_per_second\": {:.17e}, \"misses\": {}}}",
          i == 0 ? "\n" : ",\n", i, i, ns, ns, 1e9 / ns, i);
    }
    return text + "\n]}\n";
  }

  fs::path folder_;
  std::mt19937_64 generator_{1};
};

Results& results() {
  static Results all;
  return all;
}

/// From a file to rows.
void read(benchmark::State& state) {
  const std::string file = results().file("one", state.range(0));
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(read_results(file));
}

/// From a file to markdown: all that bench-report FILE does.
void report(benchmark::State& state) {
  const std::string file = results().file("one", state.range(0));
  for ([[maybe_unused]] auto _ : state) {
    const std::vector<ResultSet> runs = {read_results(file)};
    const std::vector<Series> series = group_series(runs);
    benchmark::DoNotOptimize(render_report(runs, series, {}));
  }
}

/// From two sides' files to markdown: all that bench-report compare does.
void compare_sides(benchmark::State& state) {
  const auto baseline = results().side("baseline", state.range(0), state.range(1));
  const auto contender = results().side("contender", state.range(0), state.range(1));
  for ([[maybe_unused]] auto _ : state) {
    const Comparison comparison =
        compare(read_side(baseline, ExitCode::unreadable), read_side(contender, ExitCode::unreadable), {});
    benchmark::DoNotOptimize(comparison_markdown(comparison));
  }
}

/// A history that steps up and down again, nine times in all.
void change_points(benchmark::State& state) {
  constexpr std::int64_t kStretch = 500;
  std::mt19937_64 generator(1);
  std::normal_distribution<double> noise(0, kNoise);
  std::vector<double> values;
  for (std::int64_t i = 0; i < state.range(0); ++i)
    values.push_back((i / kStretch % 2 == 0 ? 0 : 5 * kNoise) + noise(generator));
  for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(stats::find_change_points(values));
}

BENCHMARK(read)
    ->Name("Report_Read")
    ->ArgName("rows")
    ->Arg(100'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(report)
    ->Name("Report_Write")
    ->ArgName("rows")
    ->Arg(100'000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(compare_sides)
    ->Name("Report_Compare")
    ->ArgNames({"files", "rows"})
    ->Args({20, 1000})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();
BENCHMARK(change_points)
    ->Name("Report_ChangePoints")
    ->ArgName("points")
    ->Arg(5000)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace trainbench::report

BENCHMARK_MAIN();
