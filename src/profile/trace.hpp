#pragma once

#include <string>
#include <vector>

#include "src/profile/records.hpp"

namespace trainbench::profile {

struct TraceOptions {
  std::size_t most_steps = 20;  // later steps are left out: a viewer's memory is not endless
};

/// The window as a trace in the words of Kineto, PyTorch's profiler, as one JSON object: ui.perfetto.dev,
/// chrome://tracing and the tools that read Kineto's files open it. Steps and phases are annotations (steps
/// named "ProfilerStep#N", by which those tools split a trace), operators carry their shapes and sequence
/// numbers, arrows go from launches to kernels (of a graph: to its first) and from forward operators to their
/// backward nodes, and allocated bytes are a counter. Names that are no UTF-8 are mended.
std::string trace_json(const Profile& profile, const TraceOptions& options = {});

/// For slices of one thread or stream, in any order: the lane of each, from 0, so that on one lane any two
/// slices are apart or one inside the other. Fewest lanes are not promised; a nested set has one.
std::vector<int> lanes_of(const std::vector<Span>& slices);

/// `text` with U+FFFD for every byte that is not part of well-formed UTF-8.
std::string mended_utf8(std::string_view text);

}  // namespace trainbench::profile
