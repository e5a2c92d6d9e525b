#pragma once

#include <functional>
#include <string>
#include <vector>

#include "report/history/store/run_record.hpp"

namespace trainbench::report::history {

/// Where imported runs go, and where their commits stand.
struct ImportTarget {
  std::string branch = "main";
  std::function<CommitPlace(const std::string& hash)> place_of;  // of a hash that is not empty
};

/// What the importers found.
struct Imported {
  std::vector<RunRecord> runs;
  std::vector<std::string> problems;  // sentences: what could not be read; the rest was
  std::vector<std::string> notes;     // sentences: what was left out
  std::vector<std::string> named;     // files whose commit is taken from their name
};

}  // namespace trainbench::report::history
