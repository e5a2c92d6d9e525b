#pragma once

#include <string>
#include <string_view>

#include "src/profile/records.hpp"

namespace trainbench::profile {

/// The version that this program writes and the only one that it reads.
inline constexpr int kProfileVersion = 1;

/// A profile as one line of JSON: `{"trainbench_profile": 1, ...}`. Each record is a list of numbers in the
/// order of src/profile/profile_rows.hpp; times are relative to `base_ns`, and the end of an
/// allocation that has not come is null.
std::string profile_to_json(const Profile& profile);

/// The profile that profile_to_json wrote. Throws InputError (`unreadable`) that names `source` and says what
/// is wrong: no JSON, cut off, no profile, another version, or the first record that cannot be.
Profile profile_from_json(std::string_view text, std::string_view source);

}  // namespace trainbench::profile
