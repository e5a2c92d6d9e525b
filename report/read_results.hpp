#pragma once

#include <filesystem>

#include "report/result_set.hpp"

namespace trainbench::report {

/// Reads a run folder (its journal, or benchmark.json where there is no readable journal), a journal, or a
/// JSON file of Google Benchmark; which of them a file is, its first bytes say.
///
/// Throws InputError (`unreadable`) with the path, what is wrong and the way out.
ResultSet read_results(const std::filesystem::path& path);

}  // namespace trainbench::report
