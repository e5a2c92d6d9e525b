#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "src/base/files.hpp"
#include "tests/report/run_program.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class GateInterrupt : public TemporaryFolder {
 protected:
  /// A program that hangs where its result's name holds `when`, with the process that hangs in "hanging".
  std::string program(const std::string& when) const {
    const fs::path path = folder_ / "program";
    write_file_atomically(path,
                          fmt::format("#!/bin/sh\ncase \"$*\" in\n*{}*) sleep 600 & echo $! > '{}'; wait ;;\n"
                                      "*) exec '{}' \"$@\" ;;\nesac\n",
                                      when, hanging_.string(), TRAINBENCH_BUILD_DIR "/fake_benchmark"));
    fs::permissions(path, fs::perms::owner_all);
    return path.string();
  }

  /// Runs a command of bench-report and sends the signal as soon as the program hangs.
  Outcome interrupt(const std::string& arguments, const char* signal) const {
    const std::string script = fmt::format(
        "cd '{0}' || exit\n'{1}/bench-report' {2} &\nwhile [ ! -s '{3}' ] && kill -0 $!; do sleep 0.02; "
        "done\n"
        "kill -{4} $!\nwait $!\n",
        folder_.string(), TRAINBENCH_BUILD_DIR, arguments, hanging_.string(), signal);
    write_file_atomically(folder_ / "script", script);
    return run_in_shell("sh '" + (folder_ / "script").string() + "'");
  }

  /// Whether the program's own child has ended: gone, or not yet taken note of by whoever inherited it.
  bool child_is_gone() const {
    const fs::path status = fmt::format("/proc/{}/status", std::stoi(read_file(hanging_)));
    for (int attempt = 0; attempt < 50; ++attempt) {
      std::error_code gone;  // between the two looks at it
      if (!fs::exists(status, gone)) return true;
      std::ifstream file(status);
      const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
      if (text.empty() || text.find("State:\tZ") != std::string::npos) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return false;
  }

  std::string gate(const std::string& when, const std::string& flags = "--out=out") const {
    const std::string path = program(when);
    return fmt::format("gate --format=text --always_time --base={0} --contender={0} {1}", path, flags);
  }

  const fs::path hanging_ = folder_ / "hanging";
};

TEST_F(GateInterrupt, EndsTheChildrenKeepsTheCompletePairsAndReturns130) {
  const Outcome outcome = interrupt(gate("pair-03"), "INT");
  EXPECT_EQ(outcome.code, 130) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("INTERRUPTED: of 6 gated rows 6 UNDERPOWERED."));
  EXPECT_THAT(outcome.output, HasSubstr("Warning: Interrupted after 2 pairs: before the first look."));
  EXPECT_TRUE(child_is_gone());
  for (const char* side : {"out/baseline", "out/contender"}) {
    EXPECT_TRUE(fs::exists(folder_ / side / "pair-02.json"));
    EXPECT_FALSE(fs::exists(folder_ / side / "pair-03.json"));
  }
  const Outcome again =
      run_bench_report_program("compare out/baseline out/contender", "cd '" + folder_.string() + "' &&");
  EXPECT_THAT(again.output, HasSubstr("Compared pair by pair"));
}

TEST_F(GateInterrupt, LeavesNoRunFolderOfThePairThatItEnds) {
  const fs::path bench = folder_ / "bench";
  write_file_atomically(
      bench,
      fmt::format("#!/bin/sh\ncase \"$*\" in\n*--version*) echo 'bench 0.1 (LibTorch 2.11.0)'; exit ;;\n"
                  "*list_tests*) exec '{0}' \"$@\" ;;\nesac\n"
                  "for flag; do case $flag in --out=*) out=${{flag#--out=}} ;; esac; done\n"
                  "mkdir -p \"$out\" && '{0}' --benchmark_out=\"$out/benchmark.json\" || exit\n"
                  "case $out in *pair-03) sleep 600 & echo $! > '{1}'; wait ;; esac\n",
                  TRAINBENCH_BUILD_DIR "/fake_benchmark", hanging_.string()));
  fs::permissions(bench, fs::perms::owner_all);
  const Outcome outcome = interrupt(
      fmt::format("gate --format=text --always_time --base={0} --contender={0} --out=out", bench.string()),
      "INT");
  EXPECT_EQ(outcome.code, 130) << outcome.output;
  for (const char* side : {"out/baseline", "out/contender"}) {
    EXPECT_TRUE(fs::exists(folder_ / side / "pair-02" / "benchmark.json"));
    EXPECT_FALSE(fs::exists(folder_ / side / "pair-03"));
  }
}

TEST_F(GateInterrupt, ByATerminationIs143AndTheLastLookCounts) {
  // 2.7 % slower stands on the edge of the zone: nothing is decided at ten pairs.
  const std::string edge = (folder_ / "edge").string();
  write_file_atomically(edge,
                        "#!/bin/sh\nexec '" TRAINBENCH_BUILD_DIR "/fake_benchmark' --time=1.027 \"$@\"\n");
  fs::permissions(edge, fs::perms::owner_all);
  const Outcome outcome = interrupt(
      fmt::format("gate --format=text --base={} --contender={} --out=out", program("pair-12"), edge), "TERM");
  EXPECT_EQ(outcome.code, 143) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("Interrupted after 11 pairs: the look at 10 pairs counts."));
  EXPECT_THAT(outcome.output, HasSubstr("INCONCLUSIVE"));
}

TEST_F(GateInterrupt, BeforeTheFirstPairSaysSo) {
  const Outcome outcome = interrupt(gate("pair-01"), "INT");
  EXPECT_EQ(outcome.code, 130);
  EXPECT_THAT(outcome.output, HasSubstr("Interrupted before the first pair was complete."));
  EXPECT_TRUE(child_is_gone());
  fs::remove(hanging_);
  EXPECT_EQ(interrupt(gate("list_tests"), "INT").code, 130);
  EXPECT_TRUE(child_is_gone());
}

TEST_F(GateInterrupt, OfCalibrateShowsWhatIsThereAndWritesNoPolicy) {
  const Outcome outcome =
      interrupt("calibrate '" + program("pair-05") + "' --out=out --write_policy=learned.json", "INT");
  EXPECT_EQ(outcome.code, 130) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("Interrupted after 4 pairs"));
  EXPECT_THAT(outcome.output, HasSubstr("BM_first/8"));
  EXPECT_FALSE(fs::exists(folder_ / "learned.json"));
}

TEST_F(GateInterrupt, OfASelfTestShowsTheCasesBeforeIt) {
  const Outcome outcome =
      interrupt("gate --self_test='" + program("slow/contender/pair-02") + "' --out=out", "INT");
  EXPECT_EQ(outcome.code, 130) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("**INTERRUPTED: not all of it was tested.**"));
  EXPECT_THAT(outcome.output, HasSubstr("identical"));
  EXPECT_THAT(outcome.output, Not(HasSubstr("--inject=leak")));
}

}  // namespace
}  // namespace trainbench::report
