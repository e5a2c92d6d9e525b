#include "report/profile_read.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "report/profile_kineto.hpp"
#include "src/base/errors.hpp"
#include "src/base/files.hpp"
#include "src/base/gzip.hpp"
#include "src/profile/profile_file.hpp"

namespace trainbench::report {
namespace {

namespace fs = std::filesystem;

profile::Profile read_profile(const fs::path& path) {
  std::string text = read_file(path);
  const std::string source = fmt::format("'{}'", path.string());
  if (text.empty()) throw InputError(fmt::format("{} is empty.", source), ExitCode::unreadable);
  if (is_gzipped(text)) text = gunzipped(text, source);
  if (is_trace(text)) return profile_from_trace(text, source, path.stem().string());
  return profile::profile_from_json(text, source);
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  std::error_code ignored;  // what cannot be looked at is no file
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (entry->is_regular_file(ignored) && name.ends_with(".json") && !name.ends_with(".trace.json"))
      files.push_back(entry->path());
  }
  if (error) {
    throw InputError(fmt::format("Cannot look into the folder '{}': {}.", folder.string(), error.message()),
                     ExitCode::unreadable);
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<ProfileGroup> read_profiles(const fs::path& path) {
  std::vector<fs::path> files = {path};
  std::error_code ignored;  // what is no folder is read, which says what is wrong
  if (fs::is_directory(path, ignored)) {
    const bool is_run = fs::is_directory(path / "profiles", ignored);
    files = files_in(is_run ? path / "profiles" : path);
    if (files.empty()) {
      throw InputError(fmt::format("'{}' holds no profile: record some with bench --profile.", path.string()),
                       ExitCode::unreadable);
    }
  }
  std::vector<ProfileGroup> groups;
  std::map<std::string, std::size_t> index_of;
  for (const fs::path& file : files) {
    profile::Profile profile = read_profile(file);
    const auto [found, is_new] = index_of.try_emplace(profile.benchmark, groups.size());
    if (is_new) groups.push_back({.benchmark = profile.benchmark, .profiles = {}});
    groups[found->second].profiles.push_back(std::move(profile));
  }
  return groups;
}

}  // namespace trainbench::report
