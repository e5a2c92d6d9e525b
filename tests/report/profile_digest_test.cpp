#include "report/profile/profile_digest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/files.hpp"
#include "src/measure/journal.hpp"
#include "src/profile/profile_file.hpp"
#include "tests/profile/small_profile.hpp"
#include "tests/report/run_program.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

class ProfileDigests : public TemporaryFolder {
 protected:
  /// A run of one benchmark that took 1.25 ms a step, and 1.3 with a recorder.
  void write_run() const {
    RunHeader header;
    header.id = "run";
    header.planned_cases = 1;
    CaseResult row;
    row.benchmark = "Exp1_CPU_1T/batch:128";
    row.metrics = {{"step_time_ms", 1.25}, {"profiled_step_time_ms", 1.3}};
    fs::create_directories(folder_ / "run");
    write_file_atomically(folder_ / "run/journal.ndjson", header_line(header) + "\n" + case_line(row) + "\n" +
                                                              end_line({.exit_code = 0, .finished_utc = ""}) +
                                                              "\n");
  }
  void write_profile(const std::string& name, std::int64_t dropped = 0) const {
    profile::Profile profile = profile::small_step();
    profile.losses.dropped = dropped;
    const fs::path file = folder_ / "run/profiles" / name;
    fs::create_directories(file.parent_path());
    write_file_atomically(file, profile_to_json(profile));
  }
  /// The section of the report, up to the next heading.
  std::string section() const {
    const Outcome outcome = run_bench_report_program("run", "cd '" + folder_.string() + "' &&");
    EXPECT_EQ(outcome.code, 0) << outcome.output;
    const std::size_t begin = outcome.output.find("## Where the time went");
    if (begin == std::string::npos) return "";
    return outcome.output.substr(begin, outcome.output.find("\n## ", begin) - begin);
  }
};

TEST_F(ProfileDigests, StandInTheReportWithTheCommandForAllTables) {
  write_run();
  write_profile("Exp1_CPU_1T-batch-128/0.json");
  write_profile("Exp1_CPU_1T-batch-128/1.json");
  write_file_atomically(folder_ / "run/profiles/Exp1_CPU_1T-batch-128/0.trace.json.gz", "no profile");
  EXPECT_EQ(section(), R"(## Where the time went

Informational: operators with most self time, per step, from profiled processes beside the timed ones.

| Benchmark             | Phase     | Operator                   | Calls/step | Self ms |  Share |
| :-------------------- | :-------- | :------------------------- | ---------: | ------: | -----: |
| Exp1_CPU_1T/batch:128 | backward  | aten::convolution_backward |          1 |   0.000 | 18.0 % |
| Exp1_CPU_1T/batch:128 | forward   | aten::mkldnn_convolution   |          1 |   0.000 |  6.0 % |
| Exp1_CPU_1T/batch:128 | backward  | ReluBackward0              |          1 |   0.000 |  5.8 % |
| Exp1_CPU_1T/batch:128 | forward   | aten::relu\_               |          1 |   0.000 |  5.0 % |
| Exp1_CPU_1T/batch:128 | optimizer | aten::add\_                |          1 |   0.000 |  5.0 % |

- Exp1_CPU_1T/batch:128: CPU-bound: aten::convolution_backward takes 18.0 % of the step, more than any other operator; operators cover 56.0 %. 2 steps of 2 processes. Step 1.30 ms profiled, 1.25 ms unprofiled (1.040x). All tables: `bench-report profile run/profiles/Exp1_CPU_1T-batch-128`
)");
}

TEST_F(ProfileDigests, AreNotThereForARunWithoutProfiles) {
  write_run();
  EXPECT_EQ(section(), "");
}

TEST_F(ProfileDigests, CallForActionWhereRecordsWereLost) {
  write_run();
  write_profile("Exp1_CPU_1T-batch-128/0.json", 7);
  EXPECT_THAT(section(), HasSubstr("Action required: a profile lost records"));
  EXPECT_THAT(section(), HasSubstr("**Lost records, not the whole.**"));
}

TEST_F(ProfileDigests, LeaveOutWhatCannotBeReadAndTheReportSaysSo) {
  write_run();
  write_profile("Exp1_CPU_1T-batch-128/0.json");
  fs::create_directories(folder_ / "run/profiles/Cut");
  write_file_atomically(folder_ / "run/profiles/Cut/0.json", "{\"trainbench_profile\": 1, ");
  EXPECT_THAT(section(), Not(HasSubstr("Cut")));
  const Outcome outcome = run_bench_report_program("run", "cd '" + folder_.string() + "' &&");
  EXPECT_THAT(outcome.output, HasSubstr("A profile was left out"));
}

}  // namespace
}  // namespace trainbench::report
