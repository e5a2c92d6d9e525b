#pragma once

#include <string>
#include <vector>

#include "src/profile/records.hpp"

namespace trainbench::profile {

/// What follows from the records about one call of an operator. Times are clipped to the window.
struct OperatorPlace {
  std::int64_t total_ns = 0;
  std::int64_t self_ns = 0;  // total less the children's: over a thread these sum to its depth-0 totals
  int depth = 0;
  bool in_window = false;  // some of it; of a call that took no time, its begin
  bool outermost = true;   // no caller has the same name: totals by name count these only
  StepPhase phase = StepPhase::none;
  std::string layer;
  /// The forward operator of the backward node that this call is, is inside of, or is the engine's wrapper
  /// of.
  Index forward = kNone;
  Index backward_node = kNone;  // that node
};

/// One for each operator of the profile. Rules:
///
/// - The forward operator of a backward node is, among the functions of its forward thread with its sequence
///   number, the one with the latest start: `sequence` is a peek at the next node's number, which the
///   operators before it share.
/// - Whatever is a backward node, its wrapper, or inside either is of phase backward; the rest of the main
///   thread is of the phase in which it began.
/// - A layer is the innermost one named by a scope or a parameter at the operator or its callers; a backward
///   node has its forward operator's. An operator of the forward phase without either belongs to the block
///   that holds the layer before it: what follows "layer1.0.bn1" to "layer1.0".
std::vector<OperatorPlace> attribute(const Profile& profile);

/// The module that holds `layer`: "layer1.0" of "layer1.0.bn1" and of "layer1.0.downsample.1" (a number has
/// no meaning without its list), "" of "conv1".
std::string block_of(std::string_view layer);

/// The row that an operator's time stands in: its name, "ConvolutionBackward0 (engine)" of the engine's
/// wrapper around that node and of what it calls outside the node.
std::string display_name(const Profile& profile, const std::vector<OperatorPlace>& places, Index index);

/// How many backward nodes other than AccumulateGrad there are in the window, and how many of them have a
/// forward operator.
struct BackwardMatch {
  std::int64_t nodes = 0;
  std::int64_t matched = 0;
};
BackwardMatch match_of_backward(const Profile& profile, const std::vector<OperatorPlace>& places);

}  // namespace trainbench::profile
