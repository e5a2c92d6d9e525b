#pragma once

#include <filesystem>
#include <vector>

#include "report/history/exchange/imported.hpp"

namespace trainbench::report::history {

/// The result files below a folder, in natural order: .json, .ndjson, data.js, and run folders of bench as
/// one each. What is hidden (".git") and links to folders are left out. Throws InputError (`unreadable`)
/// where a folder cannot be looked into.
std::vector<std::filesystem::path> results_below(const std::filesystem::path& folder);

/// Takes one old result file, of Google Benchmark or another program that read_results knows, as one run.
///
/// It started when its context's `date` says. Its commit is what the context says under "commit",
/// "git_commit", "GIT_COMMIT" and the like; else a word of 7 to 40 hexadecimal digits in the file's name or
/// in the name of a folder between `root` and the file. A file that cannot be read, or does not say when it
/// was measured, is a problem.
void import_result_file(const std::filesystem::path& file, const std::filesystem::path& root,
                        const ImportTarget& target, Imported& imported);

}  // namespace trainbench::report::history
