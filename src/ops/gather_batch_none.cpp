#include "src/base/errors.hpp"
#include "src/ops/gather_batch_cuda.hpp"

namespace trainbench {

void gather_batch_on_gpu(const DeviceImages& /*set*/, const at::Tensor& /*cursor*/, at::Tensor& /*images*/,
                         at::Tensor& /*labels*/) {
  throw EnvironmentError(
      "This program was built without CUDA: build it where nvcc is, with TRAINBENCH_TIER=cuda.");
}

}  // namespace trainbench
