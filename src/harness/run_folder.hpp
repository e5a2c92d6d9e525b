#pragma once

#include <filesystem>
#include <string>

#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "src/measure/journal.hpp"

namespace trainbench {

/// "2026-11-23T15:30:00Z"
std::string utc_now();

/// `results/<utc>-<commit>` below the current folder: "results/20261123T153000Z-1a2b3c4d5e6f",
/// with "-2", "-3" ... after it where a run of the same second has the name.
std::filesystem::path default_run_folder(const std::string& started_utc, const std::string& commit);

/// The folder of one run and its journal, which is there, header first, before the first case starts.
class RunFolder {
 public:
  /// Creates the folder. Throws InputError (`usage`) where it is not empty, EnvironmentError
  /// (`cannot_write`) where it cannot be written.
  RunFolder(std::filesystem::path folder, const RunHeader& header);

  const std::filesystem::path& path() const noexcept { return folder_; }

  /// Appends one finished case. Throws EnvironmentError (`cannot_write`).
  void add(const CaseResult& result);

  /// Writes the journal's last line.
  void finish(ExitCode code);

  /// Makes the link `latest` beside the folder point at it. A link that cannot be made is not an error: the
  /// results are there, and some file systems have no links.
  void become_latest() const noexcept;

 private:
  std::filesystem::path folder_;
  LineFile journal_;
};

}  // namespace trainbench
