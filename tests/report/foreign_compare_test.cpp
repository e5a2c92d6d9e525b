#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/files.hpp"
#include "tests/report/comparison_sides.hpp"
#include "tests/report/run_program.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

/// Files of other programs through bench-report itself: ten processes a side, 1 % of noise.
class ForeignCompare : public TemporaryFolder {
 protected:
  static constexpr std::size_t kProcesses = 10;

  std::string file(const std::string& name, const std::string& content) const {
    fs::create_directories((folder_ / name).parent_path());
    write_file_atomically(folder_ / name, content);
    return (folder_ / name).string();
  }

  /// A folder of files, each made of one time.
  template <class MakeText>
  std::string side(const std::string& name, double seconds, unsigned seed, MakeText text) const {
    const std::vector<double> times = noisy(kProcesses, seconds, 0.01, seed);
    for (std::size_t i = 0; i < times.size(); ++i) file(fmt::format("{}/{}.json", name, i), text(times[i]));
    return (folder_ / name).string();
  }

  static Outcome compare(const std::string& sides) {
    return run_bench_report_program("compare --format=text " + sides);
  }
};

std::string nvbench(double seconds) {
  return fmt::format(
      R"({{"devices": [{{"id": 0, "name": "G"}}], "benchmarks": [{{"name": "copy", "states": [{{"device": 0,)"
      R"("axis_values": null, "is_skipped": false, "summaries": [{{"tag": "nv/cold/time/gpu/mean",)"
      R"("data": [{{"name": "value", "type": "float64", "value": "{}"}}]}}]}}]}}]}})",
      seconds);
}

std::string pytest_benchmark(double seconds) {
  return fmt::format(
      R"({{"machine_info": {{"machine": "x86_64"}}, "benchmarks": [{{"fullname": "t.py::copy",)"
      R"("stats": {{"median": {}}}}}], "version": "5.1.0"}})",
      seconds);
}

TEST_F(ForeignCompare, FindsARegressionInNvbench) {
  const std::string base = side("a", 2e-4, 1, nvbench);
  EXPECT_EQ(compare(base + " " + side("b", 2e-4, 2, nvbench)).code, 0);
  const Outcome worse = compare(base + " " + side("c", 2.2e-4, 3, nvbench));
  EXPECT_EQ(worse.code, 10);
  EXPECT_THAT(worse.output, HasSubstr("REGRESSED (strong) copy Time +"));
}

TEST_F(ForeignCompare, FindsARegressionInPytestBenchmark) {
  const std::string base = side("a", 2e-6, 1, pytest_benchmark);
  EXPECT_EQ(compare(base + " " + side("b", 2e-6, 2, pytest_benchmark)).code, 0);
  const Outcome worse = compare(base + " " + side("c", 2.2e-6, 3, pytest_benchmark));
  EXPECT_EQ(worse.code, 10);
  EXPECT_THAT(worse.output, HasSubstr("REGRESSED (strong) t.py::copy Time +"));
}

TEST_F(ForeignCompare, CountsEachRunOfHyperfineAsAProcess) {
  const auto one_file = [&](const std::string& name, double seconds, unsigned seed, int exit_code) {
    return file(name,
                fmt::format(R"({{"results": [{{"command": "sort", "times": [{}], "exit_codes": [{}]}}]}})",
                            fmt::join(noisy(kProcesses, seconds, 0.01, seed), ", "),
                            fmt::join(std::vector<int>(kProcesses, exit_code), ", ")));
  };
  const std::string base = one_file("a.json", 0.2, 1, 0);
  const Outcome alike = compare(base + " " + one_file("b.json", 0.2, 2, 0));
  EXPECT_EQ(alike.code, 0);
  EXPECT_THAT(alike.output, HasSubstr("n 10"));
  EXPECT_EQ(compare(base + " " + one_file("c.json", 0.22, 3, 0)).code, 10);
  const Outcome failing = compare(base + " " + one_file("d.json", 0.01, 4, 1));
  EXPECT_EQ(failing.code, 13);
  EXPECT_THAT(failing.output, HasSubstr("not measured in the same way (exit_code: '0' and '1')"));
}

TEST_F(ForeignCompare, OfDifferentGpusIs20) {
  const auto other = [](double seconds) {
    std::string text = nvbench(seconds);
    return text.replace(text.find("\"G\""), 3, "\"H\"");
  };
  const Outcome outcome = compare(side("a", 2e-4, 1, nvbench) + " " + side("b", 2e-4, 2, other));
  EXPECT_EQ(outcome.code, 20);
  EXPECT_THAT(outcome.output, HasSubstr("gpu_0: 'G' and 'H'"));
}

TEST_F(ForeignCompare, OfBrokenFilesIs21AndOfBadTimes13) {
  const std::string base = side("a", 2e-4, 1, nvbench);
  const Outcome cut = compare(base + " " + file("cut.json", nvbench(1).substr(0, 60)));
  EXPECT_EQ(cut.code, 21);
  EXPECT_THAT(cut.output, HasSubstr("cut.json' is not valid JSON"));
  EXPECT_EQ(compare(base + " " + file("type.json", R"({"devices": [], "benchmarks": {}})")).code, 21);
  EXPECT_EQ(compare(base + " " + file("h.json", R"({"results": [{"command": "a", "times": {}}]})")).code, 21);
  EXPECT_EQ(compare(base + " " + file("p.json", R"({"machine_info": 1})")).code, 21);
  const Outcome negative = compare(base + " " + side("b", -2e-4, 2, nvbench));
  EXPECT_EQ(negative.code, 13);
  EXPECT_THAT(negative.output, HasSubstr("a value is zero or negative"));
  const auto nan = [](double) { return nvbench(std::nan("")); };
  EXPECT_EQ(compare(base + " " + side("c", 1, 3, nan)).code, 13);
}

TEST_F(ForeignCompare, ReportsThemToo) {
  for (const char* name :
       {"nvbench_1.json", "hyperfine_1.json", "hyperfine_2.json", "pytest_benchmark.json"}) {
    const Outcome outcome =
        run_bench_report_program(TRAINBENCH_TESTS_DIR "/report/testdata/" + std::string(name));
    EXPECT_EQ(outcome.code, 0) << name;
    EXPECT_THAT(outcome.output, HasSubstr(name));
  }
}

}  // namespace
}  // namespace trainbench::report
