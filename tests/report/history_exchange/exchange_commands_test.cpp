#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "report/history/store/store.hpp"
#include "src/base/json.hpp"
#include "tests/report/comparison_sides.hpp"
#include "tests/report/history_exchange/exchange_run.hpp"
#include "tests/report/run_program.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report::history {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;
namespace fs = std::filesystem;

class ExchangeCommands : public TemporaryFolder {
 protected:
  std::string file(const std::string& name, const std::string& content) const {
    fs::create_directories((folder_ / name).parent_path());
    write_file_atomically(folder_ / name, content);
    return (folder_ / name).string();
  }

  /// A result of Google Benchmark of one benchmark on a machine of two cores.
  std::string result(const std::string& name, double milliseconds, int minute = 0,
                     const std::string& benchmark = "BM_a/8") const {
    return file(name,
                fmt::format(R"({{"context": {{"date": "2026-01-02T03:{:02}:00Z", "num_cpus": 2}}, )"
                            R"("benchmarks": [{{"name": "{}", "run_type": "iteration", "real_time": {}, )"
                            R"("cpu_time": 1, "time_unit": "ms"}}]}})",
                            minute, benchmark, milliseconds));
  }

  /// A history of twelve runs of about 5 ms.
  void make_history() const {
    const std::vector<double> times = noisy(12, 5, 0.005, 1);
    for (std::size_t i = 0; i < times.size(); ++i)
      result(fmt::format("old/r{}.json", i), times[i], static_cast<int>(i));
    const Outcome outcome = report("history import old");
    EXPECT_EQ(outcome.code, 0) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("12 runs added to 'history'.\n"));
  }

  /// A contender of ten files.
  std::string contender(const std::string& name, double milliseconds,
                        const std::string& benchmark = "BM_a/8") const {
    const std::vector<double> times = noisy(10, milliseconds, 0.005, 2);
    for (std::size_t i = 0; i < times.size(); ++i)
      result(fmt::format("{}/c{}.json", name, i), times[i], 30, benchmark);
    return name;
  }

  Outcome report(const std::string& arguments) const {
    return run_bench_report_program(arguments, "cd '" + folder_.string() + "' && GIT_CEILING_DIRECTORIES='" +
                                                   folder_.parent_path().string() + "'");
  }

  void expect_failure(const std::string& arguments, int code, const std::string& sentence) const {
    const Outcome outcome = report(arguments);
    EXPECT_EQ(outcome.code, code) << arguments << "\n" << outcome.output;
    EXPECT_THAT(outcome.output, StartsWith("bench-report: ")) << arguments;
    EXPECT_THAT(outcome.output, HasSubstr(sentence)) << arguments;
    EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
  }

  Store store() const { return Store(folder_ / "history"); }
};

TEST_F(ExchangeCommands, ImportingAFolderTwiceChangesNothing) {
  make_history();
  const Outcome again = report("history import old");
  EXPECT_EQ(again.code, 0);
  EXPECT_THAT(again.output, HasSubstr("0 runs added to 'history', 12 already there.\n"));
  EXPECT_THAT(store().runs(), SizeIs(12));
}

TEST_F(ExchangeCommands, ImportLeavesOutTheHistoryBesideTheResults) {
  make_history();
  const Outcome again = report("history import .");
  EXPECT_EQ(again.code, 0) << again.output;
  EXPECT_THAT(again.output, StartsWith("0 runs added to 'history', 12 already there.\n"));
  EXPECT_EQ(report("history import history").code, 21);
}

TEST_F(ExchangeCommands, ImportKeepsTheRestBesideABrokenFile) {
  result("old/good.json", 5);
  file("old/broken.json", "{\"context\": [[[[");
  const Outcome outcome = report("history import old --history=kept --branch=trunk");
  EXPECT_EQ(outcome.code, 21);
  EXPECT_THAT(outcome.output, StartsWith("1 run added to 'kept'."));
  EXPECT_THAT(outcome.output, HasSubstr("\nCould not be read: 'old/broken.json'"));
  EXPECT_EQ(Store(folder_ / "kept").runs().front().branch, "trunk");
}

TEST_F(ExchangeCommands, ImportOfNothingIs21AndMakesNoHistory) {
  fs::create_directories(folder_ / "empty");
  const Outcome outcome = report("history import empty none.json");
  EXPECT_EQ(outcome.code, 21);
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("There is no result below 'empty'"), HasSubstr("none.json")));
  EXPECT_FALSE(fs::exists(folder_ / "history"));
}

TEST_F(ExchangeCommands, ImportTellsGithubActionDataByItsContent) {
  file("site/data.js", read_file(exchange_testdata("data.js")));
  for (const char* call : {"site", "site/data.js", "site/data.js --format=github-action-benchmark"}) {
    const Outcome outcome = report(fmt::format("history import {}", call));
    EXPECT_EQ(outcome.code, 0) << outcome.output;
    EXPECT_THAT(outcome.output, HasSubstr("Note: Values in 'MB/s' are the metric 'mb_per_s'"));
  }
  EXPECT_THAT(store().runs(), SizeIs(3));
  const Outcome wrong = report("history import site/data.js --format=google-benchmark");
  EXPECT_EQ(wrong.code, 21);
  EXPECT_THAT(wrong.output, HasSubstr("is not a JSON object"));
}

TEST_F(ExchangeCommands, ImportOfACutFileKeepsWhatIsWhole) {
  const std::string data = read_file(exchange_testdata("data.js"));
  file("data.js", data.substr(0, data.find("\"Go\"")));
  const Outcome outcome = report("history import data.js");
  EXPECT_EQ(outcome.code, 21);
  EXPECT_THAT(outcome.output, AllOf(StartsWith("2 runs added"), HasSubstr("is cut off at byte")));
  EXPECT_THAT(store().runs(), SizeIs(2));
}

TEST_F(ExchangeCommands, ImportSaysOnceThatGitKnowsNothing) {
  file("data.js", read_file(exchange_testdata("data.js")));
  const std::string output = report("history import data.js").output;
  EXPECT_THAT(output, HasSubstr("(And so for 1 further commit"));
}

TEST_F(ExchangeCommands, ImportSaysOnceWhereCommitsAreTakenFromNames) {
  for (int i = 0; i < 3; ++i) result(fmt::format("old/0123ab{}.json", i), 5, i);
  const Outcome outcome = report("history import old");
  EXPECT_EQ(outcome.code, 0) << outcome.output;
  EXPECT_THAT(outcome.output,
              HasSubstr("The commit of 3 files is taken from the name, for example of 'old/0123ab0.json'."));
}

TEST_F(ExchangeCommands, ImportWithWrongUsageIs64AndWithoutAPlaceToWrite74) {
  expect_failure("history import", 64, "PATH is required");
  expect_failure("history import x --format=xml", 64, "xml");
  expect_failure("history import " + result("a.json", 5) + " --history=/dev/null/x", 74, "/dev/null");
}

TEST_F(ExchangeCommands, ExportWritesEveryFormat) {
  make_history();
  for (const char* format : {"bencher", "github-action-benchmark", "pytorch-hud", "shields"}) {
    const Outcome outcome = report(fmt::format("history export --format={}", format));
    EXPECT_EQ(outcome.code, 0) << format << outcome.output;
    EXPECT_NO_THROW(parse_json(outcome.output, format));
  }
  EXPECT_THAT(report("history export --format=shields").output, HasSubstr("no regressions"));
  EXPECT_THAT(report("history export --format=shields --metric=real_time").output, HasSubstr("BM_a/8 Time"));
  EXPECT_THAT(report("history export --format=bencher --metric=cpu_time").output,
              Not(HasSubstr("real_time")));
  const Outcome csv = report("history export --format=csv -o table.csv --metric=real_time");
  EXPECT_EQ(csv.output, "");
  const std::string table = read_file(folder_ / "table.csv");
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 13);
}

TEST_F(ExchangeCommands, ABadgeCountsRegressions) {
  make_history();
  const std::vector<double> times = noisy(12, 8, 0.005, 3);
  for (std::size_t i = 0; i < times.size(); ++i)
    result(fmt::format("new/r{}.json", i), times[i], static_cast<int>(20 + i));
  EXPECT_EQ(report("history import new").code, 0);
  EXPECT_THAT(report("history export --format=shields").output,
              HasSubstr("\"1 regression\", \"color\": \"red\""));
}

TEST_F(ExchangeCommands, ExportWithoutAHistoryIs22) {
  expect_failure("history export --format=csv", 22, "There is no history 'history'");
  fs::create_directories(folder_ / "history");
  expect_failure("history export --format=bencher", 22, "has no run of branch 'main' that did not fail");
}

TEST_F(ExchangeCommands, ExportWithWrongUsageIs64) {
  make_history();
  expect_failure("history export", 64, "--format is required");
  expect_failure("history export --format=xml", 64, "xml");
  expect_failure("history export --format=csv --benchmark=BM_b/8", 64, "The nearest: 'BM_a/8'");
  expect_failure("history export --format=csv --branch=mian", 64, "'main'");
  expect_failure("history export --format=shields --metric='*'", 64, "A badge shows one series, and 2");
  expect_failure("history export --format=github-action-benchmark-bigger", 64,
                 "Of no metric that is asked for more");
  const std::string run = store().runs().front().id;
  expect_failure(fmt::format("history export --format=csv -o history/2026-01/{}.ndjson", run), 64,
                 "would be taken for a file of the history");
  expect_failure("history export --format=csv -o /no/such/folder/x.csv", 74, "No such file");
}

TEST_F(ExchangeCommands, ExportOfAHistoryWithAForeignFileIs21AndWritesTheRest) {
  make_history();
  file("history/2026-01/foreign.ndjson", "hello\n");
  const Outcome outcome = report("history export --format=csv -o table.csv");
  EXPECT_EQ(outcome.code, 21);
  EXPECT_THAT(outcome.output, HasSubstr("foreign.ndjson"));
  EXPECT_THAT(read_file(folder_ / "table.csv"), HasSubstr("BM_a/8,real_time,main"));
}

TEST_F(ExchangeCommands, AnExportThatWasStoredByTheActionIsImportedAsTheSamePoints) {
  make_history();
  const std::string benches = report("history export --format=github-action-benchmark").output;
  file("data.js",
       fmt::format(R"(window.BENCHMARK_DATA = {{"entries": {{"Benchmark": [{{"commit": {{"id": ""}}, )"
                   R"("date": 1764065760000, "tool": "customSmallerIsBetter", "benches": {}}}]}}}})",
                   benches));
  EXPECT_EQ(report("history import data.js --history=other").code, 0);
  const Store other(folder_ / "other");
  const Store own = store();
  ASSERT_THAT(other.keys(), SizeIs(own.keys().size()));
  for (const SeriesKey& key : other.keys()) {
    const SeriesKey same = own.keys({.benchmark = key.benchmark, .metric = key.metric}).at(0);
    EXPECT_EQ(other.series(key).points.at(0).value, own.series(same).points.back().value) << key.metric;
  }
}

TEST_F(ExchangeCommands, CompareTakesTheBaselineFromAHistory) {
  make_history();
  const Outcome same = report("compare --history=history " + contender("same", 5));
  EXPECT_EQ(same.code, 0) << same.output;
  EXPECT_THAT(same.output,
              AllOf(HasSubstr("1 EQUIVALENT"), HasSubstr("the stable part of 2 series in 'history'")));
  EXPECT_EQ(report("compare --history=history " + contender("slower", 5.5)).code, 10);
  EXPECT_EQ(report("compare --history=history " + contender("renamed", 5, "BM_new")).code, 12);
}

TEST_F(ExchangeCommands, CompareWithAHistoryThatHasNoneIs22UnlessAllowed) {
  const std::string side = contender("side", 5);
  expect_failure("compare --history=none " + side, 22, "No baseline. There is no history 'none'");
  make_history();
  expect_failure("compare --history=history --branch=release " + side, 22,
                 "has no good run of branch 'release'");
  const Outcome allowed = report("compare --history=none --allow_no_baseline " + side);
  EXPECT_EQ(allowed.code, 0);
  EXPECT_THAT(allowed.output, HasSubstr("nothing was compared"));
}

TEST_F(ExchangeCommands, CompareWithABrokenFileInItsHistoryIs21AndComparesTheRest) {
  make_history();
  file("history/2026-01/foreign.ndjson", "hello\n");
  const Outcome outcome = report("compare --history=history " + contender("same", 5));
  EXPECT_EQ(outcome.code, 21);
  EXPECT_THAT(outcome.output, AllOf(HasSubstr("Could not be read: "), HasSubstr("1 EQUIVALENT")));
}

TEST_F(ExchangeCommands, CompareWithAHistoryAndWrongUsageIs64) {
  make_history();
  const std::string side = contender("side", 5);
  expect_failure("compare --history=history", 64, "takes the contender alone, and no paths were given");
  expect_failure("compare --history=history side/*.json", 64, "and 10 paths were given");
  expect_failure("compare --history=history --paired " + side, 64, "excludes");
  expect_failure("compare --history=history --claim " + side, 64, "excludes");
  expect_failure("compare --branch=main " + side, 64, "requires");
  const std::string run = store().runs().front().id;
  expect_failure(fmt::format("compare --history=history {} -o history/2026-01/{}.ndjson", side, run), 64,
                 "is one of the results that are compared");
}

}  // namespace
}  // namespace trainbench::report::history
