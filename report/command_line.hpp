#pragma once

namespace trainbench::report {

/// The whole program: reads the command line, writes the report, and returns the exit code of
/// src/base/errors.hpp. Every failure is one sentence on standard error.
int run_bench_report(int argc, const char* const* argv);

}  // namespace trainbench::report
