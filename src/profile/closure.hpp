#pragma once

#include <string>
#include <vector>

#include "src/profile/attribution.hpp"

namespace trainbench::profile {

/// A share of the window's wall time, seen from the thread that drives the steps.
struct HostRow {
  std::string name;  // an operator's display name, or in parentheses what no operator covers
  StepPhase phase = StepPhase::none;
  bool is_operator = true;
  std::int64_t calls = 0;
  std::int64_t self_ns = 0;
};

/// Where the window went on the main thread: each operator's self time by (phase, name), then what lies
/// outside operators, by phase: "(another thread works)" where an operator of another thread ran meanwhile,
/// "(outside operators)" otherwise, "(between phases)" outside all phases. The rows sum to the window
/// exactly. Largest first, rows of the same time by name.
std::vector<HostRow> host_rows(const Profile& profile, const std::vector<OperatorPlace>& places);

/// Self time of the rows that are operators, of `rows` as host_rows gives them.
std::int64_t covered_ns(const std::vector<HostRow>& rows);

/// Whether every step consists of the same operators, counted by name, and has the GPU do the same, counted
/// by (operator, kernel, geometry): only then is "per step" a step. What belongs to a step is what the main
/// thread and backward nodes run and launch in it; a loader's threads keep no step.
struct Steadiness {
  bool steady = true;
  std::size_t first_unlike = 0;         // the first step that differs from the first, where not steady
  std::string operator_name;            // an operator that is called another number of times in it
  std::string kernel;                   // of that operator, where all are called as often: launched so
  std::int64_t operators_per_step = 0;  // of the first step
  std::int64_t operators = 0;           // of all steps
};
Steadiness steadiness_of(const Profile& profile, const std::vector<OperatorPlace>& places);
/// "step 1 calls 'aten::mm' another number of times than step 0"; of one that is not steady.
std::string change_of(const Steadiness& steadiness);

inline Steadiness steadiness_of(const Profile& profile) {
  return steadiness_of(profile, attribute(profile));
}

}  // namespace trainbench::profile
