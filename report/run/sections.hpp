#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "report/run/series.hpp"
#include "report/run/sweep.hpp"

namespace trainbench::report {

/// One part of the report. Its first line says whether the reader has to do something.
struct Section {
  std::string title;  // plain text
  bool action_required = false;
  std::string message;  // markdown, one sentence: what to do, or what is shown
  std::string body;     // markdown, ends with a newline unless it is empty
};

/// What the sections are made from.
struct ReportInput {
  std::span<const ResultSet> runs;
  std::span<const Series> series;
  std::optional<std::size_t> max_rows = 200;  // of one table; nothing for all
};

/// How many of `num_rows` rows a table shows.
std::size_t shown_rows(const ReportInput& input, std::size_t num_rows);
/// The line under a table that was cut to `shown_rows`, or nothing.
std::string more_rows_line(const ReportInput& input, std::size_t num_rows);

Section runs_section(const ReportInput& input);
/// The study's table; nothing where no row carries a throughput in images per second.
std::optional<Section> summary_section(const ReportInput& input);
/// The study's claims, each with what was measured; nothing where no row is of the study.
std::optional<Section> claims_section(const ReportInput& input);
Section sweep_section(const ReportInput& input, const Sweep& sweep);
/// What AMP saves at the same batch, and what running ahead hides; nothing where no row tells.
std::optional<Section> gpu_section(const ReportInput& input);
/// What the run's profiles say, in short; nothing where none was recorded.
std::optional<Section> profiles_section(const ReportInput& input);
/// One section a family; a single one for all where there are more than 40 families.
std::vector<Section> family_sections(const ReportInput& input);
/// Loss and accuracy by epoch; nothing where no row has epochs.
std::optional<Section> learning_section(const ReportInput& input);
Section environment_section(const ReportInput& input);
Section failures_section(const ReportInput& input);

}  // namespace trainbench::report
