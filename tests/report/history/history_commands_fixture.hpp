#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "report/history/store/store.hpp"
#include "src/base/files.hpp"
#include "tests/report/run_program.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report::history {

/// Runs the program itself in a folder of the test's, in which the history is "history".
class HistoryCommands : public TemporaryFolder {
 protected:
  std::string file(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    write_file_atomically(folder_ / name, content);
    return (folder_ / name).string();
  }

  /// A result as another program writes it, of one benchmark; `context` goes into the file's context.
  std::string result(const std::string& name, double milliseconds, const std::string& context = "") const {
    return file(name, fmt::format(R"({{"context": {{"date": "2026-11-25T12:00:00+00:00", "num_cpus": 2{}}}, )"
                                  R"("benchmarks": [{{"name": "BM_a/8", "run_type": "iteration", )"
                                  R"("real_time": {}, "cpu_time": 1, "time_unit": "ms"}}]}})",
                                  context, milliseconds));
  }

  Outcome history(const std::string& arguments, const std::string& variables = "") const {
    return run_bench_report_program(
        "history " + arguments,
        "cd '" + folder_.string() +
            "' && env -u GITHUB_REF_NAME -u GITHUB_SHA -u CI_COMMIT_BRANCH -u CI_COMMIT_SHA -u GIT_DIR "
            "GIT_CEILING_DIRECTORIES='" +
            folder_.parent_path().string() + "' " + variables);
  }

  void expect_failure(const std::string& arguments, int code, const std::string& sentence) const {
    const Outcome outcome = history(arguments);
    EXPECT_EQ(outcome.code, code) << arguments << "\n" << outcome.output;
    EXPECT_THAT(outcome.output, testing::StartsWith("bench-report: ")) << arguments;
    EXPECT_THAT(outcome.output, testing::HasSubstr(sentence)) << arguments;
    EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
  }

  RunSummary only_run() const {
    const std::vector<RunSummary> runs = Store(folder_ / "history").runs();
    EXPECT_THAT(runs, testing::SizeIs(1));
    return runs.empty() ? RunSummary() : runs.front();
  }
};

}  // namespace trainbench::report::history
