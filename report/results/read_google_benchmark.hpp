#pragma once

#include <string_view>

#include "report/results/result_set.hpp"

namespace trainbench::report {

/// Reads what Google Benchmark 1.7.1 and later write with --benchmark_out. Aggregate and complexity rows are
/// left out, which `notes` says: the report computes its own from the iterations. Of a file of bench,
/// machine, measurement and the injected fault are taken from the context. Of a file that was cut, every
/// whole row is kept and `faults` says so.
///
/// Throws InputError (`unreadable`) with `source`, what is wrong, the byte offset and the way out where the
/// text is empty, is not such a file or holds a damaged row before its end, or is cut before its first row.
ResultSet parse_google_benchmark(std::string_view text, std::string_view source);

}  // namespace trainbench::report
