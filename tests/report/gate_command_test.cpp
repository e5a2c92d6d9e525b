#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "src/base/files.hpp"
#include "tests/report/run_program.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
namespace fs = std::filesystem;

class GateCommand : public TemporaryFolder {
 protected:
  /// A program that is tests/report/fake_benchmark with these flags in front.
  std::string program(const std::string& name, const std::string& flags) const {
    const fs::path path = folder_ / name;
    write_file_atomically(path,
                          "#!/bin/sh\nexec '" TRAINBENCH_BUILD_DIR "/fake_benchmark' " + flags + " \"$@\"\n");
    fs::permissions(path, fs::perms::owner_all);
    return path.string();
  }

  Outcome gate(const std::string& base, const std::string& contender, const std::string& flags = "") const {
    return run_bench_report_program(
        "gate --format=text --base='" + base + "' --contender='" + contender + "' " + flags,
        "cd '" + folder_.string() + "' &&");
  }

  std::size_t num_pairs() const {
    const fs::path results = folder_ / "results";
    const fs::path run = fs::directory_iterator(results)->path();
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(run / "baseline"), fs::directory_iterator()));
  }

  const std::string good_ = program("good", "--time=1");
};

TEST_F(GateCommand, FindsASlowContenderAtTheFirstLook) {
  const Outcome outcome = gate(good_, program("slow", "--time=1.1"));
  EXPECT_EQ(outcome.code, 10) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("REGRESSED: of 6 gated rows 2 REGRESSED, 4 EQUIVALENT."));
  EXPECT_EQ(num_pairs(), 10U);
}

TEST_F(GateCommand, PassesAContenderThatIsAsFast) {
  const Outcome outcome = gate(good_, program("same", "--time=1.001"));
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("PASSED: of 6 gated rows 6 EQUIVALENT."));
}

TEST_F(GateCommand, MeasuresUpToTwentyPairsWhereNothingIsDecided) {
  // +2.7 % stands on the edge of the zone: neither a finding nor shown to be none.
  const Outcome outcome = gate(good_, program("edge", "--time=1.027"));
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("INCONCLUSIVE"));
  EXPECT_EQ(num_pairs(), 20U);
  fs::remove_all(folder_ / "results");
  EXPECT_EQ(gate(good_, program("edge", "--time=1.027"), "--fail_on_inconclusive").code, 11);
}

TEST_F(GateCommand, StopsWhereTheTimeIsUpAndSaysSo) {
  const Outcome outcome = gate(good_, program("slow", "--time=2"), "--max_minutes=0.0001");
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("Warning: The time was up after 1 pair: before the first look."));
  EXPECT_THAT(outcome.output, HasSubstr("Note: 1 pair, looked at 0 of 3 times."));
  EXPECT_THAT(outcome.output, HasSubstr("UNDERPOWERED"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("REGRESSED")));
  fs::remove_all(folder_ / "results");
  EXPECT_EQ(gate(good_, program("slow", "--time=2"), "--max_minutes=0.0001 --require_power").code, 11);
}

TEST_F(GateCommand, GivesItsOtherFlagsToBothPrograms) {
  const Outcome outcome = gate(good_, program("slow", "--time=1.2"), "--benchmark_filter=second");
  EXPECT_EQ(outcome.code, 10) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("of 3 gated rows 1 REGRESSED, 2 EQUIVALENT."));
}

TEST_F(GateCommand, MeasuresInARandomOrderThatItsSeedRepeats) {
  const std::string slow = program("slow", "--time=1.2");
  const auto order = [&](const std::string& seed, const std::string& out) {
    const std::string text =
        run_bench_report_program("gate --base='" + good_ + "' --contender='" + slow + "' --seed=" + seed +
                                 " --out='" + (folder_ / out).string() + "'")
            .output;
    const std::size_t begin = text.find("Order of the pairs");
    return text.substr(begin + 32, text.find(".", begin) - begin - 32);
  };
  const std::string first = order("7", "a");
  EXPECT_THAT(first, HasSubstr("BC"));
  EXPECT_THAT(first, HasSubstr("CB"));
  EXPECT_EQ(order("7", "b"), first);
  EXPECT_NE(order("8", "c"), first);
}

TEST_F(GateCommand, CallsWhatACrashLeftOutInvalidAndKeepsTheRest) {
  const Outcome outcome = gate(good_, program("crash", "--time=1 --fault=crash"));
  EXPECT_EQ(outcome.code, 13) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("INVALID BM_second (whole benchmark)"));
  EXPECT_THAT(outcome.output, HasSubstr("its process was ended by signal 11"));
  EXPECT_THAT(outcome.output, HasSubstr("EQUIVALENT BM_first/8 Time"));
}

TEST_F(GateCommand, CallsWhatBothProgramsDidNotReachInvalid) {
  const std::string crash = program("crash", "--time=1 --fault=crash");
  const Outcome outcome = gate(crash, crash, "--always_time");
  EXPECT_EQ(outcome.code, 13) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("INVALID BM_second (whole benchmark)"));
  EXPECT_THAT(outcome.output, HasSubstr("EQUIVALENT BM_first/8 Time"));
}

TEST_F(GateCommand, StopsWhereEveryBenchmarkHasFailed) {
  const Outcome outcome = gate(good_, program("none", "--fault=none"));
  EXPECT_EQ(outcome.code, 13) << outcome.output;
  EXPECT_EQ(num_pairs(), 1U);
}

TEST_F(GateCommand, DoesNotPassWhereABaselineRanNothing) {
  const Outcome outcome = gate(program("empty", "--fault=empty"), good_);
  EXPECT_EQ(outcome.code, 13) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("its process ran no benchmark"));
}

TEST_F(GateCommand, DoesNotWaitForACountToStopDiffering) {
  write_file_atomically(folder_ / "exact.json",
                        R"({"policy":1,"metrics":{"peak_rss_mib":{"kind":"exact","relative_zone":0}}})");
  const Outcome outcome = gate(good_, program("same", "--time=1.001"), "--policy=exact.json");
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("2 INCONCLUSIVE, 4 EQUIVALENT"));
  EXPECT_EQ(num_pairs(), 10U);
}

TEST_F(GateCommand, EndsAProcessThatHangs) {
  const Outcome outcome =
      gate(good_, program("hang", "--fault=hang"), "--process_timeout=2 --max_minutes=0.0001");
  EXPECT_EQ(outcome.code, 13) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("its process did not end in time and was ended"));
}

TEST_F(GateCommand, CallsRubbishAndNoResultInvalid) {
  for (const char* fault : {"rubbish", "none"}) {
    const Outcome outcome =
        gate(good_, program(fault, std::string("--fault=") + fault), "--max_minutes=0.0001");
    EXPECT_EQ(outcome.code, 13) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("left no result"));
    fs::remove_all(folder_ / "results");
  }
  const Outcome both = gate(program("a", "--fault=none"), program("b", "--fault=rubbish"));
  EXPECT_EQ(both.code, 21);
  EXPECT_THAT(both.output, HasSubstr("Neither program has left a result"));
}

TEST_F(GateCommand, FindsAMissingBenchmark) {
  EXPECT_EQ(gate(good_, program("fewer", "--fault=missing")).code, 12);
}

TEST_F(GateCommand, OfIdenticalProgramsTimesNothingUnlessTold) {
  const std::string binary = TRAINBENCH_BUILD_DIR "/listing_program";
  fs::copy_file(binary, folder_ / "copy");
  const Outcome outcome = gate(binary, (folder_ / "copy").string());
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output,
              HasSubstr("PASSED: the programs and their shared libraries are the same bytes"));
  EXPECT_FALSE(fs::exists(folder_ / "results"));
  // It measures nothing, which shows where it is run.
  EXPECT_EQ(gate(binary, (folder_ / "copy").string(), "--always_time").code, 21);
}

TEST_F(GateCommand, RefusesWhatIsNoBenchmarkProgram) {
  EXPECT_THAT(gate(good_, "/bin/ls").output,
              HasSubstr("'/bin/ls' cannot be measured: asked for its benchmarks it ended with exit code 2"));
  EXPECT_EQ(gate(good_, "/bin/ls").code, 64);
  EXPECT_THAT(gate(good_, good_, "--benchmark_filter=nothing").output,
              HasSubstr("--benchmark_filter matches none"));
  EXPECT_THAT(gate(good_, good_, "--frobnicate").output,
              HasSubstr("unrecognized command-line flag: --frobnicate"));
  EXPECT_EQ(gate(good_, folder_ / "nothing").code, 64);
  for (const char* wrong : {"0", "-1", "nan", "inf", "soon"}) {
    for (const char* flag : {"--max_minutes", "--process_timeout"}) {
      const Outcome outcome = gate(good_, good_, std::string(flag) + "=" + wrong);
      EXPECT_EQ(outcome.code, 64) << flag << wrong;
      EXPECT_THAT(outcome.output, HasSubstr("is not a number above 0")) << flag << wrong;
    }
  }
  EXPECT_THAT(gate(good_, good_, "stray").output, HasSubstr("'stray' is no flag"));
  EXPECT_THAT(gate(good_, good_, "--benchmark_out=x.json").output, HasSubstr("is gate's own to give"));
}

TEST_F(GateCommand, WithoutABaselineIs22UnlessAllowed) {
  EXPECT_EQ(gate(folder_ / "none", good_).code, 22);
  const Outcome allowed = gate(folder_ / "none", good_, "--allow_no_baseline");
  EXPECT_EQ(allowed.code, 0);
  EXPECT_THAT(allowed.output, StartsWith("PASSED: No baseline: there is no program"));
  const fs::path answer = folder_ / "answer.xml";
  EXPECT_EQ(run_bench_report_program("gate --base=none --contender='" + good_ +
                                     "' --allow_no_baseline --format=junit -o '" + answer.string() + "'")
                .output,
            "");
  EXPECT_THAT(read_file(answer), HasSubstr("tests=\"0\""));
}

TEST_F(GateCommand, RefusesAnAnswerThatCannotBeWrittenBeforeItMeasures) {
  const Outcome outcome = gate(good_, program("slow", "--time=2"), "--out=out -o /no/such/folder/x.md");
  EXPECT_EQ(outcome.code, 74) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("Cannot write '/no/such/folder/x.md': No such file or directory."));
  EXPECT_FALSE(fs::exists(folder_ / "out" / "baseline"));
  const std::string in_folder = "cd '" + folder_.string() + "' &&";
  const std::string calibrate = "calibrate '" + good_ + "' --out=out --write_policy=/no/such/folder/p.json";
  EXPECT_EQ(run_bench_report_program(calibrate, in_folder).code, 74);
  EXPECT_FALSE(fs::exists(folder_ / "out" / "baseline"));
}

TEST_F(GateCommand, PrintsTheAnswerThatCannotBeWrittenAnyMore) {
  fs::create_directory(folder_ / "gone");
  const fs::path removes = folder_ / "removes";
  write_file_atomically(removes, "#!/bin/sh\ncase \"$*\" in *--benchmark_out=*) rm -rf '" +
                                     (folder_ / "gone").string() + "' ;; esac\nexec '" + good_ +
                                     "' \"$@\"\n");
  fs::permissions(removes, fs::perms::owner_all);
  const Outcome outcome = gate(good_, removes.string(), "--max_minutes=0.0001 -o gone/answer.txt");
  EXPECT_EQ(outcome.code, 74) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("PASSED: of 6 gated rows 6 UNDERPOWERED."));
}

TEST_F(GateCommand, WritesItsAnswerBesideItsResults) {
  EXPECT_EQ(gate(good_, program("same", "--time=1.001"), "--max_minutes=0.0001 --out=out -o out/a.txt").code,
            0);
  EXPECT_THAT(read_file(folder_ / "out" / "a.txt"), StartsWith("PASSED"));
}

TEST_F(GateCommand, DoesNotMixWithAnEarlierRun) {
  fs::create_directories(folder_ / "out" / "baseline");
  const Outcome outcome = gate(good_, good_, "--out='" + (folder_ / "out").string() + "'");
  EXPECT_EQ(outcome.code, 64);
  EXPECT_THAT(outcome.output, HasSubstr("holds results of another run"));
}

TEST_F(GateCommand, LeavesResultsThatCompareReadsAgainInPairs) {
  const fs::path out = folder_ / "out";
  ASSERT_EQ(gate(good_, program("slow", "--time=1.1"), "--out='" + out.string() + "'").code, 10);
  const Outcome outcome = run_bench_report_program("compare '" + (out / "baseline").string() + "' '" +
                                                   (out / "contender").string() + "'");
  EXPECT_EQ(outcome.code, 10);
  EXPECT_THAT(outcome.output, HasSubstr("Compared pair by pair"));
}

TEST_F(GateCommand, TestsItself) {
  const Outcome outcome =
      run_bench_report_program("gate --self_test='" + good_ + "'", "cd '" + folder_.string() + "' &&");
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("**PASSED: it finds what is there, and nothing else.**"));
  EXPECT_THAT(outcome.output, HasSubstr("--inject=leak:8"));
}

TEST_F(GateCommand, FailsItsSelfTestWhereAFaultDoesNotShow) {
  // A wrapper that swallows the fault.
  const fs::path deaf = folder_ / "deaf";
  write_file_atomically(
      deaf,
      "#!/bin/sh\nfor a; do shift; case $a in --inject=*) ;; *) set -- \"$@\" \"$a\" ;; esac; done\nexec '" +
          good_ + "' \"$@\"\n");
  fs::permissions(deaf, fs::perms::owner_all);
  const Outcome outcome = run_bench_report_program("gate --self_test='" + deaf.string() + "'",
                                                   "cd '" + folder_.string() + "' &&");
  EXPECT_EQ(outcome.code, 11) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("do not trust this gate here"));
  EXPECT_EQ(run_bench_report_program("gate --self_test='" + good_ + "' --base=x").code, 64);
}

TEST_F(GateCommand, FailsItsSelfTestWhereNothingThatFoundAFaultIsGated) {
  write_file_atomically(folder_ / "policy.json", R"({"policy":1,"metrics":{"real_time":{"gated":false}}})");
  const Outcome outcome = run_bench_report_program("gate --self_test='" + good_ + "' --policy=policy.json",
                                                   "cd '" + folder_.string() + "' &&");
  EXPECT_EQ(outcome.code, 11) << outcome.output;
}

TEST_F(GateCommand, RefusesASelfTestOfAProgramWithoutFaultsAndOtherFormats) {
  const fs::path plain = folder_ / "plain";
  write_file_atomically(
      plain, "#!/bin/sh\ncase \"$*\" in *--inject*) exit 1 ;; esac\nexec '" + good_ + "' \"$@\"\n");
  fs::permissions(plain, fs::perms::owner_all);
  const std::string in_folder = "cd '" + folder_.string() + "' &&";
  const Outcome outcome = run_bench_report_program("gate --self_test='" + plain.string() + "'", in_folder);
  EXPECT_EQ(outcome.code, 64);
  EXPECT_THAT(outcome.output, HasSubstr("--self_test needs a program that takes --inject"));
  EXPECT_EQ(run_bench_report_program("gate --self_test='" + good_ + "' --format=json", in_folder).code, 64);
  EXPECT_FALSE(fs::exists(folder_ / "results"));
}

TEST_F(GateCommand, LearnsNoZonesFromFewerPairsThanWereAskedFor) {
  const Outcome outcome = run_bench_report_program(
      "calibrate '" + good_ + "' --max_minutes=0.0001 --write_policy=learned.json --format=json",
      "cd '" + folder_.string() + "' &&");
  EXPECT_EQ(outcome.code, 11) << outcome.output;
  EXPECT_FALSE(fs::exists(folder_ / "learned.json"));
  EXPECT_THAT(outcome.output, HasSubstr("was not written: 1 of 20 pairs are too few"));
}

TEST_F(GateCommand, CalibratesAndWritesAPolicyThatCompareReads) {
  const std::string in_folder = "cd '" + folder_.string() + "' &&";
  const Outcome outcome =
      run_bench_report_program("calibrate '" + good_ + "' --pairs=12 --write_policy=learned.json", in_folder);
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("# What this machine can see"));
  EXPECT_THAT(outcome.output, HasSubstr("BM_first/8"));
  EXPECT_THAT(read_file(folder_ / "learned.json"), HasSubstr("\"policy\": 1"));
  EXPECT_EQ(gate(good_, program("slow", "--time=1.3"), "--policy=learned.json").code, 10);
  EXPECT_EQ(run_bench_report_program("calibrate '" + good_ + "' --pairs=3", in_folder).code, 64);
  EXPECT_EQ(run_bench_report_program("calibrate '" + good_ + "' --format=junit", in_folder).code, 64);
  const Outcome one_file =
      run_bench_report_program("calibrate '" + good_ + "' -o ./x.json --write_policy=x.json", in_folder);
  EXPECT_EQ(one_file.code, 64);
  EXPECT_THAT(one_file.output, HasSubstr("cannot both be written to './x.json'"));
}

}  // namespace
}  // namespace trainbench::report
