#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trainbench::gpu {

/// One GPU as the driver describes it.
struct GpuInfo {
  std::string name;    // "NVIDIA H100 80GB HBM3"
  std::string uuid;    // empty where unknown
  int capability = 0;  // 90 for compute capability 9.0
  std::int64_t memory_bytes = 0;
  bool compute_prohibited = false;     // compute mode "prohibited"
  std::optional<int> exclusive_owner;  // compute mode "exclusive process": the process that holds it
};

/// What the NVIDIA driver says, asked through libcuda and NVML by dlopen: no CUDA context is made, so the
/// parent process may ask.
struct DriverState {
  std::optional<std::string> driver_version;  // "580.65.06"; nothing: no driver
  std::optional<int> cuda_version;            // newest CUDA that the driver serves, 13000 for 13.0
  std::vector<GpuInfo> gpus;                  // visible to this process, in CUDA's order
  std::string fault;                          // what NVML or libcuda answered where asking failed; else empty
};

DriverState driver_state();

/// Why no benchmark can run on GPU `index`, as the reason of a skipped row; nothing where it can.
///
///     no CUDA device (driver: none)
///     no CUDA device (driver: 580.65.06; CUDA_VISIBLE_DEVICES='' hides all)
///     the driver 535.104 serves CUDA 12.2, this program needs 13.0: install driver 580 or later
///     ...
std::optional<std::string> reason_without_gpu(const DriverState& state, int index);

}  // namespace trainbench::gpu
