#pragma once

#include <span>
#include <string>
#include <vector>

#include "report/result_set.hpp"
#include "src/base/errors.hpp"

namespace trainbench::report {

/// One file, or one run folder, of a side. `name` is its last path component: --paired matches by it.
struct SideFile {
  std::string name;
  ResultSet results;
};

/// The baseline or the contender: whatever files it was given as.
struct Side {
  std::vector<SideFile> files;        // by name, numbers in names in their order
  std::vector<std::string> problems;  // sentences: files that could not be read, the others were
};

/// Reads a side from files, run folders, folders of either, and shell patterns ("base/*.json"). A file that
/// cannot be read beside others that can is a problem.
///
/// Throws InputError with `when_absent` where nothing is there at all, and (`unreadable`) where all that is
/// there cannot be read.
Side read_side(std::span<const std::string> paths, ExitCode when_absent);

}  // namespace trainbench::report
