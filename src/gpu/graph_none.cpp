#include "src/gpu/graph.hpp"
#include "src/gpu/without_cuda.hpp"

namespace trainbench::gpu {

class CapturedWork::Graph {};

CapturedWork::CapturedWork(const std::function<void()>& /*work*/) {
  refuse_without_cuda();
}

CapturedWork::~CapturedWork() = default;

void CapturedWork::launch() {
  refuse_without_cuda();
}

}  // namespace trainbench::gpu
