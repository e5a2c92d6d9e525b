#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "src/profile/records.hpp"

namespace trainbench::profile {

/// A module's named parameters, "layer1.0.conv1.weight": an operator that takes one belongs to its module.
using NamedParameters = std::vector<std::pair<std::string, at::Tensor>>;

struct RecorderOptions {
  NamedParameters parameters = {};
  std::vector<at::Tensor> buffers = {};  // weights, too, without gradients: a batch norm's statistics
  /// Types and sizes of each operator's tensors, and from them its layer. LibTorch boxes all arguments for
  /// it, which is most of what recording costs: on the host `describe_operators` gives the same from one step
  /// more.
  bool inputs = true;
  bool memory = true;  // allocations; those before the recorder was made are not heard of
};

/// Records what LibTorch runs on the host: operators of all threads through one global callback of
/// RecordFunction, and allocations of the thread that made it (and of autograd's threads) through c10's
/// memory hook. Each thread writes plain records into its own log; nothing is computed before `finish`.
///
/// One at a time in a process; all members are called on the thread that drives the steps, outside operators.
/// A recorder that was made before the model hears of every allocation from then on; operators it records
/// between `start` and `pause` only.
class CpuRecorder {
 public:
  /// Throws std::logic_error where there is another recorder.
  explicit CpuRecorder(RecorderOptions options = {});
  ~CpuRecorder();
  CpuRecorder(const CpuRecorder&) = delete;
  CpuRecorder& operator=(const CpuRecorder&) = delete;

  /// The net's tensors, where the recorder was made before it. Throws std::logic_error once it was started.
  void set_net(NamedParameters parameters, std::vector<at::Tensor> buffers);

  /// Throws std::logic_error where it was started already.
  void start();
  void pause();

  /// A phase of the step begins or ends: the trainer's observer.
  void mark_phase(StepPhase phase, bool begin);
  /// Around each recorded step.
  void begin_step();
  void end_step();

  /// What was recorded, without benchmark, measurement and machine, which the caller knows; stops memory
  /// too. To be called once.
  Profile finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Runs `step` once more with inputs recorded and oneDNN's log on, and writes into the operators of
/// `profile`'s main thread, by the place at which each of them stands in its step, their layer and inputs
/// where they have none, and what ran inside: "jit:avx512_core"; of a backward convolution "data
/// jit:avx512_core, weights brgconv:avx512_core"; "native" for a convolution without oneDNN. The step is not
/// part of the profile. Standard output is taken meanwhile; throws EnvironmentError where that cannot be.
void describe_operators(Profile& profile, const NamedParameters& parameters,
                        const std::function<void()>& step);

}  // namespace trainbench::profile
