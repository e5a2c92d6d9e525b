#pragma once

namespace trainbench::report {

// Each reads its own command line, prints its answer, and returns the exit code of src/base/errors.hpp.

int run_compare(int argc, const char* const* argv);
int run_gate_command(int argc, const char* const* argv);
int run_calibrate_command(int argc, const char* const* argv);
int run_accept(int argc, const char* const* argv);
int run_history(int argc, const char* const* argv);
int run_changepoints(int argc, const char* const* argv);

}  // namespace trainbench::report
