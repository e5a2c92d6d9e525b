#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace trainbench::report {

/// One argument of a benchmark. Google Benchmark's arguments without a name are called "arg1", "arg2", ...
struct Argument {
  std::string name;
  std::string value;

  friend bool operator==(const Argument&, const Argument&) = default;
};

/// A benchmark's name taken apart.
struct BenchmarkName {
  std::string family;
  std::vector<Argument> arguments;
};

/// `run_name` without the parts that say how often it ran: iterations, repeats, min_time, min_warmup_time.
/// Arguments, threads and the kind of time stay, for they say what ran.
std::string canonical_name(std::string_view run_name);

/// The same for a benchmark of bench, whose times are all manual: without "/manual_time".
std::string canonical_own_name(std::string_view run_name);

/// "Exp2_CPU_NT/batch:128/threads:2" is the family Exp2_CPU_NT with batch 128 and threads 2. Parts up to the
/// first number or `name:value` belong to the family; a kind of time is the argument "time".
BenchmarkName parse_benchmark_name(std::string_view canonical);

/// Whether `pattern`, a name or a shell pattern, fits `name`. A name may hold what a pattern would take for
/// its own.
bool fits_pattern(const std::string& pattern, const std::string& name);

/// Alphabetical, but runs of digits are compared as numbers: batch:16 stands before batch:128.
std::strong_ordering natural_order(std::string_view a, std::string_view b);

}  // namespace trainbench::report
