#include "report/profile/profile_difference.hpp"

#include <fmt/format.h>

#include <cmath>

#include "report/profile/profile_faults.hpp"
#include "report/text/format.hpp"
#include "report/text/markdown.hpp"
#include "src/profile/waterfall.hpp"

namespace trainbench::report {
namespace {

using namespace profile;  // NOLINT: this file prints what that layer computes

/// Numerators of ns per step, as the waterfall counts them.
struct Folded {
  std::size_t rows = 0;
  std::int64_t change = 0;
  std::int64_t by_calls = 0;
  std::int64_t by_duration = 0;

  void add(const WaterfallRow& row) {
    ++rows;
    change += row.change;
    by_calls += row.by_calls;
    by_duration += row.by_duration;
  }
};

class DifferenceReport {
 public:
  DifferenceReport(const Waterfall& waterfall, std::optional<std::size_t> max_rows)
      : waterfall_(waterfall), max_rows_(max_rows) {}

  std::string run(const std::string& benchmark, const std::string& banners) {
    std::string text =
        fmt::format("# Difference of {}\n\n{}**{}**\n\n", escape_markdown(benchmark), banners, verdict());
    text +=
        fmt::format("{} against {} process{}, {}. {}\n", waterfall_.baseline_processes,
                    waterfall_.contender_processes, waterfall_.contender_processes == 1 ? "" : "es",
                    waterfall_.clockwork == Clockwork::device ? "on the GPU's clock" : "on the main thread",
                    has_intervals() ? "Intervals are of the change, at 95 %, from the processes' steps."
                                    : "No intervals: they need five processes on both sides.");
    return text + rows() + substitutions();
  }

 private:
  bool has_intervals() const {
    for (const WaterfallRow& row : waterfall_.rows) {
      if (row.interval) return true;
    }
    return false;
  }

  std::string ms(std::int64_t numerator) const {
    const double ns = static_cast<double>(numerator) / static_cast<double>(waterfall_.denominator);
    const std::string text = format_fixed(ns * 1e-6, 4);
    return text.starts_with('-') || text.find_first_not_of("0.") == std::string::npos ? text : "+" + text;
  }

  std::string verdict() const {
    const double change = waterfall_.contender_step_ns - waterfall_.baseline_step_ns;
    const double share = std::abs(change) / waterfall_.baseline_step_ns;
    std::string text =
        fmt::format("{} to {} a step: {} {}", format_seconds(waterfall_.baseline_step_ns * 1e-9),
                    format_seconds(waterfall_.contender_step_ns * 1e-9), format_percent(share),
                    change > 0 ? "slower" : "faster");
    for (const WaterfallRow& row : waterfall_.rows) {
      if (row.is_noise() || (row.change > 0) != (waterfall_.change > 0) || row.change == 0) continue;
      return text + fmt::format("; the largest part, {} ms, is {}.", ms(row.change),
                                escape_markdown(name_of(row.key)));
    }
    return text + "; no single row is beyond noise.";
  }

  static std::string name_of(const ShareKey& key) {
    std::string text = key.operator_name.empty() ? "(no operator)" : key.operator_name;
    if (!key.layer.empty()) text += " of " + key.layer;
    if (key.phase != StepPhase::none) text += fmt::format(" ({})", to_string(key.phase));
    return text;
  }

  std::vector<std::string> cells(const WaterfallRow& row) const {
    const std::string none(kNoValue);
    std::string interval = none;
    if (row.interval) {
      interval = fmt::format("{} to {}", format_fixed(row.interval->lower * 1e-6, 4),
                             format_fixed(row.interval->upper * 1e-6, 4));
    }
    return {row.key.phase == StepPhase::none ? none : std::string(to_string(row.key.phase)),
            row.key.layer.empty() ? none : row.key.layer,
            row.key.operator_name.empty() ? "(no operator)" : row.key.operator_name,
            row.key.kernel.empty() ? none : row.key.kernel,
            row.key.shape.empty() ? none : row.key.shape,
            ms(row.change),
            ms(row.by_calls),
            ms(row.by_duration),
            interval};
  }

  std::vector<std::string> folded_cells(const Folded& folded, const std::string& name) const {
    const std::string none(kNoValue);
    return {none,
            none,
            fmt::format("({} rows {})", folded.rows, name),
            none,
            none,
            ms(folded.change),
            ms(folded.by_calls),
            ms(folded.by_duration),
            none};
  }

  std::string rows() const {
    MarkdownTable table({{"Phase", Align::left},
                         {"Layer", Align::left},
                         {"Operator", Align::left},
                         {"Kernel or implementation", Align::left},
                         {"Shape", Align::left},
                         {"Change ms"},
                         {"By calls"},
                         {"By duration"},
                         {"Interval ms"}});
    Folded noise;
    Folded small;
    Folded all;
    std::size_t shown = 0;
    for (const WaterfallRow& row : waterfall_.rows) {
      all.add(row);
      if (row.is_noise() || row.change == 0) {
        noise.add(row);
      } else if (max_rows_ && shown >= *max_rows_) {
        small.add(row);
      } else {
        ++shown;
        table.add_row(cells(row));
      }
    }
    if (small.rows > 0) table.add_row(folded_cells(small, "that are smaller"));
    if (noise.rows > 0) table.add_row(folded_cells(noise, "that noise cannot tell from zero"));
    table.add_row(folded_cells(all, "in all"));
    return fmt::format("\n## From one step to the other\n\n{}\nStep: {} ms. Rows: {} ms. Residual: {} ms.\n",
                       table.str(), ms(waterfall_.change), ms(all.change),
                       ms(waterfall_.change - all.change));
  }

  std::string substitutions() const {
    if (waterfall_.substitutions.empty()) return "";
    std::string text = "\n## Substitutions\n\n";
    for (const Substitution& substitution : waterfall_.substitutions) {
      text += fmt::format("- {}: {} gave way to {}, {} ms\n", escape_markdown(name_of(substitution.from)),
                          escape_markdown(substitution.from.kernel), escape_markdown(substitution.to.kernel),
                          ms(substitution.change));
    }
    return text;
  }

  const Waterfall& waterfall_;
  std::optional<std::size_t> max_rows_;
};

std::string banners_of(const ProfileFaults& faults, std::string_view side) {
  std::string text = banner_of(faults, side);
  for (const std::string& sentence : faults.unsteady)
    text += fmt::format("> {} is not steady: {}.\n\n", side, escape_markdown(sentence));
  return text;
}

}  // namespace

std::string render_difference(std::span<const Profile> baseline, std::span<const Profile> contender,
                              std::optional<std::size_t> max_rows) {
  const Waterfall result = waterfall(baseline, contender);
  const std::string banners =
      banners_of(faults_of(baseline), "The baseline") + banners_of(faults_of(contender), "The contender");
  return DifferenceReport(result, max_rows).run(contender.front().benchmark, banners);
}

}  // namespace trainbench::report
