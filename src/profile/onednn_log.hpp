#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/profile/records.hpp"

namespace trainbench::profile {

/// One primitive that oneDNN says it ran.
struct PrimitiveRun {
  std::string kind;            // "convolution", "matmul", "reorder"
  std::string implementation;  // "jit:avx512_core"
  std::string propagation;     // "forward_training", "backward_data", "backward_weights"; "undef"
  bool operator==(const PrimitiveRun&) const = default;
};

/// The runs in a piece of oneDNN's log (`onednn_verbose,v1,primitive,exec,cpu,convolution,jit:avx512_core,
/// backward_weights,...`, with or without a time stamp in front of `primitive`); other lines are left out.
std::vector<PrimitiveRun> runs_in(std::string_view log);

/// What an operator's own part of the log comes to, as one text: the implementations of its primitives but
/// reorders, each once, backward ones behind what they compute ("data jit:avx512_core"). "native" for a
/// convolution's operator without one, else empty.
std::string implementation_text(std::string_view operator_name, const std::vector<PrimitiveRun>& runs);

/// Writes into the k-th call of each name in each step of `profile`, on its main thread, what the k-th call
/// of that name in `step`, a profile of one step, says of it: the implementation, and layer and inputs where
/// the call has none of its own.
void copy_descriptions(const Profile& step, Profile& profile);

}  // namespace trainbench::profile
