#pragma once

#include <string>
#include <vector>

#include "src/profile/memory.hpp"
#include "src/profile/recorder.hpp"
#include "src/profile/recorder_log.hpp"

namespace trainbench::profile {

/// What `begin_operator` wrote of an operator's inputs from `begin` on, as text; empty for -1.
std::string inputs_text(const std::vector<std::int64_t>& sizes, std::int64_t begin);

/// An operator that takes one of the parameters belongs to the module whose it is.
void name_layers(Recording& recording, const NamedParameters& parameters);

/// The profile of a recording that is over. The calling thread is its main thread. Operators that had not
/// ended are left out, with what they hold.
Profile profile_of(Recording& recording, const std::vector<Span>& steps,
                   const std::vector<PhaseRecord>& phases, const std::vector<KnownBlock>& known);

}  // namespace trainbench::profile
