#pragma once

#include <set>
#include <string>
#include <vector>

#include "src/profile/attribution.hpp"

namespace trainbench::profile {

/// The calls of one operator in one phase, on any thread, in the window.
struct OperatorRow {
  StepPhase phase = StepPhase::none;
  std::string name;  // as display_name gives it
  std::int64_t calls = 0;
  std::int64_t self_ns = 0;
  std::int64_t total_ns = 0;         // of outermost calls only
  std::int64_t allocated_bytes = 0;  // by calls of which it was the innermost operator
  std::int64_t device_ns = 0;        // durations of the GPU records of which it was the innermost operator
  std::int64_t launches = 0;         // of kernels
  std::set<std::string> implementations;
  std::set<std::string> dtypes;  // of the first tensor of each call
};
/// Largest self time first.
std::vector<OperatorRow> operator_rows(const Profile& profile, const std::vector<OperatorPlace>& places);

/// Self times by layer: the layers' rows and the one without a name sum to all operators' self time.
struct LayerRow {
  std::string layer;
  std::int64_t forward_ns = 0;   // phases forward and loss
  std::int64_t backward_ns = 0;  // phase backward
  std::int64_t other_ns = 0;
  std::int64_t device_ns = 0;
};
/// In the order in which the layers first ran.
std::vector<LayerRow> layer_rows(const Profile& profile, const std::vector<OperatorPlace>& places);

/// The main thread's time by phase. The rows sum to the window.
struct PhaseRow {
  StepPhase phase = StepPhase::none;
  std::int64_t wall_ns = 0;
  std::int64_t operators_ns = 0;  // the part that operators of the main thread cover
  std::int64_t device_ns = 0;     // durations of the GPU records launched by operators of the phase
};
std::vector<PhaseRow> phase_rows(const Profile& profile, const std::vector<OperatorPlace>& places);

}  // namespace trainbench::profile
