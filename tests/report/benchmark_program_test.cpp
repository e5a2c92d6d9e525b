#include "report/gate/benchmark_program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/errors.hpp"
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

class ProbeProgram : public TemporaryFolder {
 protected:
  BenchmarkProgram probe(const std::string& script) const {
    const fs::path program = folder_ / "program";
    write_file_atomically(program, "#!/bin/sh\n" + script + "\n");
    fs::permissions(program, fs::perms::owner_all);
    return probe_program(program.string(), {});
  }
};

TEST_F(ProbeProgram, NamesItsBenchmarksAsRowsHaveThem) {
  using testing::ElementsAre;
  const std::string list = "echo BM_a/8/repeats:3; echo BM_b/manual_time";
  EXPECT_THAT(probe(list).names, ElementsAre("BM_a/8", "BM_b/manual_time"));
  const BenchmarkProgram bench =
      probe("case $1 in --version) echo 'bench 0.1 (LibTorch 2.11.0)' ;; *) " + list + " ;; esac");
  EXPECT_TRUE(bench.is_bench);
  EXPECT_THAT(bench.names, ElementsAre("BM_a/8", "BM_b"));
}

TEST_F(ProbeProgram, RefusesWhatPrintsWithoutEnd) {
  for (const std::string endless : {"yes", "cat /dev/zero"}) {
    try {
      probe("exec " + endless);
      FAIL() << endless;
    } catch (const InputError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("asked for its benchmarks it prints without end."));
    }
  }
}

}  // namespace
}  // namespace trainbench::report
