#include "src/harness/worker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.hpp"

namespace trainbench {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A program that behaves as a worker of the test's choice: a shell script.
class RunInWorkerTest : public TemporaryFolder {
 protected:
  std::optional<CaseResult> run(const std::string& script, double timeout_seconds = 20) {
    std::ofstream(program_) << "#!/bin/sh\n" << script << "\n";
    fs::permissions(program_, fs::perms::owner_all);
    return run_in_worker({.benchmark = "Exp1/batch:8", .repetition = 2, .seed = 3},
                         {.program = program_,
                          .environment = {},
                          .timeout_seconds = timeout_seconds,
                          .on_progress = [this](const WorkerProgress& p) { progress_.push_back(p); }});
  }

  const fs::path program_ = folder_ / "worker";
  std::vector<WorkerProgress> progress_;
};

constexpr const char* kGoodCase =
    R"(echo '{"case":{"benchmark":"Exp1/batch:8","repetition":2,"seed":3,"status":"ok","metrics":{"steps":4}}}' >&3)";

TEST_F(RunInWorkerTest, ALineOfRubbishCostsTheCaseAndNotTheRun) {
  for (const char* line : {"{\"case\":", "[1]", "{\"case\":{\"benchmark\":3}}"}) {
    const auto result = run(std::string("echo '") + line + "' >&3");
    EXPECT_EQ(result->status, CaseStatus::failed);
    EXPECT_THAT(result->reason, HasSubstr("The worker wrote a line that is no result"));
  }
}

TEST_F(RunInWorkerTest, ReturnsWhatTheWorkerMeasured) {
  const auto result = run(kGoodCase);
  EXPECT_EQ(result->status, CaseStatus::ok);
  EXPECT_EQ(result->metrics.at("steps"), 4);
}

TEST_F(RunInWorkerTest, PassesProgressOn) {
  run(R"(echo '{"progress":{"phase":"train","step":3,"steps":9,"images_per_second":310.5}}' >&3)");
  ASSERT_EQ(progress_.size(), 1U);
  EXPECT_EQ(progress_[0].phase, "train");
  EXPECT_EQ(progress_[0].step, 3);
  EXPECT_EQ(progress_[0].images_per_second, 310.5);
}

TEST_F(RunInWorkerTest, AKilledWorkerIsAFailedResultThatSuspectsMemory) {
  const auto result = run("kill -KILL $$");
  EXPECT_EQ(result->status, CaseStatus::failed);
  EXPECT_EQ(result->benchmark, "Exp1/batch:8");
  EXPECT_EQ(result->repetition, 2);
  EXPECT_THAT(result->reason, HasSubstr("killed by signal 9"));
  EXPECT_THAT(result->reason, HasSubstr("out of memory"));
}

TEST_F(RunInWorkerTest, ACrashedWorkerTellsItsSignalAndLastWords) {
  const auto result = run("echo 'terminate called' >&2; kill -ABRT $$");
  EXPECT_THAT(result->reason, HasSubstr("died of signal 6"));
  EXPECT_THAT(result->reason, HasSubstr("Its last words: terminate called"));
}

TEST_F(RunInWorkerTest, AWorkerWithoutAResultFailed) {
  EXPECT_EQ(run("exit 3")->reason, "The worker ended with exit code 3 and no result.");
}

TEST_F(RunInWorkerTest, AResultOfAWorkerThatCrashedAfterwardsDoesNotCount) {
  EXPECT_EQ(run(std::string(kGoodCase) + "; kill -SEGV $$")->status, CaseStatus::failed);
}

TEST_F(RunInWorkerTest, AWorkerThatTakesTooLongNamesTheFlag) {
  const auto result = run("sleep 60", 0.2);
  EXPECT_EQ(result->status, CaseStatus::failed);
  EXPECT_THAT(result->reason, HasSubstr("ended after 0.2 s, its time-out; --case_timeout=SECONDS"));
}

TEST_F(RunInWorkerTest, TheRequestReachesTheWorkerAsItsArgument) {
  const auto result = run("case \"$1\" in --worker=*'\"repetition\":2'*) exit 4;; esac; exit 5");
  EXPECT_THAT(result->reason, HasSubstr("exit code 4"));
}

}  // namespace
}  // namespace trainbench
