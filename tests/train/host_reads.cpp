#include "tests/train/host_reads.hpp"

#include <ATen/record_function.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string_view>

namespace trainbench {
namespace {

struct Seen {
  std::vector<std::string> host_reads;
  std::vector<std::string> open;  // operators that are running, the innermost last
};
thread_local Seen* seen = nullptr;

bool inside_fused_optimizer() {
  return std::ranges::find(seen->open, "aten::_fused_sgd_.tensor_lr") != seen->open.end();
}

/// Tensor::to with a device, from Tensor::cpu too, called by us and not inside an operator. Where it changes
/// the type (autograd casts a gradient back) it is no copy to another device, which on the CPU would look as
/// if there were nothing to do.
bool asks_for_a_device_only(const at::RecordFunction& function, const std::string& name) {
  if (!seen->open.empty()) return false;
  if (name == "aten::to.device" || name == "aten::to.other") return true;
  if (name != "aten::to.dtype_layout") return false;
  const c10::ArrayRef<const c10::IValue> inputs = function.inputs();
  return inputs[1].isNone() || inputs[1].toScalarType() == inputs[0].toTensor().scalar_type();
}

bool waits_for_device(const at::RecordFunction& function, const std::string& name) {
  static const std::set<std::string_view> kForbidden = {"aten::item",       "aten::_local_scalar_dense",
                                                        "aten::nonzero",    "aten::is_nonzero",
                                                        "aten::equal",      "aten::masked_select",
                                                        "aten::allclose",   "aten::_unique2",
                                                        "aten::pin_memory", "aten::cpu",
                                                        "aten::argwhere",   "aten::_pin_memory",
                                                        "aten::unique_dim"};
  return kForbidden.contains(function.name()) || asks_for_a_device_only(function, name);
}

std::string full_name(const at::RecordFunction& function) {
  const std::optional<c10::OperatorName> name = function.operator_name();
  if (!name || name->overload_name.empty()) return function.name();
  return name->name + "." + name->overload_name;
}

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& function) {
  const std::string name = full_name(function);
  if (!inside_fused_optimizer() && waits_for_device(function, name)) {
    seen->host_reads.push_back(seen->open.empty() ? name : name + " in " + seen->open.back());
  }
  seen->open.push_back(name);
  return nullptr;
}

void end(const at::RecordFunction& /*function*/, at::ObserverContext* /*context*/) {
  seen->open.pop_back();
}

class Recording {
 public:
  explicit Recording(Seen& into) {
    seen = &into;
    handle_ = at::addThreadLocalCallback(
        at::RecordFunctionCallback(begin, end).needsInputs(true).scopes({at::RecordScope::FUNCTION}));
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
