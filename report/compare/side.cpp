#include "report/compare/side.hpp"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "report/results/benchmark_name.hpp"
#include "report/results/read_results.hpp"

namespace trainbench::report {
namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
  std::error_code ignored;  // what cannot be looked at is named by the attempt to read it
  return fs::is_directory(path, ignored);
}

bool is_run_folder(const fs::path& path) {
  std::error_code ignored;
  return is_folder(path) &&
         (fs::exists(path / "journal.ndjson", ignored) || fs::exists(path / "benchmark.json", ignored));
}

bool is_result(const fs::path& path) {
  return is_run_folder(path) ||
         (!is_folder(path) && (path.extension() == ".json" || path.extension() == ".ndjson"));
}

std::vector<fs::path> results_in(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (is_result(entry->path())) found.push_back(entry->path());
  }
  if (error) {
    throw InputError(fmt::format("Cannot look into the folder '{}': {}.", folder.string(), error.message()),
                     ExitCode::unreadable);
  }
  return found;
}

std::vector<fs::path> matches_of(const std::string& pattern) {
  glob_t result{};
  std::vector<fs::path> found;
  if (::glob(pattern.c_str(), 0, nullptr, &result) == 0)
    found.assign(result.gl_pathv, result.gl_pathv + result.gl_pathc);
  ::globfree(&result);
  return found;
}

/// The files and run folders that a path of the command line means; none where it means nothing.
std::vector<fs::path> expand(const std::string& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return matches_of(path);
  if (!is_folder(path) || is_run_folder(path)) return {path};
  return results_in(path);
}

std::string name_of(const fs::path& path) {
  const fs::path lexical = path.lexically_normal();
  return lexical.has_filename() ? lexical.filename().string() : lexical.parent_path().filename().string();
}

void read_into(Side& side, const std::vector<fs::path>& paths) {
  for (const fs::path& path : paths) {
    try {
      side.files.push_back({.name = name_of(path), .results = read_results(path)});
    } catch (const InputError& error) {
      side.problems.emplace_back(error.what());
      side.unreadable.insert(name_of(path));
    }
  }
}

/// Where all files are empty, whatever is compared with them would be new, and pass.
void refuse_without_rows(const Side& side, ExitCode when_absent) {
  for (const SideFile& file : side.files) {
    if (!file.results.rows.empty()) return;
  }
  if (!side.problems.empty()) throw InputError(side.problems.front(), ExitCode::unreadable);
  const ResultSet& first = side.files.front().results;
  throw InputError(fmt::format("'{}' holds no result of a benchmark{}", first.source,
                               first.notes.empty() ? "." : fmt::format(": {}", first.notes.front())),
                   when_absent);
}

std::string quoted_list(std::span<const std::string> paths) {
  std::string text;
  for (const std::string& path : paths) text += fmt::format("{}'{}'", text.empty() ? "" : ", ", path);
  return text;
}

}  // namespace

Side read_side(std::span<const std::string> paths, ExitCode when_absent) {
  std::set<fs::path> distinct;
  for (const std::string& path : paths) {
    const std::vector<fs::path> expanded = expand(path);
    distinct.insert(expanded.begin(), expanded.end());
  }
  if (distinct.empty()) {
    throw InputError(
        fmt::format("There is no result in {}: give files of --benchmark_out, run folders of bench, or "
                    "folders or patterns of them.",
                    quoted_list(paths)),
        when_absent);
  }
  std::vector<fs::path> sorted(distinct.begin(), distinct.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const fs::path& a, const fs::path& b) {
    return std::is_lt(natural_order(a.string(), b.string()));
  });
  Side side;
  read_into(side, sorted);
  if (side.files.empty()) {
    const std::size_t others = side.problems.size() - 1;
    throw InputError(others == 0 ? side.problems.front()
                                 : fmt::format("{} ({} further files of this side cannot be read either.)",
                                               side.problems.front(), others),
                     ExitCode::unreadable);
  }
  refuse_without_rows(side, when_absent);
  return side;
}

}  // namespace trainbench::report
