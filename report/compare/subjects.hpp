#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "report/compare/side.hpp"
#include "report/results/renames.hpp"

namespace trainbench::report {

/// One process of one benchmark: a repetition of bench, a run of hyperfine, or a whole file of another
/// program, whose repetitions share a process and count once, by their median.
struct Unit {
  std::string key;  // file name and number of the repetition in it: pairs have the same
  std::map<std::string, double> values;
};

/// One benchmark of a side.
struct Subject {
  std::vector<Unit> units;
  std::size_t num_failed = 0;
  std::size_t num_skipped = 0;
  std::string reason;            // of the first that failed, else of the first that was skipped
  std::set<Facts> measurements;  // one, where the repetitions agree
  std::string injected;          // the fault of bench --inject
  bool is_selection = false;     // as Side's
};

using Subjects = std::map<std::string, Subject>;  // by benchmark

/// The values of times are seconds, called "real_time" and "cpu_time"; bench's own rows have none, because
/// its metrics say more. `one_file` leaves the file's name out of the keys: single files are a pair whatever
/// they are called. Files whose names are `left_out` are not taken.
/// Throws InputError (`unreadable`) where the renames give one name to two benchmarks of a file.
Subjects subjects_of(const Side& side, const Renames& renames, bool one_file,
                     const std::set<std::string>& left_out = {});

/// The values of one metric, of two sides.
struct Samples {
  std::vector<double> baseline;
  std::vector<double> contender;
  std::vector<std::string> baseline_keys{};  // of the values' units
  std::vector<std::string> contender_keys{};
  std::string
      lack{};  // why others are missing that should be there: what is left may be a choice of the good
};

/// Those of the units that have the metric; with `paired`, of units with the same key on both sides, in the
/// same order. That a pair has none on either side, or that both sides have processes without one, is no
/// lack.
Samples samples_of(const Subject& baseline, const Subject& contender, const std::string& metric, bool paired);

}  // namespace trainbench::report
