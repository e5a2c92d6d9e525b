#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "report/history/store/store.hpp"
#include "src/base/files.hpp"
#include "tests/report/history/kept_runs.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report::history {

inline constexpr const char* kNoon = "2026-11-25T12:00:00Z";

/// A history in a folder of the test's.
class StoreTest : public TemporaryFolder {
 protected:
  /// Every file below the history but the index: path and content.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(history_)) {
      if (entry.is_regular_file() && !entry.path().filename().string().starts_with("index.sqlite"))
        all[entry.path().lexically_relative(history_).string()] = read_file(entry.path());
    }
    return all;
  }

  void put(const std::string& name, const std::string& content) const {
    create_folders((history_ / name).parent_path());
    write_file_atomically(history_ / name, content);
  }

  std::vector<std::string> ids() const {
    std::vector<std::string> all;
    for (const RunSummary& run : Store(history_).runs()) all.push_back(run.id);
    return all;
  }

  std::vector<std::string> ids_of_points() const {
    const Store store(history_);
    std::vector<std::string> all;
    for (const Point& point : store.series(store.keys().at(0)).points) all.push_back(point.run_id);
    return all;
  }

  void expect_three_runs() const {
    const Store store(history_);
    EXPECT_THAT(store.problems(), testing::IsEmpty());
    EXPECT_THAT(store.runs(), testing::SizeIs(3));
    EXPECT_THAT(store.series(store.keys().at(0)).points, testing::SizeIs(3));
  }

  void add_three_runs() const {
    Store store(history_, true);
    for (int i = 1; i <= 3; ++i) store.add(kept_run(fmt::format("run-{}", i), i, kNoon));
  }

  const std::filesystem::path history_ = folder_ / "history";
  const std::filesystem::path index_ = history_ / "index.sqlite";
};

}  // namespace trainbench::report::history
