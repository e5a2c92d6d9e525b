#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "report/history/store/index.hpp"

namespace trainbench::report::history {

inline constexpr const char* kMarksFolder = "marks";

/// "2026-11/<run-id>.ndjson", by the run's start; "undated/<run-id>.ndjson" where that is unknown.
std::string run_file_name(const RunRecord& record);

/// The names of the files in the folder that end in `extension`, hidden ones left out, sorted; none where
/// there is no such folder. Throws InputError (`unreadable`) where it cannot be looked into.
std::vector<std::string> files_in(const std::filesystem::path& folder, std::string_view extension);

/// What an index has to do to know the folder's runs.
struct FileDifference {
  std::vector<std::string> fresh;
  std::vector<std::string> gone;  // files with a problem that changed since are here and among the fresh
  bool empty() const { return fresh.empty() && gone.empty(); }
};

/// `known` is sorted by name. Files are told by their names, for they never change. Throws InputError
/// (`unreadable`) where the folder cannot be looked into.
FileDifference difference_of(const std::filesystem::path& folder, std::span<const IndexedFile> known);

/// The file's name, and size and time of change now, 0 where it is gone.
IndexedFile stamped(const std::filesystem::path& folder, const std::string& name);

/// Removes what writers that were killed have left in the folder: files named "*.partial" that have been
/// there for more than an hour, for nobody is still writing those.
void remove_abandoned(const std::filesystem::path& folder);

}  // namespace trainbench::report::history
