#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "src/profile/attribution.hpp"
#include "src/profile/intervals.hpp"
#include "src/profile/kernel_names.hpp"

namespace trainbench::profile {

/// A gap up to this long behind a launch that was already there is the device's own scheduling.
inline constexpr std::int64_t kBackToBackNs = 5000;

/// What the device did with the window. The first two lines sum to the window: busy + idle by cause.
struct DeviceTime {
  std::int64_t busy_ns = 0;  // union over streams of kernels, copies and sets
  // Idle time before the next GPU record, by its launch:
  std::int64_t host_bound_ns = 0;      // the host had not come back from the launch yet
  std::int64_t launch_latency_ns = 0;  // launched after the device had run dry: the rest of that gap
  std::int64_t back_to_back_ns = 0;    // launched before, gap of at most kBackToBackNs
  std::int64_t dependency_ns = 0;      // launched before, longer gap: waits for a copy, event or stream
  std::int64_t recording_ns = 0;       // under an overhead record
  std::int64_t unknown_ns = 0;         // the next record's launch was not recorded
  std::int64_t drained_ns = 0;         // behind the last record

  std::int64_t concurrent_ns = 0;    // at least two records at once
  std::int64_t copy_ns = 0;          // union of copies
  std::int64_t exposed_copy_ns = 0;  // copies while no kernel runs
  std::int64_t idle_ns() const;
};
DeviceTime device_time(const Profile& profile, Index device);

/// The devices of the profile's GPU records, in order.
std::vector<Index> devices_of(const Profile& profile);

/// What a table calls a kernel.
struct KernelLabel {
  std::string kernel;         // short name
  std::string operator_name;  // innermost operator; "(no operator)"
  StepPhase phase = StepPhase::none;
};

/// The labels of one profile's GPU records.
class KernelLabels {
 public:
  KernelLabels(const Profile& profile, const std::vector<OperatorPlace>& places)
      : profile_(profile), places_(places) {}
  KernelLabel of(const GpuRecord& record);

 private:
  const Profile& profile_;
  const std::vector<OperatorPlace>& places_;
  std::map<NameId, std::string> short_names_;  // demangling once a name, not once a launch
};

bool begins_in(const Span& window, const Span& time);

/// A kernel by its short name and what it was launched by. Time is the sum of the launches' durations.
struct KernelRow {
  std::string kernel;
  std::string operator_name;  // innermost operator; "(no operator)"
  StepPhase phase = StepPhase::none;
  TensorCores tensor_cores = TensorCores::unknown;
  std::set<std::string> layers;  // of those operators
  std::int64_t launches = 0;
  std::int64_t time_ns = 0;
  std::int64_t shortest_ns = 0;
  std::int64_t longest_ns = 0;
};
/// Kernels that begin in the window; largest time first.
std::vector<KernelRow> kernel_rows(const Profile& profile, const std::vector<OperatorPlace>& places);

struct CopyRow {
  std::string name;
  bool pageable = false;
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  std::int64_t time_ns = 0;
};
/// Copies and sets that begin in the window; largest time first.
std::vector<CopyRow> copy_rows(const Profile& profile);

/// Of the names of the kernels that begin in the window.
std::uint64_t kernel_set_of(const Profile& profile);

}  // namespace trainbench::profile
