#include "report/profile/profile_read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "report/profile/profile_kineto.hpp"
#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "src/base/gzip.hpp"
#include "src/profile/profile_file.hpp"

namespace trainbench::report {
namespace {

namespace fs = std::filesystem;

// A trace does not say what it is of. One name for all: traces of a program before and after a change, or of
// several of its processes, belong together whatever their files are called.
constexpr std::string_view kTraced = "a program with PyTorch's profiler";

profile::Profile read_profile(const fs::path& path) {
  std::string text = read_file(path);
  const std::string source = fmt::format("'{}'", path.string());
  if (text.empty()) throw InputError(fmt::format("{} is empty.", source), ExitCode::unreadable);
  if (is_gzipped(text)) text = gunzipped(text, source);
  if (is_trace(text)) return profile_from_trace(text, source, kTraced);
  return profile::profile_from_json(text, source);
}

/// Whether the file may hold a profile or a trace. The trace that bench writes beside its profile says
/// nothing that the profile does not.
bool is_source(const fs::path& path) {
  std::string name = path.filename().string();
  if (name.ends_with(".gz")) name.erase(name.size() - 3);
  constexpr std::string_view kTrace = ".trace.json";
  if (!name.ends_with(kTrace)) return name.ends_with(".json");
  std::error_code ignored;  // what cannot be looked at is not there
  return !fs::exists(path.parent_path() / (name.substr(0, name.size() - kTrace.size()) + ".json"), ignored);
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  std::error_code ignored;  // what cannot be looked at is no file
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_regular_file(ignored) && is_source(entry->path())) files.push_back(entry->path());
  }
  if (error) {
    throw InputError(fmt::format("Cannot look into the folder '{}': {}.", folder.string(), error.message()),
                     ExitCode::unreadable);
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<fs::path> profile_files(const fs::path& path) {
  std::error_code ignored;  // what is no folder is read, which says what is wrong
  if (!fs::is_directory(path, ignored)) return {path};
  const bool is_run = fs::is_directory(path / "profiles", ignored);
  std::vector<fs::path> files = files_in(is_run ? path / "profiles" : path);
  if (files.empty()) {
    throw InputError(fmt::format("'{}' holds no profile: record some with bench --profile.", path.string()),
                     ExitCode::unreadable);
  }
  return files;
}

std::vector<ProfileGroup> read_profiles(const fs::path& path) {
  std::vector<ProfileGroup> groups;
  std::map<std::string, std::size_t> index_of;
  for (const fs::path& file : profile_files(path)) {
    profile::Profile profile = read_profile(file);
    const auto [found, is_new] = index_of.try_emplace(profile.benchmark, groups.size());
    if (is_new) groups.push_back({.benchmark = profile.benchmark, .profiles = {}});
    groups[found->second].profiles.push_back(std::move(profile));
  }
  return groups;
}

}  // namespace trainbench::report
