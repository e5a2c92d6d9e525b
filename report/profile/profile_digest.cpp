#include "report/profile/profile_digest.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/profile/profile_read.hpp"
#include "report/profile/profile_report.hpp"
#include "report/profile/profile_sums.hpp"
#include "src/base/errors.hpp"

namespace trainbench::report {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostOperators = 5;

DigestOperator digest_of(const profile::HostRow& row, const ProfileSums& sums) {
  return {.phase = std::string(row.phase == profile::StepPhase::none ? "" : profile::to_string(row.phase)),
          .name = row.name,
          .calls_per_step = static_cast<double>(row.calls) / static_cast<double>(sums.steps),
          .self_ms = sums.per_step_ms(row.self_ns),
          .share = sums.share(row.self_ns)};
}

std::string fault_in(const ProfileFaults& faults) {
  if (faults.losses.total() > 0) return "Lost records, not the whole.";
  return fault_of(faults.losses, faults.double_entry) ? "Two mechanisms attributed its GPU records unlike."
                                                      : "";
}

ProfileDigest digest_of(const ProfileGroup& group, const fs::path& folder) {
  const ProfileSums sums = sums_of(group.profiles);
  ProfileDigest digest{.benchmark = group.benchmark,
                       .folder = folder.string(),
                       .processes = group.profiles.size(),
                       .steps = sums.steps,
                       .covered = sums.share(profile::covered_ns(sums.host)),
                       .verdict = profile_verdict(group.profiles),
                       .fault = fault_in(sums.faults)};
  for (const profile::HostRow& row : sums.host) {
    if (row.is_operator && digest.operators.size() < kMostOperators)
      digest.operators.push_back(digest_of(row, sums));
  }
  return digest;
}

std::vector<fs::path> folders_in(const fs::path& profiles) {
  std::vector<fs::path> folders;
  std::error_code ignored;  // a run without profiles has no such folder
  for (const auto& entry : fs::directory_iterator(profiles, ignored)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::sort(folders.begin(), folders.end());
  return folders;
}

}  // namespace

std::vector<ProfileDigest> digests_of_run(const fs::path& run, std::vector<std::string>& faults) {
  std::vector<ProfileDigest> digests;
  for (const fs::path& folder : folders_in(run / "profiles")) {
    try {
      for (const ProfileGroup& group : read_profiles(folder)) digests.push_back(digest_of(group, folder));
    } catch (const InputError& error) {
      faults.push_back(fmt::format("A profile was left out: {}", error.what()));
    }
  }
  return digests;
}

}  // namespace trainbench::report
