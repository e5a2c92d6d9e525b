#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

namespace trainbench {

enum class Better { lower, higher, neither };

/// What the report and the gate need to know about a metric. The zone is the change that does not matter: the
/// larger of `relative_zone` (a fraction) and `absolute_zone` (in the metric's unit).
struct MetricInfo {
  std::string_view name;   // lower snake case, the unit last
  std::string_view title;  // column heading
  std::string_view unit;   // shown behind a value; empty for counts
  Better better = Better::neither;
  int decimals = 1;  // decimals shown where the report does not choose
  bool gated = false;
  double relative_zone = 0.0;
  double absolute_zone = 0.0;
  std::string_view meaning;  // one sentence for readers of the report
};

/// Every metric that a result may carry, in the order of the report's columns.
std::span<const MetricInfo> metric_registry() noexcept;

/// Nothing (nullptr) for a name that is not in the registry.
const MetricInfo* find_metric(std::string_view name) noexcept;

/// Metric values by registry name. A metric that does not apply is absent.
using Metrics = std::map<std::string, double>;

/// Sets one metric. Throws std::logic_error for a name outside the registry or a value that is not finite.
void set_metric(Metrics& metrics, std::string_view name, double value);

}  // namespace trainbench
