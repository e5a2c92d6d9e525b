#pragma once

#include <functional>
#include <memory>

namespace trainbench::gpu {

/// Work captured once into a CUDA graph and launched any number of times.
class CapturedWork {
 public:
  /// Captures `work` on the current stream, which must not be the default one; nothing runs. `work` must have
  /// run eagerly on that stream before (cuDNN's choice of algorithms, allocator, autograd's streams).
  /// Allocations inside live in the graph's own pool. Throws EnvironmentError where the work does what a
  /// capture forbids.
  explicit CapturedWork(const std::function<void()>& work);
  ~CapturedWork();
  CapturedWork(const CapturedWork&) = delete;  // owns the graph
  CapturedWork& operator=(const CapturedWork&) = delete;

  /// Launches the graph on the current stream; does not wait.
  void launch();

 private:
  class Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace trainbench::gpu
