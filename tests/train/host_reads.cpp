#include "tests/train/host_reads.hpp"

#include <ATen/record_function.h>

#include <memory>
#include <set>
#include <string_view>

namespace trainbench {
namespace {

struct Seen {
  std::vector<std::string> host_reads;
  int inside_fused_optimizer = 0;
};
thread_local Seen* seen = nullptr;

bool is_fused_optimizer(const at::RecordFunction& function) {
  return std::string_view(function.name()) == "aten::_fused_sgd_";
}

bool waits_for_device(const at::RecordFunction& function) {
  static const std::set<std::string_view> kForbidden = {"aten::item",       "aten::_local_scalar_dense",
                                                        "aten::nonzero",    "aten::is_nonzero",
                                                        "aten::equal",      "aten::masked_select",
                                                        "aten::allclose",   "aten::_unique2",
                                                        "aten::pin_memory", "aten::cpu",
                                                        "aten::argwhere",   "aten::_pin_memory",
                                                        "aten::unique_dim"};
  if (kForbidden.contains(function.name())) return true;
  // Tensor::cpu and Tensor::to(device); to(dtype) is another overload.
  const std::optional<c10::OperatorName> name = function.operator_name();
  static const std::set<std::string_view> kToDevice = {"dtype_layout", "device", "other"};
  return name && name->name == "aten::to" && kToDevice.contains(name->overload_name);
}

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& function) {
  if (is_fused_optimizer(function)) ++seen->inside_fused_optimizer;
  if (seen->inside_fused_optimizer == 0 && waits_for_device(function)) {
    seen->host_reads.emplace_back(function.name());
  }
  return nullptr;
}

void end(const at::RecordFunction& function, at::ObserverContext* /*context*/) {
  if (is_fused_optimizer(function)) --seen->inside_fused_optimizer;
}

class Recording {
 public:
  explicit Recording(Seen& into) {
    seen = &into;
    handle_ = at::addThreadLocalCallback(
        at::RecordFunctionCallback(begin, end).scopes({at::RecordScope::FUNCTION}));
  }
  ~Recording() {
    at::removeCallback(handle_);
    seen = nullptr;
  }
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;

 private:
  at::CallbackHandle handle_ = 0;
};

}  // namespace

std::vector<std::string> host_reads_of(const std::function<void()>& work) {
  Seen into;
  {
    const Recording recording(into);
    work();
  }
  return into.host_reads;
}

}  // namespace trainbench
