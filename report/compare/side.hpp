#pragma once

#include <set>
#include <span>
#include <string>
#include <vector>

#include "report/results/result_set.hpp"
#include "src/base/errors.hpp"

namespace trainbench::report {

/// One file, or one run folder, of a side. `name` is its last path component: --paired matches by it.
struct SideFile {
  std::string name;
  ResultSet results;
};

/// The baseline or the contender: whatever files it was given as.
struct Side {
  std::vector<SideFile> files;         // by name, numbers in names in their order
  std::vector<std::string> problems;   // sentences: files that could not be read, the others were
  std::set<std::string> unreadable{};  // their names
  bool is_selection = false;  // its values were chosen one by one: a process without one does not lack it
};

/// Reads a side from files, run folders, folders of either, and shell patterns ("base/*.json"). A file that
/// cannot be read beside others that can is a problem.
///
/// Throws InputError with `when_absent` where nothing is there at all, or no row that could be compared in
/// any file, and (`unreadable`) where all that is there cannot be read.
Side read_side(std::span<const std::string> paths, ExitCode when_absent);

}  // namespace trainbench::report
