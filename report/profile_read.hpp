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

/// A profile's file, a Kineto trace (either also gzipped), or a folder: all such files in it and in its
/// folder `profiles`, grouped by benchmark. Traces that bench wrote beside its profiles (`*.trace.json`) are
/// left out of a folder. Throws InputError (`unreadable`) with the path, what is wrong and the way out.
std::vector<ProfileGroup> read_profiles(const std::filesystem::path& path);

}  // namespace trainbench::report
