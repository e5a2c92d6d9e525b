#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "src/base/json.hpp"
#include "src/measure/facts.hpp"

namespace trainbench {

/// What a profiled worker records. Operators and allocations of the host always: a kernel belongs to one.
struct ProfileRequest {
  std::string file;        // where it goes: "RUN/profiles/CASE/0.json"; its trace stands beside it
  bool gpu = false;        // kernels, copies and launches too
  bool verify = false;     // and these attributed by two mechanisms
  std::int64_t steps = 0;  // recorded, after the warm-up
  Facts machine;           // as in the run's header: a profile is read alone
};

/// What the parent asks one worker to do. Passed as JSON in the worker's arguments, so that a failed case can
/// be run again by hand, under a debugger.
struct CaseRequest {
  std::string benchmark;   // canonical name, "Exp1_CPU_1T/batch:128"
  std::string experiment;  // the family, "Exp1_CPU_1T"
  std::map<std::string, std::int64_t> axes;
  int repetition = 0;
  std::uint64_t seed = 1;
  std::int64_t warmup_steps = 0;
  std::int64_t steps = 0;              // of the measured window; without meaning where `epochs` is set
  int epochs = 0;                      // > 0: whole epochs over the training set
  std::int64_t evaluation_images = 0;  // of the test set, at most; 0: all
  int gpu = 0;                         // in CUDA's order, of a benchmark on a GPU
  std::string preset;
  std::string data;    // as for --data, resolved: "synthetic" or a folder
  std::string inject;  // as for --inject; empty: nothing
  std::optional<ProfileRequest> profile =
      std::nullopt;  // what this worker records instead of measuring speed

  /// The axis `name`, or `otherwise` where the benchmark does not have it.
  std::int64_t axis_or(const std::string& name, std::int64_t otherwise) const;
};

json::object to_json(const CaseRequest& request);

/// Throws InputError (`usage`) for text that is not a request.
CaseRequest case_request_from_json(std::string_view text);

}  // namespace trainbench
