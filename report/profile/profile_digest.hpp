#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace trainbench::report {

/// One operator of a profiled step.
struct DigestOperator {
  std::string phase;  // "backward"; empty outside phases
  std::string name;
  double calls_per_step = 0;
  double self_ms = 0;  // per step
  double share = 0;    // of the step
};

/// The profiles of one benchmark in a run's folder, in short.
struct ProfileDigest {
  std::string benchmark;
  std::string folder;  // that `bench-report profile` makes all tables of
  std::size_t processes = 0;
  std::int64_t steps = 0;  // of all processes
  double covered = 0;      // share of the step that operators cover
  std::string verdict;     // a sentence, as markdown
  std::string fault;       // why the figures are not to be trusted, a sentence; empty: they are
  std::vector<DigestOperator> operators;  // most self time first, five at most
};

/// Of what stands in `run`/profiles, in the order of the folders' names; nothing where no profile was
/// recorded. A profile that cannot be read becomes a sentence in `faults` and costs its benchmark's digest.
std::vector<ProfileDigest> digests_of_run(const std::filesystem::path& run, std::vector<std::string>& faults);

}  // namespace trainbench::report
