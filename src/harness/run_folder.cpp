#include "src/harness/run_folder.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <system_error>

namespace trainbench {
namespace {

std::filesystem::path journal_path_in_new(const std::filesystem::path& folder) {
  create_folders(folder);
  std::filesystem::path journal = folder / "journal.ndjson";
  if (std::filesystem::exists(journal)) {
    throw InputError(fmt::format("'{}' holds a run already: name another folder with --out, or delete it.",
                                 folder.string()));
  }
  if (!std::filesystem::is_empty(folder)) {
    throw InputError(
        fmt::format("'{}' is not empty: name a new folder with --out, so that nothing of yours is "
                    "overwritten.",
                    folder.string()));
  }
  return journal;
}

}  // namespace

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

std::filesystem::path default_run_folder(const std::string& started_utc, const std::string& commit) {
  std::string compact = started_utc;
  std::erase_if(compact, [](char c) { return c == '-' || c == ':'; });
  const std::filesystem::path plain =
      std::filesystem::path("results") / fmt::format("{}-{}", compact, commit);
  std::filesystem::path folder = plain;
  for (int number = 2; std::filesystem::exists(folder); ++number) {
    folder = fmt::format("{}-{}", plain.string(), number);
  }
  return folder;
}

RunFolder::RunFolder(std::filesystem::path folder, const RunHeader& header)
    : folder_(std::move(folder)), journal_(journal_path_in_new(folder_)) {
  journal_.append(header_line(header));
}

void RunFolder::add(const CaseResult& result) {
  journal_.append(case_line(result));
}

void RunFolder::finish(ExitCode code) {
  journal_.append(end_line({.exit_code = static_cast<int>(code), .finished_utc = utc_now()}));
}

void RunFolder::become_latest() const noexcept {
  try {
    const std::filesystem::path whole = std::filesystem::absolute(folder_).lexically_normal();
    const std::filesystem::path link = whole.parent_path() / "latest";
    const std::filesystem::path fresh = whole.parent_path() / fmt::format(".latest.{}", ::getpid());
    std::error_code error;
    if (std::filesystem::exists(link) && !std::filesystem::is_symlink(link)) return;
    std::filesystem::create_directory_symlink(whole.filename(), fresh, error);
    if (!error) std::filesystem::rename(fresh, link, error);
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace trainbench
