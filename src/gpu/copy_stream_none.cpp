#include "src/gpu/copy_stream.hpp"
#include "src/gpu/without_cuda.hpp"

namespace trainbench::gpu {

class CopyStream::Copies {};

CopyStream::CopyStream(at::Device /*device*/) {
  refuse_without_cuda();
}

CopyStream::~CopyStream() = default;

void CopyStream::start(const std::vector<at::Tensor>& /*on_host*/) {
  refuse_without_cuda();
}

std::vector<at::Tensor> CopyStream::take() {
  refuse_without_cuda();
}

}  // namespace trainbench::gpu
