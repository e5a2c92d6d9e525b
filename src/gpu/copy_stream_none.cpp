#include "src/base/errors.hpp"
#include "src/gpu/copy_stream.hpp"

namespace trainbench::gpu {
namespace {

[[noreturn]] void refuse() {
  throw EnvironmentError(
      "This program was built without CUDA: build it where nvcc is, with TRAINBENCH_TIER=cuda.");
}

}  // namespace

class CopyStream::Copies {};

CopyStream::CopyStream(at::Device /*device*/) {
  refuse();
}

CopyStream::~CopyStream() = default;

void CopyStream::start(const std::vector<at::Tensor>& /*on_host*/) {
  refuse();
}

std::vector<at::Tensor> CopyStream::take() {
  refuse();
}

}  // namespace trainbench::gpu
