#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "src/profile/records.hpp"

namespace trainbench::report {

/// The profiles of one benchmark, each of a process of its own.
struct ProfileGroup {
  std::string benchmark;
  std::vector<profile::Profile> profiles;  // in the order of their files' names
};

/// The files that `path` means: itself, or of a folder all "*.json" and "*.json.gz" in its folder `profiles`
/// where there is one, else in itself, in the order of their names. "N.trace.json" and "N.trace.json.gz" are
/// left out where "N.json" stands beside: bench wrote them from it. Throws InputError (`unreadable`) for a
/// folder without any.
std::vector<std::filesystem::path> profile_files(const std::filesystem::path& path);

/// The profiles in these files, each a profile's own or a Kineto trace, either also gzipped, grouped by
/// benchmark; traces are one group. Throws InputError (`unreadable`) with the path, what is wrong and the way
/// out.
std::vector<ProfileGroup> read_profiles(const std::filesystem::path& path);

}  // namespace trainbench::report
