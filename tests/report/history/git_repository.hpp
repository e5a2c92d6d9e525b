#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "tests/report/run_program.hpp"

namespace trainbench::report::history {

/// A real repository in a folder of the test's.
class GitRepository {
 public:
  explicit GitRepository(std::filesystem::path folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    git("init -q -b main .");
  }

  /// The hash of a new, empty commit.
  std::string commit(const std::string& subject) const {
    git("commit -q --allow-empty --no-verify -m '" + subject + "'");
    return head();
  }
  std::string head() const { return git("rev-parse HEAD"); }

  /// What git prints, without its last line break.
  std::string git(const std::string& arguments) const {
    const Outcome outcome =
        run_in_shell("cd '" + folder_.string() +
                     "' && env -u GIT_DIR -u GIT_WORK_TREE -u GIT_INDEX_FILE GIT_CONFIG_GLOBAL=/dev/null "
                     "GIT_CONFIG_SYSTEM=/dev/null git -c user.name=A -c user.email=a@example.org -c "
                     "commit.gpgsign=false " +
                     arguments);
    EXPECT_EQ(outcome.code, 0) << arguments << "\n" << outcome.output;
    return outcome.output.substr(0, outcome.output.find_last_not_of('\n') + 1);
  }

  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
};

}  // namespace trainbench::report::history
