#pragma once

#include <functional>

#include "src/profile/gpu_recording.hpp"

namespace trainbench::profile {

/// The place of an operator among the profile's; kNone for one that is not in it.
using OperatorOf = std::function<Index(OperatorToken)>;

/// Adds the device's side to a profile of the host's.
///
/// A GPU record belongs to the launch whose correlation id, or that of a call inside it, it carries; and to
/// the operator that was open when that launch was made. A record of a CUDA graph belongs to the operator
/// that was open when its node was captured: the last node of its id that stood when the graph was launched,
/// followed through clones. What has no operator counts as unattributed. Records without a launch that begin
/// in no window, and overheads and waits that touch none, are left out.
///
/// Where the recording was verified, each record is attributed a second time by the marks, those of a graph
/// by its captured call's, and `profile.double_entry` says how many came out alike: the same operator, and
/// not none.
///
/// Threads that the profile does not have are added. Throws std::logic_error where the result contradicts
/// itself.
void correlate(const GpuRecording& recording, const OperatorOf& operator_of, Profile& profile);

}  // namespace trainbench::profile
