#include "report/compare/side.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/files.hpp"
#include "tests/report/testdata_path.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

class SideTest : public TemporaryFolder {
 protected:
  void write(const std::string& name, const std::string& content) const {
    fs::create_directories((folder_ / name).parent_path());
    write_file_atomically(folder_ / name, content);
  }
  std::vector<std::string> names(const std::string& path) const {
    std::vector<std::string> result;
    const std::vector<std::string> paths = {(folder_ / path).string()};
    for (const SideFile& file : read_side(paths, ExitCode::no_baseline).files) result.push_back(file.name);
    return result;
  }
  const std::string good_ =
      R"({"context": {}, "benchmarks": [{"name": "A", "real_time": 1, "time_unit": "ms"}]})";
};

TEST_F(SideTest, IsAFileAFolderAPatternOrARunFolder) {
  write("side/r10.json", good_);
  write("side/r2.json", good_);
  write("side/readme.txt", "no result");
  write("side/run/journal.ndjson", read_file(testdata("whole.ndjson")));
  EXPECT_THAT(names("side/r2.json"), ElementsAre("r2.json"));
  EXPECT_THAT(names("side"), ElementsAre("r2.json", "r10.json", "run"));
  EXPECT_THAT(names("side/r*.json"), ElementsAre("r2.json", "r10.json"));
  EXPECT_THAT(names("side/run"), ElementsAre("run"));
  EXPECT_THAT(names("side/run/"), ElementsAre("run"));
}

TEST_F(SideTest, OfNothingHasTheCodeAskedFor) {
  fs::create_directories(folder_ / "empty");
  for (const char* path : {"none.json", "empty", "none*.json"}) {
    const std::vector<std::string> paths = {(folder_ / path).string()};
    try {
      read_side(paths, ExitCode::no_baseline);
      ADD_FAILURE() << path;
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), ExitCode::no_baseline);
      EXPECT_THAT(error.what(), HasSubstr(path));
    }
  }
}

TEST_F(SideTest, KeepsTheGoodFilesBesideABadOne) {
  write("side/a.json", good_);
  write("side/b.json", "rubbish");
  const std::vector<std::string> paths = {(folder_ / "side").string()};
  const Side side = read_side(paths, ExitCode::no_baseline);
  EXPECT_EQ(side.files.size(), 1U);
  EXPECT_THAT(side.problems, ElementsAre(HasSubstr("b.json' is not a JSON object")));
  EXPECT_THAT(side.unreadable, ElementsAre("b.json"));
}

TEST_F(SideTest, WithoutARowHasTheCodeAskedForAndSaysWhatWasLeftOut) {
  write("side/a.json", R"({"context": {}, "benchmarks": []})");
  write("side/b.json", R"({"context": {}, "benchmarks": []})");
  write("means.json",
        R"({"context": {}, "benchmarks": [{"name": "A_mean", "run_type": "aggregate", "real_time": 1}]})");
  const auto message = [&](const char* path, ExitCode code) {
    const std::vector<std::string> paths = {(folder_ / path).string()};
    try {
      read_side(paths, ExitCode::no_baseline);
    } catch (const InputError& error) {
      EXPECT_EQ(error.code(), code);
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_THAT(message("side", ExitCode::no_baseline), HasSubstr("a.json' holds no result of a benchmark."));
  EXPECT_THAT(message("means.json", ExitCode::no_baseline), HasSubstr("1 row of aggregates"));
  write("side/c.json", "rubbish");
  EXPECT_THAT(message("side", ExitCode::unreadable), HasSubstr("c.json' is not a JSON object"));
}

TEST_F(SideTest, OfBadFilesAloneIsUnreadable) {
  write("side/a.json", "");
  write("side/b.json", "rubbish");
  const std::vector<std::string> paths = {(folder_ / "side").string()};
  try {
    read_side(paths, ExitCode::no_baseline);
    ADD_FAILURE();
  } catch (const InputError& error) {
    EXPECT_EQ(error.code(), ExitCode::unreadable);
    EXPECT_THAT(error.what(), HasSubstr("1 further files of this side"));
  }
}

}  // namespace
}  // namespace trainbench::report
