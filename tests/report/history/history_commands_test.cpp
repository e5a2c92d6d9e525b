#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/history/store/store.hpp"
#include "src/base/files.hpp"
#include "tests/report/history/git_repository.hpp"
#include "tests/report/history/history_commands_fixture.hpp"
#include "tests/report/history/kept_runs.hpp"
#include "tests/report/run_program.hpp"
#include "tests/report/testdata_path.hpp"

namespace trainbench::report::history {
namespace {

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;
namespace fs = std::filesystem;

TEST_F(HistoryCommands, AddKeepsARunOnce) {
  const std::string run = result("a.json", 1.5);
  const Outcome first = history("add --branch=main --commit=abc1234 " + run);
  EXPECT_EQ(first.code, 0) << first.output;
  EXPECT_THAT(first.output,
              ContainsRegex("added 20261125T120000Z-[0-9a-f]{16}, main \\(abc1234\\): 2 series\n"));
  const Outcome second = history("add --branch=main --commit=abc1234 " + run);
  EXPECT_EQ(second.code, 0) << second.output;
  EXPECT_THAT(second.output, ContainsRegex("already there 20261125T120000Z-[0-9a-f]{16}, main"));
  EXPECT_EQ(only_run().branch, "main");
}

TEST_F(HistoryCommands, AddAsksGitWhereTheRunStands) {
  const GitRepository repository(folder_ / "r");
  repository.commit("The first");
  const std::string head = repository.commit("The second");
  repository.git("checkout -q -b topic");
  EXPECT_EQ(history("add --repository=r " + result("a.json", 1)).code, 0);
  const RunSummary run = only_run();
  EXPECT_EQ(run.commit.hash, head);
  EXPECT_EQ(run.commit.subject, "The second");
  EXPECT_EQ(run.commit.number, 2);
  EXPECT_EQ(run.branch, "topic");
}

TEST_F(HistoryCommands, TheRunsOwnCommitComesBeforeTheEnvironments) {
  const GitRepository repository(folder_ / "r");
  const std::string first = repository.commit("The first");
  const std::string second = repository.commit("The second");
  const std::string in_ci = "GITHUB_REF_NAME=from-ci GITHUB_SHA=" + second;
  const Outcome outcome = history(
      "add --repository=r " + result("a.json", 1, R"(, "commit": ")" + first.substr(0, 12) + "-dirty\""),
      in_ci);
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("was built from changed files"));
  EXPECT_EQ(only_run().commit.hash, first);
  EXPECT_EQ(only_run().branch, "from-ci");
  fs::remove_all(folder_ / "history");
  EXPECT_EQ(history("add --repository=r " + result("b.json", 1), in_ci).code, 0);
  EXPECT_EQ(only_run().commit.hash, second);
  fs::remove_all(folder_ / "history");
  EXPECT_EQ(history("add --repository=r " + result("b.json", 1),
                    "CI_COMMIT_BRANCH=of-gitlab CI_COMMIT_SHA=" + first)
                .code,
            0);
  EXPECT_EQ(only_run().commit.hash, first);
  EXPECT_EQ(only_run().branch, "of-gitlab");
}

TEST_F(HistoryCommands, WithoutGitARunIsKeptAndSaysSo) {
  const Outcome outcome = history("add " + result("a.json", 1));
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("is no git repository"));
  EXPECT_EQ(only_run().branch, "main");
  EXPECT_EQ(only_run().commit.hash, "");
}

TEST_F(HistoryCommands, OfAShallowCloneItSaysTheWayOutOnce) {
  const GitRepository repository(folder_ / "r");
  repository.commit("The first");
  repository.commit("The second");
  repository.git("clone -q --depth=1 'file://" + repository.folder().string() + "' ../shallow");
  const Outcome outcome =
      history("add --repository=shallow " + result("a.json", 1) + " " + result("b.json", 2));
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  const std::size_t first = outcome.output.find("git fetch --unshallow");
  EXPECT_NE(first, std::string::npos) << outcome.output;
  EXPECT_EQ(outcome.output.find("git fetch --unshallow", first + 1), std::string::npos) << outcome.output;
  EXPECT_THAT(Store(folder_ / "history").runs(), SizeIs(2));
}

TEST_F(HistoryCommands, AddKeepsTheGoodRunsBesideBadOnes) {
  const std::string empty_folder = (folder_ / "empty").string();
  fs::create_directory(empty_folder);
  const Outcome outcome =
      history("add --commit=abc1234 none.json " + result("a.json", 1) + " " + empty_folder + " " +
              file("text.json", "hello") + " " + result("b.json", 2));
  EXPECT_EQ(outcome.code, 21) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("bench-report: Cannot read 'none.json': No such file or directory."));
  EXPECT_THAT(outcome.output, HasSubstr("holds neither journal.ndjson nor benchmark.json"));
  EXPECT_THAT(outcome.output, HasSubstr("text.json' is not a JSON object"));
  EXPECT_THAT(Store(folder_ / "history").runs(), SizeIs(2));
}

TEST_F(HistoryCommands, AFailedRunIsRecordedAsFailed) {
  const std::string run = file(
      "bad.json",
      R"({"context": {"num_cpus": 2}, "benchmarks": [{"name": "BM_a", "run_type": "iteration", )"
      R"("error_occurred": true, "error_message": "out of memory", "real_time": 0, "time_unit": "ms"}]})");
  const Outcome outcome = history("add --commit=abc1234 " + run + " " + testdata("interrupted.ndjson"));
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, HasSubstr("recorded as failed undated-"));
  EXPECT_THAT(outcome.output, HasSubstr("0 series, 1 failure"));
  EXPECT_THAT(outcome.output, HasSubstr(", exit code "));
  const Store store(folder_ / "history");
  ASSERT_THAT(store.runs(), SizeIs(2));
  for (const RunSummary& run_summary : store.runs()) EXPECT_TRUE(store.run(run_summary.id).failed());
}

TEST_F(HistoryCommands, AJournalOfARunThatMeasuredNothingIs21) {
  expect_failure("add --commit=abc1234 " + file("journal.ndjson",
                                                "{\"journal\":1,\"run\":{\"id\":\"x\"}}\n"
                                                "{\"end\":{\"exit_code\":0,\"finished_utc\":\"\"}}\n"),
                 21, "holds no result");
}

TEST_F(HistoryCommands, AnIdOfAFileNeverLeavesTheFolder) {
  const std::string run = file(
      "journal.ndjson",
      R"({"journal":1,"run":{"id":"../../x","started_utc":"../../y","commit":"unknown","planned_cases":1}})"
      "\n"
      R"({"case":{"benchmark":"<b>|`\n","repetition":0,"seed":1,"status":"ok","reason":"","window_seconds":1,)"
      R"("step_seconds":[],"metrics":{"step_time_ms":5},"measurement":{},"epochs":[],"warnings":[]}})"
      "\n"
      R"({"end":{"exit_code":0,"finished_utc":""}})"
      "\n");
  const Outcome outcome = history("add --history=deep/in/history '--branch=a|b`<i>' " + run);
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  const fs::path undated = folder_ / "deep/in/history/undated";
  EXPECT_EQ(std::distance(fs::directory_iterator(undated), fs::directory_iterator()), 1);
  EXPECT_THAT(fs::directory_iterator(undated)->path().filename().string(), StartsWith("x-"));
  const Outcome list = history("list --history=deep/in/history");
  EXPECT_THAT(list.output, HasSubstr("a\\|b\\`&lt;i&gt;"));
}

TEST_F(HistoryCommands, TenAddersAtOnceLoseNothing) {
  constexpr int kAdders = 10;
  std::string command =
      "{ for i in 1 2 3 4 5 6 7 8 9 10; do '" TRAINBENCH_BUILD_DIR
      "/bench-report' history add --branch=main --commit=abc1234 shared.json run$i.json & done; wait; }";
  result("shared.json", 99);
  for (int i = 1; i <= kAdders; ++i) result(fmt::format("run{}.json", i), i);
  const Outcome outcome = run_in_shell("cd '" + folder_.string() + "' && " + command);
  EXPECT_THAT(outcome.output, Not(HasSubstr("bench-report: Cannot"))) << outcome.output;
  const Store store(folder_ / "history");
  EXPECT_THAT(store.problems(), IsEmpty());
  EXPECT_THAT(store.runs(), SizeIs(kAdders + 1)) << outcome.output;
  ASSERT_THAT(store.keys({.metric = "real_time"}), SizeIs(1));
  EXPECT_THAT(store.series(store.keys({.metric = "real_time"})[0]).points, SizeIs(kAdders + 1));
  std::size_t added = 0;
  for (std::size_t at = 0; (at = outcome.output.find("\nadded ", at)) != std::string::npos; ++at) ++added;
  if (outcome.output.starts_with("added ")) ++added;
  EXPECT_EQ(added, kAdders + 1U) << outcome.output;
}

TEST_F(HistoryCommands, ListShowsTheRunsInCommitOrder) {
  Store store(folder_ / "history", true);
  store.add(kept_run("second", 2, "2026-11-01T00:00:00Z"));
  RunRecord first = kept_run("first", 1, "2026-11-25T12:00:00Z");
  first.exit_code = 30;
  first.failures.push_back({"BM_bad", "failed", "x"});
  first.commit.subject = "Fix | pipes";
  store.add(first);
  const Outcome outcome = history("list");
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output, ContainsRegex("^\\| Branch +\\| Number \\| Commit"));
  EXPECT_THAT(
      outcome.output,
      ContainsRegex("\\| main +\\| +1 \\| 000000000000 \\| Fix \\\\\\| pipes \\| 2026-11-25T12:00:00Z \\| "
                    "0123456789abcdef \\| +1 \\| +1 \\| +30 \\| first"));
  EXPECT_LT(outcome.output.find("| first"), outcome.output.find("| second"));
  EXPECT_THAT(history("list --branch=other").output, HasSubstr("holds no run of the branch 'other'."));
}

TEST_F(HistoryCommands, ListShowsWhatIsGoodAndReturns21) {
  Store(folder_ / "history", true).add(kept_run("good", 1, "2026-11-25T12:00:00Z"));
  file("history/2026-11/cut.ndjson", "{\"history\":1");
  const Outcome outcome = history("list");
  EXPECT_EQ(outcome.code, 21) << outcome.output;
  EXPECT_THAT(outcome.output,
              AllOf(HasSubstr("| good"), HasSubstr("bench-report: In 'history', '2026-11/cut.ndjson'")));
  const Outcome added = history("add --commit=abc1234 " + result("a.json", 1));
  EXPECT_EQ(added.code, 0) << "a bad file beside it is no fault of the new run\n" << added.output;
  EXPECT_THAT(added.output, HasSubstr("cut.ndjson"));
}

TEST_F(HistoryCommands, MarkIsKept) {
  Store(folder_ / "history", true).add(kept_run("run-1", 0x1234567, "2026-11-25T12:00:00Z"));
  const std::string rest =
      " --benchmark='BM_*' --metric=real_time --kind=expected --reason='A <larger> arena'";
  const Outcome outcome = history("mark run-1" + rest);
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_EQ(outcome.output, "marked run-1 as expected: real_time of BM_*\n");
  const std::vector<Mark> marks = Store(folder_ / "history").marks();
  ASSERT_THAT(marks, SizeIs(1));
  EXPECT_EQ(marks[0].benchmark, "BM_*");
  EXPECT_EQ(marks[0].commit, "run-1");
  EXPECT_EQ(marks[0].kind, "expected");
  EXPECT_EQ(marks[0].reason, "A <larger> arena");
  EXPECT_EQ(marks[0].day.size(), 10U);
  const Outcome again = history("mark run-1" + rest);
  EXPECT_EQ(again.code, 0) << again.output;
  const Outcome early = history("mark abcdef0" + rest);
  EXPECT_EQ(early.code, 0) << early.output;
  EXPECT_THAT(early.output, HasSubstr("No run of 'history' is of 'abcdef0' yet."));
}

TEST_F(HistoryCommands, MarkWithWrongUsageIs64) {
  Store(folder_ / "history", true).add(kept_run("run-1", 1, "2026-11-25T12:00:00Z"));
  const std::string rest = " --benchmark=a --metric=b --reason=c";
  expect_failure("mark run-1 --kind=odd" + rest, 64, "--kind");
  expect_failure("mark run-1" + rest, 64, "--kind is required");
  expect_failure("mark abc --kind=fixed" + rest, 64, "neither a run of 'history' nor 7 or more digits");
  expect_failure("mark run-1 --kind=fixed --benchmark=a --metric=b --reason ''", 64, "must not be empty");
  expect_failure("mark run-1 --history=none --kind=fixed" + rest, 22, "There is no history 'none'");
}

TEST_F(HistoryCommands, AnUnknownCommandNamesTheNearest) {
  expect_failure("shwo", 64, "There is no command 'history shwo': did you mean 'show'?");
  expect_failure("", 64, "history takes a command before its flags.");
  expect_failure("--history=x add", 64, "history takes a command before its flags.");
  expect_failure("add", 64, "RUN is required");
  expect_failure("list --history=none", 22,
                 "There is no history 'none': 'bench-report history add RUN' begins one");
}

TEST_F(HistoryCommands, ExplainsItself) {
  const Outcome help = history("--help");
  EXPECT_EQ(help.code, 0);
  for (const char* word : {"add", "list", "show", "changes", "mark", "page", "import", "export"})
    EXPECT_THAT(help.output, ContainsRegex(fmt::format("\n  {} +[a-z]", word)));
  EXPECT_THAT(history("add --help").output, AllOf(HasSubstr("--branch"), HasSubstr("GITHUB_REF_NAME")));
  EXPECT_THAT(run_bench_report_program("--help").output, HasSubstr("history"));
}

}  // namespace
}  // namespace trainbench::report::history
