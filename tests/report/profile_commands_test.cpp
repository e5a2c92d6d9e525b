#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/files.hpp"
#include "src/base/gzip.hpp"
#include "src/profile/profile_file.hpp"
#include "src/profile/trace.hpp"
#include "tests/profile/small_profile.hpp"
#include "tests/report/run_program.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;
namespace fs = std::filesystem;

class ProfileCommand : public TemporaryFolder {
 protected:
  Outcome run(const std::string& arguments) const {
    return run_bench_report_program(arguments, "cd '" + folder_.string() + "' &&");
  }

  void write(const std::string& name, const std::string& benchmark, const std::string& cpu = "A") const {
    profile::Profile profile = profile::small_step();
    profile.benchmark = benchmark;
    profile.machine = {{"cpu", cpu}};
    fs::create_directories((folder_ / name).parent_path());
    write_file_atomically(folder_ / name, profile_to_json(profile));
  }

  void expect_failure(const std::string& arguments, int code, const std::string& sentence) const {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, code) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr(sentence));
  }
};

TEST_F(ProfileCommand, ReportsAFileAFolderAndARun) {
  write("run/profiles/Exp1/0.json", "Exp1");
  write("run/profiles/Exp1/1.json", "Exp1");
  write_file_atomically(folder_ / "run/profiles/Exp1/0.trace.json", "{}");
  write_file_atomically(folder_ / "run/benchmark.json", "{}");
  EXPECT_THAT(run("profile run/profiles/Exp1/0.json").output, HasSubstr("1 step of 1 process,"));
  EXPECT_THAT(run("profile run/profiles").output, HasSubstr("2 steps of 2 processes,"));
  EXPECT_THAT(run("profile run").output, HasSubstr("2 steps of 2 processes,"));
}

TEST_F(ProfileCommand, WritesReportChartAndTrace) {
  write("p.json", "Exp1");
  EXPECT_EQ(run("profile p.json -o r.md --trace t.trace.json").output, "");
  EXPECT_THAT(read_file(folder_ / "r.md"), HasSubstr("(r-step.svg)"));
  EXPECT_THAT(read_file(folder_ / "r-step.svg"), testing::EndsWith("</svg>\n"));
  EXPECT_THAT(run("profile t.trace.json").output, HasSubstr("recorded by Kineto"));
  EXPECT_EQ(run("profile p.json -o r.md --trace t.trace.json.gz").output, "");
  EXPECT_LT(fs::file_size(folder_ / "t.trace.json.gz"), fs::file_size(folder_ / "t.trace.json"));
  EXPECT_THAT(run("profile t.trace.json.gz").output, HasSubstr("recorded by Kineto"));
}

TEST_F(ProfileCommand, RefusesBadFilesWith21AndBadUsageWith64) {
  write("p.json", "Exp1");
  const std::string whole = read_file(folder_ / "p.json");
  write_file_atomically(folder_ / "cut.json", whole.substr(0, 200));
  write_file_atomically(folder_ / "other.json", "{\"benchmarks\": []}");
  write_file_atomically(folder_ / "empty.json", "");
  write_file_atomically(folder_ / "zipped.json", "\x1f\x8b\x08");
  fs::create_directory(folder_ / "bare");
  expect_failure("profile cut.json", 21, "'cut.json' is not valid JSON");
  expect_failure("profile other.json", 21,
                 "'other.json' is no profile: it has no number 'trainbench_profile'.");
  expect_failure("profile empty.json", 21, "'empty.json' is empty.");
  expect_failure("profile zipped.json", 21, "'zipped.json' is a gzip file that is cut off.");
  expect_failure("profile bare", 21, "'bare' holds no profile");
  expect_failure("profile none.json", 21, "No such file or directory.");
  expect_failure("profile", 64, "Try 'bench-report --help'.");
  expect_failure("profile p.json --rows=0", 64, "--rows");
  expect_failure("profile p.json -o p.json", 64, "would be overwritten");
  EXPECT_EQ(read_file(folder_ / "p.json"), whole);
}

TEST_F(ProfileCommand, RefusesUnlikeProfilesWith20UnlessTold) {
  write("a.json", "Exp1", "A");
  write("b.json", "Exp1", "B");
  write("c.json", "Exp2", "A");
  EXPECT_EQ(run("diff a.json a.json").code, 0);
  expect_failure("diff a.json b.json", 20, "the machine's 'cpu' is 'A' and 'B'");
  expect_failure("diff a.json c.json", 20, "the benchmark is 'Exp1' and 'Exp2'");
  const Outcome told = run("diff a.json b.json --allow_different");
  EXPECT_EQ(told.code, 0);
  EXPECT_THAT(told.output, HasSubstr("Residual: 0.0000 ms."));
}

TEST_F(ProfileCommand, ReplacesNothingThatItReadsAndNothingSpecial) {
  write("in/p.json", "Exp1");
  const std::string whole = read_file(folder_ / "in/p.json");
  fs::create_symlink("p.json", folder_ / "in/o-step.svg");
  for (const char* flags : {"profile in -o in/p.json", "profile in --trace in/p.json",
                            "profile in -o in/o.md", "diff in in -o in/p.json"})
    expect_failure(flags, 64, "'in/p.json' would be overwritten");
  EXPECT_EQ(read_file(folder_ / "in/p.json"), whole);
  EXPECT_FALSE(fs::exists(folder_ / "in/o.md"));
  fs::create_symlink("/dev/null", folder_ / "null");
  fs::create_symlink("/dev/null", folder_ / "r-step.svg");
  for (const char* flags :
       {"profile in -o null", "profile in --trace null", "profile in -o r.md", "diff in in -o null"})
    expect_failure(flags, 74, "it is not a regular file");
  EXPECT_FALSE(fs::exists(folder_ / "r.md"));
}

TEST_F(ProfileCommand, ComparesEveryProfileOfBothSidesAndNamesWhatItLeftOut) {
  write("a/0.json", "Exp1", "A");
  write("a/1.json", "Exp1", "B");
  write("b.json", "Exp1", "A");
  expect_failure("diff a b.json", 20, "the machine's 'cpu' is 'A' and 'B'");
  write("c/0.json", "Exp1");
  write("c/1.json", "Only_c");
  write("d/0.json", "Exp1");
  write("d/1.json", "Only_d");
  const Outcome outcome = run("diff c d");
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("Left out: Only_c, which only 'c' has."));
  EXPECT_THAT(outcome.output, HasSubstr("Left out: Only_d, which only 'd' has."));
}

TEST_F(ProfileCommand, TakesTracesOfPytorchAsTheyCome) {
  const std::string trace = trace_json(profile::small_step());
  for (const char* name : {"a", "b"}) fs::create_directories(folder_ / name);
  write_file_atomically(folder_ / "a/host_1.170.pt.trace.json", trace);
  write_file_atomically(folder_ / "a/host_2.171.pt.trace.json.gz", gzipped(trace));
  write_file_atomically(folder_ / "b/host_2.171.pt.trace.json.gz", gzipped(trace));
  write_file_atomically(folder_ / "b/other.json.gz", gzipped(trace));
  EXPECT_THAT(run("profile a").output, HasSubstr("2 steps of 2 processes, recorded by Kineto"));
  const Outcome outcome = run("diff a/host_1.170.pt.trace.json b/other.json.gz");
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_EQ(run("diff a b").code, 0);
}

}  // namespace
}  // namespace trainbench::report
