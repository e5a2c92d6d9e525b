#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/history/exchange/import_folder.hpp"
#include "src/base/errors.hpp"
#include "tests/report/history_exchange/exchange_run.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report::history {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
namespace fs = std::filesystem;

constexpr const char* kDate = "2026-01-02T04:04:05+01:00";

class ImportFolder : public TemporaryFolder {
 protected:
  void file(const std::string& name, const std::string& content) const {
    fs::create_directories((folder_ / name).parent_path());
    write_file_atomically(folder_ / name, content);
  }

  /// A result of Google Benchmark; `context` goes into the file's context.
  void result(const std::string& name, const std::string& context = "",
              const std::string& date = kDate) const {
    file(name, fmt::format(R"({{"context": {{"date": "{}", "num_cpus": 2{}}}, "benchmarks": [{{"name": )"
                           R"("BM_a/8", "real_time": 2, "cpu_time": 1, "time_unit": "ms"}}]}})",
                           date, context));
  }

  Imported imported(const std::string& name) const {
    const ImportTarget target{.branch = "main", .place_of = [](const std::string& hash) {
                                return CommitPlace{.hash = hash, .subject = "known", .number = 1};
                              }};
    Imported found;
    import_result_file(folder_ / name, folder_, target, found);
    return found;
  }

  std::string commit_of(const std::string& name) const {
    const Imported found = imported(name);
    EXPECT_THAT(found.problems, IsEmpty());
    return found.runs.empty() ? "none" : found.runs.front().commit.hash;
  }

  std::string problem_with(const std::string& name) const {
    const Imported found = imported(name);
    EXPECT_THAT(found.runs, IsEmpty());
    return found.problems.empty() ? "" : found.problems.front();
  }
};

TEST_F(ImportFolder, FindsResultsToItsDepthsInNaturalOrder) {
  for (const char* name :
       {"r10.json", "r9.json", "b/c/x.ndjson", "b/data.js", ".git/y.json", "a.txt", "other.js"})
    file(name, "");
  file("z/run/journal.ndjson", "");
  file("z/run/benchmark.json", "");
  file("z/run/profiles/p.json", "");
  std::vector<std::string> names;
  for (const fs::path& path : results_below(folder_))
    names.push_back(path.lexically_relative(folder_).string());
  EXPECT_THAT(names, ElementsAre("b/c/x.ndjson", "b/data.js", "r9.json", "r10.json", "z/run"));
}

TEST_F(ImportFolder, OfNothingIsEmptyAndOfNoFolderRefused) {
  EXPECT_THAT(results_below(folder_), IsEmpty());
  EXPECT_THROW(results_below(folder_ / "none"), InputError);
}

TEST_F(ImportFolder, TakesAFileAsARun) {
  result("a.json", R"(, "git_commit": "abc1234f")");
  const Imported found = imported("a.json");
  ASSERT_THAT(found.runs, SizeIs(1));
  const RunRecord& run = found.runs.front();
  EXPECT_EQ(run.started, "2026-01-02T03:04:05Z");
  EXPECT_EQ(run.commit.hash, "abc1234f");
  EXPECT_EQ(run.commit.subject, "known");
  EXPECT_THAT(run.series, SizeIs(2));
  EXPECT_EQ(run.machine.at("num_cpus"), "2");
  EXPECT_EQ(run.id, imported("a.json").runs.front().id);
}

TEST_F(ImportFolder, FindsTheCommitInTheContext) {
  for (const char* key : {"commit", "GIT_COMMIT", "git_sha", "CI_COMMIT_SHA"}) {
    result("a.json", fmt::format(R"(, "{}": "0123abc")", key));
    EXPECT_EQ(commit_of("a.json"), "0123abc") << key;
  }
  result("a.json", R"(, "commit": "0123abc-dirty")");
  EXPECT_EQ(commit_of("a.json"), "0123abc");
  result("a.json", R"(, "commit": "unknown", "GIT_COMMIT": "not a hash")");
  EXPECT_EQ(commit_of("a.json"), "");
}

TEST_F(ImportFolder, FindsTheCommitInTheNameOfTheFileOrOfAFolder) {
  result("bench-20260102-0123abc.json");
  EXPECT_EQ(commit_of("bench-20260102-0123abc.json"), "0123abc");
  EXPECT_THAT(imported("bench-20260102-0123abc.json").named, SizeIs(1));
  const std::string whole(40, '7');
  result(whole + "/bench.json");
  EXPECT_EQ(commit_of(whole + "/bench.json"), whole);
  for (const char* name : {"20260102.json", "defaced.json", "bench_1234567890.json", "x0123abc.json"}) {
    result(name);
    EXPECT_EQ(commit_of(name), "") << name;
  }
}

TEST_F(ImportFolder, ReadsDatesOfOldVersions) {
  result("a.json", "", "2015/03/17-18:40:25");
  EXPECT_EQ(imported("a.json").runs.at(0).started, "2015-03-17T18:40:25Z");
  result("a.json", "", "2018-05-01 12:34:56");
  EXPECT_EQ(imported("a.json").runs.at(0).started, "2018-05-01T12:34:56Z");
}

TEST_F(ImportFolder, NamesWhatCannotBeTaken) {
  file("empty.json", "");
  EXPECT_THAT(problem_with("empty.json"), HasSubstr("is empty"));
  file("other.json", R"({"a": 1})");
  EXPECT_THAT(problem_with("other.json"), HasSubstr("it is not a result of Google Benchmark"));
  EXPECT_THAT(problem_with("none.json"), HasSubstr("none.json"));
  result("undated.json", "", "");
  EXPECT_THAT(problem_with("undated.json"), HasSubstr("does not say when it was measured:"));
  result("odd.json", "", "yesterday");
  EXPECT_THAT(problem_with("odd.json"), HasSubstr("('yesterday' is no time)"));
  file("none-ran.json", R"({"context": {"date": "2026-01-02T03:04:05Z"}, "benchmarks": []})");
  EXPECT_THAT(problem_with("none-ran.json"), HasSubstr("holds no result"));
}

TEST_F(ImportFolder, KeepsACutFileAsAFailedRun) {
  file("cut.json",
       R"({"context": {"date": "2026-01-02T03:04:05Z"}, "benchmarks": [{"name": "A", "real_time": 1}, {"na)");
  const Imported found = imported("cut.json");
  ASSERT_THAT(found.runs, SizeIs(1));
  EXPECT_TRUE(found.runs.front().failed());
  EXPECT_THAT(found.notes, ElementsAre(HasSubstr("is kept as a failed run: The file is cut off")));
}

TEST_F(ImportFolder, LeavesOutWhatIsNotFinite) {
  file("nan.json",
       R"({"context": {"date": "2026-01-02T03:04:05Z"}, "benchmarks": [{"name": "A", "real_time": NaN},
                      {"name": "B", "real_time": 1, "rate": Infinity}]})");
  const RunRecord run = imported("nan.json").runs.at(0);
  EXPECT_THAT(run.series, SizeIs(1));
  EXPECT_THAT(run.failures, SizeIs(1));
}

}  // namespace
}  // namespace trainbench::report::history
