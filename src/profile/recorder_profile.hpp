#pragma once

#include <vector>

#include "src/profile/memory.hpp"
#include "src/profile/recorder_log.hpp"

namespace trainbench::profile {

/// The profile of a recording that is over. The calling thread is its main thread. Operators that had not
/// ended are left out, with what they hold.
Profile profile_of(Recording& recording, const std::vector<Span>& steps,
                   const std::vector<PhaseRecord>& phases, const std::vector<KnownBlock>& known);

}  // namespace trainbench::profile
