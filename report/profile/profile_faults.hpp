#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/profile/closure.hpp"

namespace trainbench::report {

/// What speaks against the figures of some profiles, added up.
struct ProfileFaults {
  profile::Losses losses;
  std::optional<profile::DoubleEntry> double_entry;  // of the profiles that have one
  std::vector<std::string> unsteady;                 // "Repetition 0: step 1 calls ..."

  void add(const profile::Profile& profile, const profile::Steadiness& steadiness);
};
ProfileFaults faults_of(std::span<const profile::Profile> profiles);

/// A quotation in markdown that says why the figures of `whose` ("The baseline") are not the whole or not to
/// be trusted; empty where they are. Steadiness plays no part.
std::string banner_of(const ProfileFaults& faults, std::string_view whose);

}  // namespace trainbench::report
