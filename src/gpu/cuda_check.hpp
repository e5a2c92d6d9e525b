#pragma once

#include <c10/util/Exception.h>
#include <cuda_runtime_api.h>

#include <string>

namespace trainbench::gpu {

/// Throws EnvironmentError with the sentence of cuda_errors.hpp unless `code` is cudaSuccess. `index` is the
/// device that was asked for.
void check_cuda(cudaError_t code, int index);

/// LibTorch's words without its stack and its advice.
std::string first_line(const c10::Error& error);

}  // namespace trainbench::gpu
