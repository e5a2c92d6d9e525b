#pragma once

#include <optional>
#include <string>

#include "report/profile/profile_sums.hpp"

namespace trainbench::report {

/// Parts of a profile's report, each with its heading, or empty where there is nothing to say. Tables hold at
/// most `max_rows` rows, and one more that sums up the rest.
using MaxRows = std::optional<std::size_t>;
std::string section_operators(const ProfileSums& sums, MaxRows max_rows);
std::string section_layers(const ProfileSums& sums, MaxRows max_rows);
std::string section_phases(const ProfileSums& sums);
std::string section_convolutions(const ProfileSums& sums, MaxRows max_rows);
std::string section_memory(const ProfileSums& sums, MaxRows max_rows);
std::string section_device(const ProfileSums& sums);
std::string section_launches(const ProfileSums& sums, MaxRows max_rows);
std::string section_kernels(const ProfileSums& sums, MaxRows max_rows);
std::string section_copies(const ProfileSums& sums);

/// Milliseconds per step, three decimals.
std::string ms_per_step(const ProfileSums& sums, std::int64_t ns);

/// How often something happens in a step, with a decimal where it is no whole number.
std::string count_per_step(const ProfileSums& sums, std::int64_t count);

/// The first three and the number of the others.
std::string joined_words(const std::set<std::string>& words);

/// One stacked bar: the step's phases, each cut into its largest operators; as SVG.
std::string step_bar(const ProfileSums& sums, const std::string& title);

}  // namespace trainbench::report
