#include "report/command_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "src/base/files.hpp"
#include "tests/report/testdata_path.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;
namespace fs = std::filesystem;

struct Outcome {
  int code = -1;
  std::string output;  // both streams
};

/// Runs the built program as a shell would.
Outcome run(const std::string& arguments) {
  const std::string command = "'" TRAINBENCH_BUILD_DIR "/bench-report' " + arguments + " 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return {};
  Outcome outcome;
  std::array<char, 4096> buffer{};
  for (std::size_t count = 0; (count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;)
    outcome.output.append(buffer.data(), count);
  const int status = ::pclose(pipe);
  if (WIFEXITED(status)) outcome.code = WEXITSTATUS(status);
  return outcome;
}

class CommandLine : public TemporaryFolder {
 protected:
  std::string file(const std::string& name, const std::string& content) const {
    write_file_atomically(folder_ / name, content);
    return (folder_ / name).string();
  }

  void expect_failure(const std::string& arguments, int code, const std::string& sentence) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, code) << arguments << "\n" << outcome.output;
    EXPECT_THAT(outcome.output, StartsWith("bench-report: ")) << arguments;
    EXPECT_THAT(outcome.output, HasSubstr(sentence)) << arguments;
    EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
  }
};

TEST_F(CommandLine, WithWrongUsageIs64) {
  expect_failure("", 64, "No RUN was given");
  expect_failure("--no_such_flag x.json", 64, "--no_such_flag");
  expect_failure("x.json -o", 64, "Try 'bench-report --help'.");
  expect_failure("--rows=0 x.json", 64, "--rows=0 is neither a number of rows from 1 nor 'all'.");
  expect_failure("--rows=-3 x.json", 64, "--rows=-3");
  expect_failure("--rows=12x x.json", 64, "--rows=12x");
}

TEST_F(CommandLine, WithUnreadableInputIs21) {
  expect_failure(folder_ / "none.json", 21, "none.json': No such file or directory.");
  expect_failure(std::string(5000, 'x'), 21, "File name too long.");
  expect_failure(folder_, 21, "holds neither journal.ndjson nor benchmark.json");
  expect_failure(file("empty.json", ""), 21, "empty.json' is empty: no benchmark was run.");
  expect_failure(file("text.json", "hello"), 21, "byte 0 is not '{'");
  expect_failure(file("shape.json", "{\"a\": 1}"), 21, "has no 'benchmarks' array");
  expect_failure(file("cut.json", "{\"context\": {}, \"benchmarks\": [ {\"na"), 21, "cut off at byte 32");
  expect_failure(file("empty.ndjson", ""), 21, "the run ended before its header was written");
  expect_failure(file("newer.ndjson", "{\"journal\":9,\"run\":{}}\n"), 21, "newer than this program's 1");
  expect_failure(file("binary.json", std::string("\x7f"
                                                 "ELF\0\0",
                                                 6)),
                 21, "byte 0 is not '{'");
}

TEST_F(CommandLine, OneBadRunOfSeveralWritesNothing) {
  const fs::path output = folder_ / "r.md";
  expect_failure(testdata("whole.ndjson") + " no_such_run -o " + output.string(), 21, "no_such_run");
  EXPECT_FALSE(fs::exists(output));
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(CommandLine, WithUnwritableOutputIs74) {
  const std::string input = testdata("whole.ndjson");
  expect_failure(input + " -o " + (folder_ / "none" / "r.md").string(), 74, "No such file or directory.");
  expect_failure(input + " -o " + folder_.string(), 74, "it is not a regular file");
  expect_failure(input + " -o /dev/null", 74, "Leave -o out to write to standard output.");
  if (fs::exists("/dev/full")) {
    const Outcome full = run(input + " >/dev/full");
    EXPECT_EQ(full.code, 74);
  }
}

TEST_F(CommandLine, NeverOverwritesTheResultsItReads) {
  const fs::path journal = folder_ / "journal.ndjson";
  fs::copy_file(testdata("whole.ndjson"), journal);
  const std::string before = read_file(journal);
  const std::string other = file("s.json", read_file(testdata("google_benchmark_1_9_5.json")));
  const std::string chart = file("s-time.svg", read_file(other));
  fs::create_symlink(other, folder_ / "link.json");
  const std::string in_folder = folder_.string() + " -o " + folder_.string();
  expect_failure(in_folder + "/journal.ndjson", 64, "would overwrite results of");
  expect_failure(in_folder + "/../" + folder_.filename().string() + "/journal.ndjson", 64, "-o report.md.");
  expect_failure(in_folder + "/benchmark.json", 64, "would overwrite results of");
  expect_failure(journal.string() + " -o " + (folder_ / "benchmark.json").string(), 64, "would overwrite");
  expect_failure(other + " -o " + other, 64, "The report '" + other + "' would overwrite");
  expect_failure(other + " -o " + (folder_ / "link.json").string(), 64, "would overwrite");
  expect_failure(chart + " -o " + (folder_ / "s.md").string(), 64, "The report's chart '" + chart + "'");
  EXPECT_EQ(read_file(journal), before);
  EXPECT_EQ(read_file(other), read_file(chart));
  EXPECT_FALSE(fs::exists(folder_ / "s.md"));
}

TEST_F(CommandLine, WritesTheReportAndItsChart) {
  const fs::path output = folder_ / "r.md";
  EXPECT_EQ(run(testdata("whole.ndjson") + " -o " + output.string()).output, "");
  EXPECT_THAT(read_file(output), HasSubstr("![Bar chart of the results](r-throughput.svg)"));
  EXPECT_THAT(read_file(folder_ / "r-throughput.svg"), EndsWith("</svg>\n"));
  const std::string first = read_file(output);
  EXPECT_EQ(run(testdata("whole.ndjson") + " -o " + output.string()).code, 0);
  EXPECT_EQ(read_file(output), first);
}

TEST_F(CommandLine, WritesAChartOfEverySweep) {
  const fs::path output = folder_ / "r.md";
  EXPECT_EQ(run(testdata("invented_gpu_run.ndjson") + " -o " + output.string()).output, "");
  EXPECT_THAT(read_file(output), HasSubstr("](r-sweep-Exp4_GPU_AMP_Sweep.svg)"));
  EXPECT_EQ(read_file(folder_ / "r-sweep-Exp4_GPU_AMP_Sweep.svg"),
            read_file(testdata("invented_gpu_run-sweep-Exp4_GPU_AMP_Sweep.svg")));
}

TEST_F(CommandLine, NeverOverwritesResultsByTheChartOfASweep) {
  const std::string results =
      file("r-sweep-Exp4_GPU_AMP_Sweep.svg", read_file(testdata("invented_gpu_run.ndjson")));
  expect_failure(results + " -o " + (folder_ / "r.md").string(), 64, "The report's chart '" + results + "'");
  EXPECT_FALSE(fs::exists(folder_ / "r.md"));
}

TEST_F(CommandLine, WritesToStandardOutputWithoutAChart) {
  const Outcome outcome = run(testdata("whole.ndjson"));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.output, StartsWith("# Benchmark report\n"));
  EXPECT_THAT(outcome.output, testing::Not(HasSubstr(".svg")));
}

TEST_F(CommandLine, ReadsAPipe) {
  const Outcome outcome = run("/dev/stdin < " + testdata("google_benchmark_1_9_5.json"));
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.output, HasSubstr("BM_copy"));
}

TEST_F(CommandLine, ExplainsItself) {
  const Outcome help = run("--help");
  EXPECT_EQ(help.code, 0);
  for (const char* word : {"RUN", "--output", "--rows", "--version"})
    EXPECT_THAT(help.output, HasSubstr(word));
  const Outcome version = run("--version");
  EXPECT_EQ(version.code, 0);
  EXPECT_THAT(version.output, StartsWith("bench-report "));
}

}  // namespace
}  // namespace trainbench::report
