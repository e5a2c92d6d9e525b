#include "report/benchmark_program.hpp"

#include <gtest/gtest.h>

#include "src/base/files.hpp"
#include "tests/temporary_folder.hpp"

namespace trainbench::report {
namespace {

namespace fs = std::filesystem;

class AreIdentical : public TemporaryFolder {};

TEST_F(AreIdentical, TakesProgramsOfTheSameBytesAndLibraries) {
  fs::copy_file("/bin/true", folder_ / "a");
  fs::copy_file("/bin/true", folder_ / "b");
  EXPECT_TRUE(are_identical(folder_ / "a", folder_ / "b"));
  EXPECT_TRUE(are_identical(folder_ / "a", folder_ / "a"));
}

TEST_F(AreIdentical, TellsOneByteApart) {
  fs::copy_file("/bin/true", folder_ / "a");
  std::string bytes = read_file("/bin/true");
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  write_file_atomically(folder_ / "b", bytes);
  EXPECT_FALSE(are_identical(folder_ / "a", folder_ / "b"));
}

TEST_F(AreIdentical, DoesNotTrustScripts) {
  write_file_atomically(folder_ / "a", "#!/bin/sh\n");
  EXPECT_FALSE(are_identical(folder_ / "a", folder_ / "a"));
}

}  // namespace
}  // namespace trainbench::report
