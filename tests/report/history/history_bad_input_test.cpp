// What is wrong is said in a sentence with its own exit code, and what was good is kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/report/history/git_repository.hpp"
#include "tests/report/history/history_commands_fixture.hpp"
#include "tests/report/history/kept_runs.hpp"

namespace trainbench::report::history {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
namespace fs = std::filesystem;

class HistoryBadInput : public HistoryCommands {
 protected:
  std::vector<std::string> subjects() const {
    std::vector<std::string> all;
    for (const RunSummary& run : Store(folder_ / "history").runs()) all.push_back(run.commit.subject);
    return all;
  }

  /// A result of a commit, measured on a day of November.
  std::string result_of(const std::string& commit, int day) const {
    return file(fmt::format("{}.json", day),
                fmt::format(R"({{"context": {{"date": "2026-11-{:02}T12:00:00Z", "commit": "{}"}}, )"
                            R"("benchmarks": [{{"name": "BM_a/8", "real_time": 1, "time_unit": "ms"}}]}})",
                            day, commit));
  }

  static void expect_one_sentence(const Outcome& outcome) {
    EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
  }
};

TEST_F(HistoryBadInput, ARunFolderWithoutResultsIs21AndBeginsNoHistory) {
  fs::create_directories(folder_ / "run/profiles");
  expect_failure("add run", 21, "'run' holds neither journal.ndjson nor benchmark.json");
  file("run/journal.ndjson", "");
  expect_failure("add run", 21, "journal.ndjson");
  file("run/journal.ndjson", "{\"journal\":1,\"run\":{\"id\":\"x\",\"planned_cases\":4}}\n");
  const Outcome cut = history("add run");
  EXPECT_EQ(cut.code, 21) << cut.output;
  EXPECT_THAT(cut.output, HasSubstr("holds no result"));
  EXPECT_FALSE(fs::exists(folder_ / "history"));
}

TEST_F(HistoryBadInput, AFileOfANewerProgramIs21AndTheOthersAreShown) {
  Store(folder_ / "history", true).add(kept_run("good", 1, "2026-11-25T12:00:00Z"));
  file("history/2026-11/newer.ndjson", "{\"history\":2,\"run\":{\"id\":\"newer\"}}\n{\"end\":1}\n");
  file("history/marks/newer.json", "{\"mark\":2}\n");
  const Outcome list = history("list");
  EXPECT_EQ(list.code, 21) << list.output;
  EXPECT_THAT(list.output, AllOf(HasSubstr("| good"), HasSubstr("'2026-11/newer.ndjson'"),
                                 HasSubstr("its format is 2, newer than this program's 1: use a newer"),
                                 HasSubstr("newer.json' is no mark of a history")));
  EXPECT_EQ(history("add --commit=abc1234 " + result("a.json", 1)).code, 0);
  EXPECT_THAT(Store(folder_ / "history").runs(), SizeIs(2));
  EXPECT_TRUE(fs::exists(folder_ / "history/2026-11/newer.ndjson")) << "a newer program reads it";
}

TEST_F(HistoryBadInput, RunsStandByTheirCommitsWhereClocksGoBackwards) {
  const GitRepository repository(folder_ / "r");
  const std::string first = repository.commit("The first");
  const std::string second = repository.commit("The second");
  const std::string third = repository.commit("The third");
  const Outcome outcome = history("add --repository=r --branch=main " + result_of(third, 1) + " " +
                                  result_of(first, 20) + " " + result_of(second, 10));
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(subjects(), ElementsAre("The first", "The second", "The third"));
}

TEST_F(HistoryBadInput, ACommitThatGitDoesNotKnowIsKeptAndStandsByItsStart) {
  const GitRepository repository(folder_ / "r");
  const std::string first = repository.commit("The first");
  const std::string second = repository.commit("The second");
  EXPECT_EQ(
      history("add --repository=r --branch=main " + result_of(first, 1) + " " + result_of(second, 20)).code,
      0);
  const Outcome outcome = history("add --repository=r --branch=main " + result_of("deadbee123", 10));
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output,
              AllOf(HasSubstr("bench-report: git does not know the commit 'deadbee123' in 'r'"),
                    HasSubstr("git fetch"), HasSubstr("added 20261110T120000Z-")));
  EXPECT_THAT(subjects(), ElementsAre("The first", "", "The second"));
}

TEST_F(HistoryBadInput, AFullCloneGivesNoSecondRunToWhatAShallowOneAdded) {
  const GitRepository repository(folder_ / "r");
  repository.commit("The first");
  const std::string second = repository.commit("The second");
  repository.git("clone -q --depth=1 'file://" + repository.folder().string() + "' ../shallow");
  const Outcome shallow = history("add --branch=main --repository=shallow " + result_of(second, 1));
  EXPECT_EQ(shallow.code, 0) << shallow.output;
  EXPECT_THAT(shallow.output, HasSubstr("'shallow' is a shallow clone"));
  const Outcome whole = history("add --branch=main --repository=r " + result_of(second, 1));
  EXPECT_EQ(whole.code, 0) << whole.output;
  EXPECT_THAT(whole.output, HasSubstr("already there"));
  EXPECT_EQ(only_run().commit.hash, second);
}

TEST_F(HistoryBadInput, TheSameResultOfAnotherCommitIs21AndTheFirstStays) {
  const std::string run = result("a.json", 1);
  EXPECT_EQ(history("add --branch=main --commit=abc1234 " + run).code, 0);
  const Outcome other = history("add --branch=main --repository=none --commit=def5678 " + run);
  EXPECT_EQ(other.code, 21) << other.output;
  EXPECT_THAT(other.output, HasSubstr("The history holds another run of the id"));
  EXPECT_EQ(only_run().commit.hash, "abc1234");
}

TEST_F(HistoryBadInput, NamesFullOfMarkupAreListedAsText) {
  const GitRepository repository(folder_ / "r");
  repository.commit("<script>alert(1)</script> | `code` [x](http://y)");
  const std::string run =
      file("a.json", R"({"context": {"date": "2026-11-25T12:00:00Z"}, "benchmarks": [)"
                     R"({"name": "BM_<img src=x>|`*_\"'/\u0001\n", "real_time": 1, "time_unit": "ms"}]})");
  const Outcome add = history("add --repository=r '--branch=<b>|x' " + run);
  EXPECT_EQ(add.code, 0) << add.output;
  expect_one_sentence(add);
  const Outcome list = history("list");
  EXPECT_EQ(list.code, 0) << list.output;
  EXPECT_THAT(list.output,
              AllOf(Not(HasSubstr("<script>")), Not(HasSubstr("<b>")), HasSubstr("&lt;script&gt;")));
  const Store store(folder_ / "history");
  ASSERT_THAT(store.keys(), SizeIs(1));
  EXPECT_EQ(store.keys()[0].benchmark, "BM_<img src=x>|`*_\"'/\x01\n");
  EXPECT_THAT(store.problems(), IsEmpty());
}

TEST_F(HistoryBadInput, AHistoryThatIsAFileIs21) {
  file("history", "text");
  expect_failure("list", 21, "'history' is no history: it is a file");
  const Outcome add = history("add --commit=abc1234 " + result("a.json", 1));
  EXPECT_EQ(add.code, 21) << add.output;
  EXPECT_THAT(add.output, HasSubstr("bench-report: 'history' is no history: it is a file"));
}

}  // namespace
}  // namespace trainbench::report::history
