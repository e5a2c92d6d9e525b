#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include "src/base/errors.hpp"
#include "src/gpu/captured_peak.hpp"
#include "src/gpu/cuda_check.hpp"
#include "src/gpu/device.hpp"
#include "src/gpu/graph.hpp"

namespace trainbench::gpu {
namespace {

/// Loader threads pin memory while a capture is under way. In mode "global" their calls would invalidate it;
/// in this one only the capturing thread is watched. What autograd's thread launches is captured all the
/// same: it goes to the same stream.
constexpr auto kCaptureMode = cudaStreamCaptureModeThreadLocal;

}  // namespace

class CapturedWork::Graph {
 public:
  explicit Graph(const std::function<void()>& work) {
    // What eager steps left in the allocator's cache would stay beside the graph's own pool, the step's
    // memory twice.
    check_cuda(cudaDeviceSynchronize(), c10::cuda::current_device());
    c10::cuda::CUDACachingAllocator::emptyCache();
    reset_peak_memory();
    const at::cuda::MempoolId_t pool = at::cuda::graph_pool_handle();
    graph_.capture_begin(pool, kCaptureMode);
    try {
      work();
    } catch (...) {
      abandon(pool);
      throw;
    }
    try {
      graph_.capture_end();
    } catch (...) {
      abandon(pool);
      throw;
    }
    set_captured_peak(device_memory().peak_allocated_bytes);
  }

  ~Graph() { set_captured_peak(0); }
  Graph(const Graph&) = delete;  // owns the graph
  Graph& operator=(const Graph&) = delete;

  void replay() { graph_.replay(); }

 private:
  /// Ends the capture of a graph that will not be: afterwards the stream and the allocator work as before.
  void abandon(at::cuda::MempoolId_t pool) noexcept {
    try {
      graph_.capture_end();
    } catch (const c10::Error&) {
      // A capture that was invalidated ends with an error, before LibTorch's allocator has left the graph's
      // pool.
      try {
        c10::cuda::CUDACachingAllocator::endAllocateToPool(c10::cuda::current_device(), pool);
      } catch (const c10::Error&) {
        // It had left it.
      }
    }
    static_cast<void>(cudaGetLastError());
  }

  // Its copies would free the graph twice, so it stays where it was made.
  at::cuda::CUDAGraph graph_;
};

CapturedWork::CapturedWork(const std::function<void()>& work) {
  try {
    graph_ = std::make_unique<Graph>(work);
  } catch (const c10::OutOfMemoryError&) {
    throw;
  } catch (const c10::Error& error) {
    throw EnvironmentError(fmt::format("The work cannot be captured in a CUDA graph: {}", first_line(error)));
  }
}

CapturedWork::~CapturedWork() = default;

void CapturedWork::launch() {
  graph_->replay();
}

}  // namespace trainbench::gpu
