#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report/compare/side.hpp"

namespace trainbench::report {

/// A Google Benchmark program and the flags that it is run with.
struct BenchmarkProgram {
  std::string path;
  std::vector<std::string> flags;
  bool is_bench = false;             // this suite's own, which takes --seed and --out
  std::vector<std::string> names{};  // of its benchmarks, as rows have them
};

/// Asks the program for the names of its benchmarks, which runs none, and so whether it takes the flags.
///
/// Throws InputError (`usage`) that says what it answered where it cannot be started, refuses the flags,
/// crashes, does not answer within a minute, prints without end or names no benchmark; with the
/// interruption's code where one came.
BenchmarkProgram probe_program(const std::string& path, const std::vector<std::string>& flags);

struct ProcessRun {
  std::filesystem::path folder;
  std::string name;  // of the result in the folder; "pair-03" becomes "pair-03.json" or a run folder
  std::size_t seed = 0;
  double timeout_seconds = 0;
};

/// What one process left. Where it did not end well, `failure` says how, and what it had written is kept.
struct ProcessResult {
  std::filesystem::path written;  // the file or the run folder, whether or not it is there
  SideFile file;
  std::string failure;
};

/// Runs the program once in a process of its own. Throws EnvironmentError where no process can be started.
ProcessResult run_once(const BenchmarkProgram& program, const ProcessRun& run);

/// Whether two programs are the same bytes and load shared libraries of the same bytes. False for what is no
/// ELF file, a script may look at its own path, and where the libraries cannot be told.
bool are_identical(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace trainbench::report
