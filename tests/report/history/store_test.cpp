#include "report/history/store/store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "tests/report/history/kept_runs.hpp"
#include "tests/report/history/store_fixture.hpp"

namespace trainbench::report::history {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
namespace fs = std::filesystem;

TEST_F(StoreTest, FindsAnAddedRunAgain) {
  const RunRecord record = kept_run("run-1", 7, kNoon, {3.0, 1.0, 2.5});
  EXPECT_EQ(Store(history_, true).add(record), Added::added);
  const Store store(history_);
  ASSERT_THAT(store.keys(), SizeIs(1));
  const SeriesHistory series = store.series(store.keys()[0]);
  EXPECT_EQ(series.key.benchmark, "BM_a/8");
  EXPECT_EQ(series.key.branch, "main");
  ASSERT_THAT(series.points, SizeIs(1));
  const Point& point = series.points[0];
  EXPECT_EQ(point.run_id, "run-1");
  EXPECT_EQ(point.started, kNoon);
  EXPECT_EQ(point.commit.number, 7);
  EXPECT_EQ(point.commit.subject, "A commit");
  EXPECT_EQ(point.value, 2.5);
  EXPECT_EQ(point.low, 1.0);
  EXPECT_EQ(point.high, 3.0);
  EXPECT_EQ(point.num_values, 3U);
  EXPECT_EQ(run_file_text(store.run("run-1")), run_file_text(record));
  EXPECT_EQ(read_file(history_ / "2026-11" / "run-1.ndjson"), run_file_text(record));
}

TEST_F(StoreTest, AddingARunTwiceChangesNothing) {
  Store(history_, true).add(kept_run("run-1", 7, kNoon));
  const auto before = files();
  Store store(history_);
  EXPECT_EQ(store.add(kept_run("run-1", 7, kNoon)), Added::already_there);
  EXPECT_EQ(store.add(kept_run("run-1", 7, kNoon)), Added::already_there);
  EXPECT_EQ(files(), before);
  EXPECT_THAT(store.runs(), SizeIs(1));
}

TEST_F(StoreTest, WhatGitKnewOfTheCommitMakesNoOtherRun) {
  RunRecord record = kept_run("run-1", std::nullopt, kNoon);
  record.commit = {.hash = "abc1234", .subject = "", .number = std::nullopt};
  Store store(history_, true);
  store.add(record);
  record.commit = {.hash = "abc1234000", .subject = "Now known", .number = 12};
  EXPECT_EQ(store.add(record), Added::already_there);
}

TEST_F(StoreTest, RefusesAnotherRunOfTheSameId) {
  Store store(history_, true);
  store.add(kept_run("run-1", 7, kNoon, {1.0}));
  const auto before = files();
  for (const RunRecord& other : {kept_run("run-1", 7, kNoon, {2.0}), kept_run("run-1", 8, kNoon, {1.0}),
                                 kept_run("run-1", 7, "2026-12-01T00:00:00Z", {1.0})}) {
    try {
      store.add(other);
      ADD_FAILURE() << "it was added";
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), ExitCode::unreadable);
      EXPECT_THAT(error.what(), HasSubstr("another run of the id 'run-1'"));
    }
  }
  EXPECT_EQ(files(), before);
}

TEST_F(StoreTest, PointsStandInCommitOrderWhateverTheClocksSaid) {
  Store store(history_, true);
  store.add(kept_run("third", 3, "2026-11-01T00:00:00Z"));
  store.add(kept_run("first", 1, "2026-11-20T00:00:00Z"));
  store.add(kept_run("second-again", 2, "2026-11-10T00:00:01Z"));
  store.add(kept_run("second", 2, "2026-11-10T00:00:00Z"));
  EXPECT_THAT(ids_of_points(), ElementsAre("first", "second", "second-again", "third"));
  EXPECT_THAT(ids(), ElementsAre("first", "second", "second-again", "third"));
}

TEST_F(StoreTest, ARunWithoutANumberStandsBehindTheNewestCommitThatStartedBeforeIt) {
  Store store(history_, true);
  store.add(kept_run("one", 1, "2026-11-01T00:00:00Z"));
  store.add(kept_run("two", 2, "2026-11-03T00:00:00Z"));
  store.add(kept_run("three", 3, "2026-11-05T00:00:00Z"));
  store.add(kept_run("before-all", std::nullopt, "2026-10-01T00:00:00Z"));
  store.add(kept_run("behind-two-b", std::nullopt, "2026-11-04T00:00:00Z"));
  store.add(kept_run("behind-two-a", std::nullopt, "2026-11-04T00:00:00Z"));
  store.add(kept_run("undated", std::nullopt, ""));
  store.add(kept_run("one-measured-late", 1, "2026-11-09T00:00:00Z"));
  store.add(kept_run("behind-three", std::nullopt, "2026-11-10T00:00:00Z"));
  const auto order = ElementsAre("undated", "before-all", "one", "one-measured-late", "two", "behind-two-a",
                                 "behind-two-b", "three", "behind-three");
  EXPECT_THAT(ids_of_points(), order);
  EXPECT_THAT(ids(), order);
}

TEST_F(StoreTest, ARunOfTheBranchOutsideTheSeriesTellsThePlaceAsWell) {
  Store store(history_, true);
  RunRecord other = kept_run("other", 5, "2026-11-02T00:00:00Z");
  other.series[0].benchmark = "BM_b";
  store.add(other);
  store.add(kept_run("four", 4, "2026-11-20T00:00:00Z"));
  store.add(kept_run("unnumbered", std::nullopt, "2026-11-03T00:00:00Z"));
  EXPECT_THAT(ids_of_points(), ElementsAre("four", "unnumbered"));
}

TEST_F(StoreTest, ListsBranchesByName) {
  Store store(history_, true);
  RunRecord side = kept_run("on-a-side-branch", 1, kNoon);
  side.branch = "a/side";
  store.add(kept_run("on-main", 1, kNoon));
  store.add(side);
  EXPECT_THAT(ids(), ElementsAre("on-a-side-branch", "on-main"));
  EXPECT_THAT(store.keys({.branch = "a/side"}), SizeIs(1));
  EXPECT_THAT(store.keys({.branch = "a"}), IsEmpty());
}

TEST_F(StoreTest, GivesKeysInNaturalOrderAndByPattern) {
  RunRecord record = kept_run("run-1", 1, kNoon);
  record.series.clear();
  for (const char* benchmark : {"BM/128", "BM/16", "BM/8", "Other[1]"})
    record.series.push_back({benchmark, "real_time", "", {1.0}});
  record.series.push_back({"BM/8", "cpu_time", "", {1.0}});
  Store store(history_, true);
  store.add(record);
  const auto names = [&](const SeriesFilter& filter) {
    std::vector<std::string> all;
    for (const SeriesKey& key : store.keys(filter)) all.push_back(key.benchmark + " " + key.metric);
    return all;
  };
  EXPECT_THAT(names({}), ElementsAre("BM/8 cpu_time", "BM/8 real_time", "BM/16 real_time", "BM/128 real_time",
                                     "Other[1] real_time"));
  EXPECT_THAT(names({.benchmark = "BM/1*"}), ElementsAre("BM/16 real_time", "BM/128 real_time"));
  EXPECT_THAT(names({.metric = "cpu*"}), ElementsAre("BM/8 cpu_time"));
  EXPECT_THAT(names({.benchmark = "Other[1]"}), ElementsAre("Other[1] real_time"));
  EXPECT_THAT(names({.machine_fingerprint = "another"}), IsEmpty());
}

TEST_F(StoreTest, KeepsWhatIsGoodBesideFilesThatAreNot) {
  add_three_runs();
  const std::string whole = run_file_text(kept_run("cut", 4, kNoon));
  put("2026-11/cut.ndjson", whole.substr(0, whole.size() - 5));
  put("2026-11/without-end.ndjson", whole.substr(0, whole.rfind("{\"end\"")));
  put("2026-11/foreign.ndjson", "{\"journal\":1}\n");
  put("2026-11/newer.ndjson", "{\"history\":2,\"run\":{}}\n{\"end\":1}\n");
  put("2026-11/renamed.ndjson", run_file_text(kept_run("run-9", 4, kNoon)));
  put("2026-12/run-1.ndjson", run_file_text(kept_run("run-1", 4, kNoon)));
  put("2026-11/empty.ndjson", "");
  put("2026-11/notes.txt", "no run, and none is expected of it");
  put("page/x.ndjson", "no folder of runs");
  const Store store(history_);
  EXPECT_THAT(store.runs(), SizeIs(3));
  EXPECT_THAT(
      store.problems(),
      ElementsAre(AllOf(HasSubstr("'2026-11/cut.ndjson'"), HasSubstr("half-written")),
                  AllOf(HasSubstr("'2026-11/empty.ndjson'"), HasSubstr("it is empty")),
                  AllOf(HasSubstr("'2026-11/foreign.ndjson'"), HasSubstr("it is no run of a history")),
                  AllOf(HasSubstr("'2026-11/newer.ndjson'"), HasSubstr("its format is 2, newer than")),
                  AllOf(HasSubstr("'2026-11/renamed.ndjson'"), HasSubstr("'run-9'")),
                  AllOf(HasSubstr("'2026-11/without-end.ndjson'"), HasSubstr("half-written")),
                  AllOf(HasSubstr("'2026-12/run-1.ndjson'"), HasSubstr("another file"))));
  for (const std::string& problem : store.problems()) {
    EXPECT_THAT(problem, StartsWith("In '" + history_.string() + "', "));
    EXPECT_THAT(problem, EndsWith("."));
  }
  EXPECT_EQ(Store(history_).problems(), store.problems());
}

TEST_F(StoreTest, ReadsABadFileAgainOnceItHasChanged) {
  const std::string whole = run_file_text(kept_run("run-1", 4, kNoon));
  std::string broken = whole;
  broken[1] = '!';
  put("2026-11/run-1.ndjson", broken);
  EXPECT_THAT(Store(history_).problems(), SizeIs(1));
  const fs::path file = history_ / "2026-11" / "run-1.ndjson";
  const auto changed = fs::last_write_time(file);
  put("2026-11/run-1.ndjson", whole);
  fs::last_write_time(file, changed);
  EXPECT_THAT(Store(history_).problems(), SizeIs(1)) << "of the same size and time it was read again";
  fs::last_write_time(file, changed + std::chrono::seconds(1));
  EXPECT_THAT(Store(history_).problems(), IsEmpty());
  EXPECT_THAT(ids(), ElementsAre("run-1"));
}

TEST_F(StoreTest, NeverOverwritesAFileThatItCannotRead) {
  put("2026-11/run-1.ndjson", "{\"history\":2,\"run\":{}}\n");
  const auto before = files();
  Store store(history_);
  EXPECT_THROW(store.add(kept_run("run-1", 4, kNoon)), InputError);
  EXPECT_EQ(files(), before);
}

TEST_F(StoreTest, NoIdLeavesTheFolder) {
  Store store(history_, true);
  for (const char* id : {"../../x", "a/b", "", ".", "..", ".hidden", "-rf", "a b", "a\nb", "ä"}) {
    EXPECT_THROW(store.add(kept_run(id, 1, kNoon)), InputError) << id;
    EXPECT_THAT(files(), SizeIs(1)) << id;  // .gitignore
  }
  EXPECT_THROW(store.add(kept_run(std::string(161, 'x'), 1, kNoon)), InputError);
  EXPECT_EQ(store.add(kept_run(std::string(160, 'x'), 1, "../../../x")), Added::added);
  EXPECT_TRUE(fs::exists(history_ / "undated" / (std::string(160, 'x') + ".ndjson")));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(StoreTest, KeepsNamesFullOfMarkupAsTheyAre) {
  const std::string name = "<script>alert('\"|`*_\\')</script>/\x01\n'; DROP TABLE runs; --\xE2\x80\xAE";
  RunRecord record = kept_run("run-1", 1, kNoon);
  record.series[0].benchmark = name;
  record.branch = name;
  Store(history_, true).add(record);
  const Store store(history_);
  ASSERT_THAT(store.keys({.branch = name}), SizeIs(1));
  EXPECT_EQ(store.keys()[0].benchmark, name);
  EXPECT_THAT(store.series(store.keys()[0]).points, SizeIs(1));
  EXPECT_EQ(store.run("run-1").series[0].benchmark, name);
}

TEST_F(StoreTest, MendsTextThatIsNoUtf8) {
  RunRecord record = kept_run("run-1", 1, kNoon);
  record.commit.subject = "caf\xe9";
  Store store(history_, true);
  store.add(record);
  EXPECT_EQ(store.add(record), Added::already_there);
  EXPECT_EQ(store.runs().at(0).commit.subject, "caf\xEF\xBF\xBD");
  EXPECT_EQ(Store(history_).run("run-1").commit.subject, "caf\xEF\xBF\xBD");
}

TEST_F(StoreTest, KeepsMarksByDay) {
  const Mark later{.benchmark = "BM_*",
                   .metric = "*",
                   .commit = "abc1234",
                   .kind = "expected",
                   .reason = "A larger <arena> of \"release 2\"",
                   .day = "2026-11-25"};
  Mark earlier = later;
  earlier.day = "2026-11-01";
  earlier.kind = "fixed";
  Store(history_, true).add(later);
  Store store(history_);
  store.add(earlier);
  store.add(later);
  for (const std::vector<Mark>& marks : {store.marks(), Store(history_).marks()}) {
    ASSERT_THAT(marks, SizeIs(2));
    EXPECT_EQ(marks[0].kind, "fixed");
    EXPECT_EQ(marks[1].reason, later.reason);
    EXPECT_EQ(marks[1].benchmark, "BM_*");
    EXPECT_EQ(marks[1].metric, "*");
    EXPECT_EQ(marks[1].commit, "abc1234");
    EXPECT_EQ(marks[1].day, "2026-11-25");
  }
  EXPECT_THAT(files(), SizeIs(3));  // .gitignore and two marks
}

TEST_F(StoreTest, LeavesABadMarkOut) {
  Store(history_, true)
      .add(Mark{.benchmark = "a",
                .metric = "b",
                .commit = "c",
                .kind = "fixed",
                .reason = "d",
                .day = "2026-11-25"});
  put("marks/0.json", "{");
  put("marks/1.json", "{\"mark\":2}\n");
  put("marks/2.json",
      R"({"mark":1,"benchmark":"a","metric":"b","commit":"c","kind":"odd","reason":"d","day":"2026-11-25"})");
  const Store store(history_);
  EXPECT_THAT(store.marks(), SizeIs(1));
  EXPECT_THAT(store.problems(), ElementsAre(HasSubstr("0.json' is not valid JSON"), HasSubstr("newer than"),
                                            HasSubstr("its kind 'odd' is unknown")));
}

TEST_F(StoreTest, RefusesWhatIsNoFolder) {
  const auto code_of = [](const fs::path& folder, bool create) {
    try {
      const Store store(folder, create);
    } catch (const InputError& error) {
      return error.code();
    }
    return ExitCode::ok;
  };
  EXPECT_EQ(code_of(history_, false), ExitCode::no_baseline);
  EXPECT_FALSE(fs::exists(history_));
  write_file_atomically(history_, "a file");
  EXPECT_EQ(code_of(history_, false), ExitCode::unreadable);
  EXPECT_EQ(code_of(history_, true), ExitCode::unreadable);
}

TEST_F(StoreTest, HasNoRunThatWasNeverAdded) {
  const Store store(history_, true);
  try {
    store.run("run-1");
    ADD_FAILURE() << "there is one";
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    EXPECT_THAT(error.what(), HasSubstr("holds no run 'run-1'"));
  }
  EXPECT_THAT(store.series({.benchmark = "none"}).points, IsEmpty());
}

}  // namespace
}  // namespace trainbench::report::history
