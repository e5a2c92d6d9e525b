#include "report/profile/profile_faults.hpp"

#include <fmt/format.h>

namespace trainbench::report {

void ProfileFaults::add(const profile::Profile& profile, const profile::Steadiness& steadiness) {
  losses.dropped += profile.losses.dropped;
  losses.untimed += profile.losses.untimed;
  losses.unattributed += profile.losses.unattributed;
  losses.truncated += profile.losses.truncated;
  if (profile.double_entry) {
    if (!double_entry) double_entry.emplace();
    double_entry->records += profile.double_entry->records;
    double_entry->alike += profile.double_entry->alike;
  }
  if (!steadiness.steady)
    unsteady.push_back(fmt::format("Repetition {}: {}", profile.repetition, change_of(steadiness)));
}

ProfileFaults faults_of(std::span<const profile::Profile> profiles) {
  ProfileFaults faults;
  for (const profile::Profile& profile : profiles) faults.add(profile, steadiness_of(profile));
  return faults;
}

std::string banner_of(const ProfileFaults& faults, std::string_view whose) {
  if (faults.losses.total() != 0) {
    return fmt::format("> **{} lost records: the tables below are not the whole** ({}).\n\n", whose,
                       to_string(faults.losses));
  }
  const auto fault = fault_of(faults.losses, faults.double_entry);
  return fault ? fmt::format("> **{} is not to be trusted:** {}.\n\n", whose, *fault) : "";
}

}  // namespace trainbench::report
