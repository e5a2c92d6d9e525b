#include "src/train/runtime.hpp"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include <string>

namespace trainbench {

void seed_torch(std::uint64_t seed) {
  at::manual_seed(seed);
}

void set_torch_threads(int threads) {
  if (at::get_num_interop_threads() != 1) at::set_num_interop_threads(1);
  at::set_num_threads(threads);
}

Facts torch_facts() {
  return {{"torch", TORCH_VERSION},
          {"torch_cpu_capability", at::get_cpu_capability()},
          {"torch_mkldnn", at::globalContext().userEnabledMkldnn() && at::hasMKLDNN() ? "on" : "off"},
          {"torch_mkl", at::hasMKL() ? "yes" : "no"},
          {"torch_threads", std::to_string(at::get_num_threads())},
          {"torch_interop_threads", std::to_string(at::get_num_interop_threads())}};
}

}  // namespace trainbench
