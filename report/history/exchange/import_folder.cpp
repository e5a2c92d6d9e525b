#include "report/history/exchange/import_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <system_error>

#include "report/history/store/start_time.hpp"
#include "report/results/benchmark_name.hpp"
#include "report/results/read_results.hpp"
#include "src/base/errors.hpp"

namespace trainbench::report::history {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShortestHash = 7;
constexpr std::size_t kWholeHash = 40;
// What people call it where they give it to --benchmark_context.
constexpr std::array kCommitKeys = {"commit",     "git_commit", "GIT_COMMIT", "git_sha",       "GIT_SHA",
                                    "git_hash",   "git-commit", "git-sha",    "commit_hash",   "commit_id",
                                    "commit_sha", "revision",   "GITHUB_SHA", "CI_COMMIT_SHA", "sha"};

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// "20260102" is a day and "defaced" a word: a shortened hash has a letter and a digit.
bool looks_like_hash(std::string_view word) {
  if (word.size() < kShortestHash || word.size() > kWholeHash) return false;
  if (!std::all_of(word.begin(), word.end(), is_hex_digit)) return false;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto num_digits = static_cast<std::size_t>(std::count_if(word.begin(), word.end(), is_digit));
  return word.size() == kWholeHash || (num_digits > 0 && num_digits < word.size());
}

/// The longest word of the name that looks like one; empty where none does.
std::string hash_in_name(std::string_view name) {
  std::string_view longest;
  for (std::size_t begin = 0; begin < name.size();) {
    const auto* const end = std::find_if_not(name.begin() + begin, name.end(), is_alphanumeric);
    const std::string_view word = name.substr(begin, static_cast<std::size_t>(end - name.begin()) - begin);
    if (looks_like_hash(word) && word.size() > longest.size()) longest = word;
    begin += word.size() + 1;
  }
  return std::string(longest);
}

/// In the file's own name first, then in the folders' above it.
std::string hash_in_path(const fs::path& file, const fs::path& root) {
  fs::path below = file.lexically_normal().lexically_relative(root.lexically_normal());
  if (below.empty() || *below.begin() == "..") below = file.filename();
  std::vector<std::string> parts;
  for (const fs::path& part : below) parts.push_back(part.string());
  for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
    if (std::string hash = hash_in_name(*part); !hash.empty()) return hash;
  }
  return "";
}

/// Without what bench puts behind the commit of a changed source; "unknown" is none.
std::string without_dirty(std::string commit) {
  constexpr std::string_view kDirty = "-dirty";
  if (commit.ends_with(kDirty)) commit.resize(commit.size() - kDirty.size());
  return commit == "unknown" ? "" : commit;
}

std::string commit_in_context(const ResultSet& results) {
  if (std::string commit = without_dirty(results.commit); !commit.empty()) return commit;
  for (const char* key : kCommitKeys) {
    const auto found = results.noted.find(key);
    if (found == results.noted.end()) continue;
    std::string commit = without_dirty(found->second);
    const bool is_hash = commit.size() >= kShortestHash && commit.size() <= kWholeHash &&
                         std::all_of(commit.begin(), commit.end(), is_hex_digit);
    if (is_hash) return commit;
  }
  return "";
}

/// Google Benchmark before 1.5.1 wrote "2015/03/17-18:40:25".
std::string in_iso_order(std::string started) {
  constexpr std::size_t kBehindDay = 10;
  if (started.size() <= kBehindDay || started[4] != '/' || started[7] != '/' || started[kBehindDay] != '-')
    return started;
  started[4] = started[7] = '-';
  started[kBehindDay] = 'T';
  return started;
}

RunRecord record_of_file(const fs::path& file, const fs::path& root, const ImportTarget& target,
                         Imported& imported) {
  ResultSet results = read_results(file);
  results.started = in_iso_order(results.started);
  if (!utc_of(results.started)) {
    throw InputError(
        fmt::format(
            "'{}' does not say when it was measured{}: a history needs it. 'bench-report history add' "
            "takes a result of now.",
            file.string(), results.started.empty() ? "" : fmt::format(" ('{}' is no time)", results.started)),
        ExitCode::unreadable);
  }
  results.commit = commit_in_context(results);
  if (results.commit.empty()) {
    results.commit = hash_in_path(file, root);
    if (!results.commit.empty()) imported.named.push_back(file.string());
  }
  for (const std::string& fault : results.faults)
    imported.notes.push_back(fmt::format("'{}' is kept as a failed run: {}", file.string(), fault));
  return record_from(results, target.branch,
                     results.commit.empty() ? CommitPlace() : target.place_of(results.commit));
}

bool holds_journal(const fs::path& folder) {
  std::error_code ignored;  // what cannot be looked at is named by the attempt to read it
  return fs::exists(folder / "journal.ndjson", ignored);
}

bool is_result_file(const fs::path& file) {
  return file.extension() == ".json" || file.extension() == ".ndjson" || file.filename() == "data.js";
}

}  // namespace

std::vector<fs::path> results_below(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error)) {
    const fs::path& path = entry->path();
    std::error_code ignored;  // what cannot be looked at is named by the attempt to read it
    const bool is_folder = entry->is_directory(ignored);
    const bool is_hidden = path.filename().string().starts_with('.');
    if (is_folder && (is_hidden || holds_journal(path))) entry.disable_recursion_pending();
    if (!is_hidden && (is_folder ? holds_journal(path) : is_result_file(path))) found.push_back(path);
  }
  if (error) {
    throw InputError(fmt::format("Cannot look into the folder '{}': {}.", folder.string(), error.message()),
                     ExitCode::unreadable);
  }
  std::sort(found.begin(), found.end());
  std::stable_sort(found.begin(), found.end(), [](const fs::path& a, const fs::path& b) {
    return std::is_lt(natural_order(a.string(), b.string()));
  });
  return found;
}

void import_result_file(const fs::path& file, const fs::path& root, const ImportTarget& target,
                        Imported& imported) {
  try {
    imported.runs.push_back(record_of_file(file, root, target, imported));
  } catch (const InputError& error) {
    imported.problems.emplace_back(error.what());
  }
}

}  // namespace trainbench::report::history
