#include "src/profile/kernel_names.hpp"

#include <cxxabi.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <memory>
#include <set>

#include "src/base/hash.hpp"

namespace trainbench::profile {
namespace {

std::string demangled(std::string_view name) {
  if (!name.starts_with("_Z")) return std::string(name);
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(std::string(name).c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 && text ? std::string(text.get()) : std::string(name);
}

/// The index behind the bracket that closes the one at `begin`, or the text's end.
std::size_t behind_bracket(std::string_view text, std::size_t begin) {
  const char open = text[begin];
  const char close = open == '<' ? '>' : ')';
  int depth = 0;
  for (std::size_t i = begin; i < text.size(); ++i) {
    if (text[i] == open) ++depth;
    // "->" closes nothing.
    if (text[i] == close && !(close == '>' && i > 0 && text[i - 1] == '-') && --depth == 0) return i + 1;
  }
  return text.size();
}

/// "at::native::foo" to "foo"; "(anonymous namespace)::foo" to "foo".
std::string_view last_component(std::string_view text) {
  const std::size_t colons = text.rfind("::");
  return colons == std::string_view::npos ? text : text.substr(colons + 2);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t i = text.find(from); i != std::string::npos; i = text.find(from, i + to.size()))
    text.replace(i, from.size(), to);
  return text;
}

/// What says most about an element-wise kernel: the first of its template's arguments that names a functor.
std::string functor_in(std::string_view arguments) {
  constexpr std::array<std::string_view, 4> kMarks = {"Functor", "_kernel_cuda", "Ops<", "Op<"};
  std::size_t at = std::string_view::npos;
  for (const std::string_view mark : kMarks) at = std::min(at, arguments.find(mark));
  if (at == std::string_view::npos) return "";
  const auto is_part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  std::size_t begin = at;
  while (begin > 0 && is_part(arguments[begin - 1])) --begin;
  std::size_t end = at;
  while (end < arguments.size() && is_part(arguments[end])) ++end;
  return std::string(arguments.substr(begin, end - begin));
}

bool has_any(std::string_view text, std::span<const std::string_view> tokens) {
  return std::any_of(tokens.begin(), tokens.end(),
                     [&](std::string_view token) { return text.find(token) != std::string_view::npos; });
}

constexpr std::array<std::string_view, 14> kTensorTokens = {
    "s884",   "s1688", "s16816", "h884",     "h1688", "h16816",    "i8816",
    "i16832", "hmma",  "gmma",   "tensorop", "nvjet", "tensor8x8", "tensor16x8"};
constexpr std::array<std::string_view, 4> kImplicitGemm = {
    "xmma_fprop_implicit_gemm", "xmma_dgrad_implicit_gemm", "xmma_wgrad_implicit_gemm", "xmma_gemm"};
constexpr std::array<std::string_view, 6> kTensorTypes = {"f16", "bf16", "tf32", "e4m3", "e5m2", "i8"};
constexpr std::array<std::string_view, 3> kScalarTokens = {"simt", "sgemm", "ffma"};
constexpr std::array<std::string_view, 14> kScalarFamilies = {
    "elementwise", "reduce",     "batch_norm",         "bn_fw",
    "bn_bw",       "softmax",    "max_pool",           "avg_pool",
    "nhwcTonchw",  "nchwToNhwc", "multi_tensor_apply", "copy_kernel",
    "Memcpy",      "fill"};

/// "bf16f32": types and nothing else.
bool is_types(std::string_view word) {
  constexpr std::array<std::string_view, 9> kTypes = {"tf32", "bf16", "f16", "f32", "f64",
                                                      "e4m3", "e5m2", "i8",  "i32"};
  if (word.empty()) return false;
  while (!word.empty()) {
    const auto type = std::find_if(kTypes.begin(), kTypes.end(),
                                   [&](std::string_view known) { return word.starts_with(known); });
    if (type == kTypes.end()) return false;
    word.remove_prefix(type->size());
  }
  return true;
}

/// Whether an xmma kernel computes in one of the tensor cores' types. Between "gemm_" and the layouts stand
/// words like "indexed" and then the types in memory, of the arithmetic and of the result:
/// "f32f32_tf32f32_f32".
bool has_tensor_types(std::string_view name) {
  const std::size_t gemm = name.find("gemm_");
  bool behind_types = false;
  for (std::string_view rest = name.substr(gemm == std::string_view::npos ? name.size() : gemm + 5);
       !rest.empty();) {
    const std::string_view word = rest.substr(0, rest.find('_'));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    if (behind_types && !is_types(word)) return false;
    behind_types = behind_types || is_types(word);
    if (is_types(word) && has_any(word, kTensorTypes)) return true;
  }
  return false;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

}  // namespace

std::string short_kernel_name(std::string_view raw) {
  std::string name = replaced(demangled(raw), "(anonymous namespace)", "anon");
  if (name.starts_with("void ")) name.erase(0, 5);
  const std::size_t bracket = name.find_first_of("<(");
  if (bracket == std::string::npos) return std::string(last_component(name));
  std::string head(last_component(std::string_view(name).substr(0, bracket)));
  if (name[bracket] == '(') return head;
  const std::size_t end = behind_bracket(name, bracket);
  // A member of a class template: the class says nothing.
  if (end < name.size() && name.compare(end, 2, "::") == 0) return short_kernel_name(name.substr(end + 2));
  const std::string functor = functor_in(std::string_view(name).substr(bracket, end - bracket));
  return functor.empty() ? head : head + "<" + functor + ">";
}

std::string_view to_string(TensorCores value) noexcept {
  switch (value) {
    case TensorCores::yes:
      return "yes";
    case TensorCores::no:
      return "no";
    case TensorCores::unknown:
      return "unknown";
  }
  return "";
}

TensorCores tensor_cores_of(std::string_view name) {
  const std::string text = lower(name);
  if (has_any(text, kScalarTokens)) return TensorCores::no;
  if (has_any(text, kTensorTokens)) return TensorCores::yes;
  if (has_any(text, kImplicitGemm)) return has_tensor_types(text) ? TensorCores::yes : TensorCores::no;
  if (std::any_of(kScalarFamilies.begin(), kScalarFamilies.end(),
                  [&](std::string_view family) { return text.find(lower(family)) != std::string::npos; }))
    return TensorCores::no;
  return TensorCores::unknown;
}

std::uint64_t kernel_set_fingerprint(std::span<const std::string> names) {
  const std::set<std::string> distinct(names.begin(), names.end());
  Hash64 hash;
  for (const std::string& name : distinct) {
    hash.update(name);
    hash.update(std::string_view("\0", 1));
  }
  return hash.value() & ((std::uint64_t{1} << 53) - 1);
}

}  // namespace trainbench::profile
