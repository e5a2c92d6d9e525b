#pragma once

#include <filesystem>

#include "report/results/result_set.hpp"

namespace trainbench::report {

/// Reads a run folder (its journal, or benchmark.json where there is no readable journal), a journal, or a
/// JSON file of Google Benchmark, NVBench, hyperfine or pytest-benchmark; which of them a file is, its
/// content says.
///
/// Throws InputError (`unreadable`) with the path, what is wrong and the way out.
ResultSet read_results(const std::filesystem::path& path);

}  // namespace trainbench::report
