#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "src/base/json.hpp"

namespace trainbench {

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

  /// The axis `name`, or `otherwise` where the benchmark does not have it.
  std::int64_t axis_or(const std::string& name, std::int64_t otherwise) const;
};

json::object to_json(const CaseRequest& request);

/// Throws InputError (`usage`) for text that is not a request.
CaseRequest case_request_from_json(std::string_view text);

}  // namespace trainbench
