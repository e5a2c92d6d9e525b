#include "src/base/errors.hpp"
#include "src/gpu/graph.hpp"

namespace trainbench::gpu {
namespace {

[[noreturn]] void refuse() {
  throw EnvironmentError(
      "This program was built without CUDA: build it where nvcc is, with TRAINBENCH_TIER=cuda.");
}

}  // namespace

class CapturedWork::Graph {};

CapturedWork::CapturedWork(const std::function<void()>& /*work*/) {
  refuse();
}

CapturedWork::~CapturedWork() = default;

void CapturedWork::launch() {
  refuse();
}

}  // namespace trainbench::gpu
