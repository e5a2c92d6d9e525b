#include <c10/cuda/CUDAEvent.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <stdexcept>
#include <utility>

#include "src/gpu/copy_stream.hpp"

namespace trainbench::gpu {

class CopyStream::Copies {
 public:
  explicit Copies(at::Device device)
      : device_(device), stream_(c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index())) {}

  void start(const std::vector<at::Tensor>& on_host) {
    if (!tensors_.empty()) throw std::logic_error("Copies were started before the last ones were taken.");
    const c10::cuda::CUDAStreamGuard guard(stream_);
    for (const at::Tensor& tensor : on_host) {
      const at::Tensor pinned = tensor.is_pinned() ? tensor : tensor.pin_memory();
      tensors_.push_back(pinned.to(device_, /*non_blocking=*/true));
    }
    copied_.record(stream_);
  }

  std::vector<at::Tensor> take() {
    if (tensors_.empty()) throw std::logic_error("Copies were to be taken, but none was started.");
    const c10::cuda::CUDAStream current = c10::cuda::getCurrentCUDAStream(device_.index());
    copied_.block(current);
    for (const at::Tensor& tensor : tensors_) tensor.record_stream(current);
    return std::exchange(tensors_, {});
  }

 private:
  at::Device device_;
  c10::cuda::CUDAStream stream_;
  c10::cuda::CUDAEvent copied_;  // one is enough: what waits, waits for the record before the wait
  std::vector<at::Tensor> tensors_;
};

CopyStream::CopyStream(at::Device device) : copies_(std::make_unique<Copies>(device)) {}

CopyStream::~CopyStream() = default;

void CopyStream::start(const std::vector<at::Tensor>& on_host) {
  copies_->start(on_host);
}

std::vector<at::Tensor> CopyStream::take() {
  return copies_->take();
}

}  // namespace trainbench::gpu
