#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trainbench::gpu {

// CUDA's error codes in sentences. The runtime's (cudaError_t) and the driver's (CUresult) are the same
// numbers for every error named here; the numbers are part of CUDA's ABI.

/// What a sentence about an error can name.
struct CudaErrorContext {
  int index = 0;                 // the device that was asked for
  int device_count = 0;          // as far as known
  std::string device_name;       // empty where unknown
  int driver_cuda_version = 0;   // 0: no driver
  int program_cuda_version = 0;  // 13000 for 13.0
  std::string_view description;  // cudaGetErrorString; empty where unknown
};

/// One sentence for what stopped the device, with the way out where there is one.
std::string cuda_error_sentence(int code, const CudaErrorContext& context);

/// "cudaErrorDevicesUnavailable (46)"; "error 999" where the code has no name here.
std::string cuda_error_text(int code);

/// "there is no CUDA device 3: 2 are visible, 0 to 1".
std::string no_such_device(int index, int count);

/// "13.0" for 13000.
std::string cuda_version_text(int cuda_version);

/// "driver 580 or later" for 13000.
std::string oldest_driver_for(int cuda_version);

/// True for the codes with which CUDA answers that memory on the device has run out.
bool is_out_of_memory(int code) noexcept;

}  // namespace trainbench::gpu
