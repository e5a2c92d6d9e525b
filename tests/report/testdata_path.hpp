#pragma once

#include <filesystem>
#include <string>

namespace trainbench::report {

/// A file of tests/report/testdata.
inline std::string testdata(const std::string& name) {
  return (std::filesystem::path(TRAINBENCH_TESTS_DIR) / "report" / "testdata" / name).string();
}

}  // namespace trainbench::report
