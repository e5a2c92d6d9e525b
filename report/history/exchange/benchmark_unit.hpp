#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace trainbench::report::history {

/// The seconds that 1 of a unit of time is: 1e-9 for "ns", "ns/iter", "nsec/op" and "nanoseconds per call".
/// Nothing for another unit; a rate ("ops/s") is one.
std::optional<double> seconds_of_unit(std::string_view unit);

/// A metric named after a unit, in lower snake case: "MB/s" is "mb_per_s", "iter/sec" "iter_per_sec", "%"
/// "percent"; "value" where nothing of it is left. Never "real_time" or "cpu_time", which are seconds.
std::string metric_of_unit(std::string_view unit);

}  // namespace trainbench::report::history
