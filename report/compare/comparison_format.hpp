#pragma once

#include <span>
#include <string>

#include "report/compare/compare.hpp"

namespace trainbench::report {

// Texts of one row, in the metric's own direction: "+3.20 %" of a throughput is for the better. Empty where
// there is nothing to say.

/// The metric's heading, or "(whole benchmark)".
std::string metric_title(const ComparedRow& row);
/// The median with its unit.
std::string value_text(const ComparedRow& row, std::span<const double> sample);
/// Contender against baseline: a share of ratios, points of proportions, a difference of counts.
std::string change_text(const ComparedRow& row);
/// The 95 % interval of the change, in brackets; "-" where the samples are too small for one.
std::string interval_text(const ComparedRow& row);
/// The smallest change that would have been found four times in five.
std::string detectable_text(const ComparedRow& row);
/// "10", or "10, 12" where the sides differ.
std::string sizes_text(const ComparedRow& row);
/// The adjusted p-value.
std::string p_text(const ComparedRow& row);

/// Both samples in one scale, a character a value, the baseline first. Of more than 20 values a side, the
/// first 20.
std::string sparkline(const Samples& samples);

/// The verdict with what qualifies it: "REGRESSED (strong)", "REGRESSED (accepted)", "-" where there is none.
std::string verdict_text(const ComparedRow& row);

}  // namespace trainbench::report
