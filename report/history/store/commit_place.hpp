#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "report/history/store/run_record.hpp"

namespace trainbench::report::history {

/// Where git says that a commit stands, the one that is checked out where the hash is empty. A shallow clone
/// knows no number. What git does not know is left as it was given, and a sentence in `notes` says why and
/// the way out. Starts at most three processes. Throws EnvironmentError where none can be started.
CommitPlace place_of_commit(const std::filesystem::path& repository, const std::string& hash_or_empty,
                            std::vector<std::string>& notes);

/// The branch that is checked out; nothing where there is none, for instance in the checkouts of CI.
std::optional<std::string> current_branch(const std::filesystem::path& repository);

}  // namespace trainbench::report::history
