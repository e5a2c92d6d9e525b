#pragma once

#include <string>

#include "report/compare/compare.hpp"

namespace trainbench::report {

/// What is known of the machine that a result was measured on: bench's machine facts, else what Google
/// Benchmark's context says of it that does not change from boot to boot. Empty where nothing is known.
Facts machine_of(const ResultSet& results);

/// The facts that differ, "cpu: 'A' and 'B', cores: '2' and '4'". Empty where none does.
std::string differing_facts(const Facts& a, const Facts& b);

/// Takes both machines into `comparison`. Throws InputError (`not_comparable`) where two files, of one side
/// or of both, come from different ones, unless `allowed`; then the comparison is informational.
void check_machines(const Side& baseline, const Side& contender, bool allowed, Comparison& comparison);

/// Whether the files are compared pair by pair. Throws InputError (`usage`) where that was asked for and
/// their names are not the same on both sides.
bool decide_pairing(const Side& baseline, const Side& contender, Pairing pairing);

/// Why two measurements of a benchmark are not of the same thing; empty where they are.
std::string differing_measurement(const Subject& baseline, const Subject& contender);

}  // namespace trainbench::report
