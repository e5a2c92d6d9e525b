#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/profile/records.hpp"

namespace trainbench::profile {

/// Why this process cannot record a GPU: empty where it can. No driver or GPU, no CUPTI in this build, a
/// CUPTI that is too old, who holds it instead ("CUPTI for Nsight Systems"), PyTorch's profiler that is on,
/// or that this user may not.
///
/// Where it can, CUPTI is subscribed to from then on and listens to the capture of graphs: to be called, or a
/// GpuRecorder to be made, before the process's first CUDA call. A process that answers empty must not use
/// torch.profiler, which would record nothing and say nothing.
std::string reason_without_gpu_recorder();

struct GpuRecorderOptions {
  /// Attributes each GPU record a second time, by CUPTI's own stack of operators: Profile::double_entry. Each
  /// operator costs two calls of CUPTI more.
  bool verify = false;
};

/// Records the GPU's work beside a CpuRecorder, whose stack of operators it reads in the driver's launch
/// calls, and adds it to the CpuRecorder's profile. One for a process.
///
/// A CUDA graph's work is attributed to the operators of its capture if this object existed and the
/// CpuRecorder was started then: let the CpuRecorder run through the step that captures, whether or not the
/// steps around it are recorded.
///
/// Members are called on the thread that drives the steps, outside operators: `start` behind the
/// CpuRecorder's, `pause` before its, and `finish_into` behind its `finish`.
class GpuRecorder {
 public:
  /// Throws EnvironmentError with reason_without_gpu_recorder's reason; std::logic_error where one was made
  /// before.
  explicit GpuRecorder(const GpuRecorderOptions& options = {});
  ~GpuRecorder();
  GpuRecorder(const GpuRecorder&) = delete;
  GpuRecorder& operator=(const GpuRecorder&) = delete;

  /// Work that is handed to the GPU between the two is recorded; both wait for the device. Throw
  /// EnvironmentError where CUPTI refuses or has died.
  void start();
  void pause();

  /// What is known to be wrong with this libcupti.
  std::vector<std::string> warnings() const;

  /// Adds launches, GPU records, waits and losses to what CpuRecorder::finish gave, and to `recorder` which
  /// libcupti it was. To be called once. Throws EnvironmentError where CUPTI died or gave not one record.
  void finish_into(Profile& profile);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trainbench::profile
