#include "report/run/study_claims.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "report/run/ratio.hpp"
#include "report/run/study.hpp"
#include "report/run/sweep.hpp"
#include "report/text/format.hpp"
#include "src/stats/mean_interval.hpp"

namespace trainbench::report {
namespace {

// The study rounds its figures, and they agree with each other to about a tenth: 6,800 / 180 is 38, not 35.
constexpr double kSpeedUp = 35;
constexpr double kSpeedUpZone = 0.10;
constexpr double kMemoryZone = 0.02;
constexpr double kAccuracyZone = 3.0;      // points: one training's seed noise and the rounding
constexpr double kSameAccuracyZone = 1.0;  // points
constexpr std::int64_t kSweetSpot = 256;
constexpr std::int64_t kSameBatch = 128;

const Measure kAccuracy{Quantity::metric, "test_accuracy"};

/// One experiment's series in the run, or why there is none.
struct Found {
  const Series* series = nullptr;
  std::string reason;
};

/// The series of the family and batch with values of the measure.
Found find(const ReportInput& input, std::size_t run, std::string_view family, std::int64_t batch,
           const Measure& measure) {
  Found found;
  found.reason = fmt::format("the run has no row {}/batch:{}", family, batch);
  for (const Series& series : input.series) {
    if (series.run != run || series.name.family != family || !has_batch(series, batch)) continue;
    if (!values_of(series, measure).empty()) return {&series, ""};
    const std::string reason = first_reason(series);
    found.reason = reason.empty() ? fmt::format("{} has no {}", series.benchmark, title_of(measure))
                                  : fmt::format("{} {}", series.benchmark, reason);
  }
  return found;
}

/// At the study's batch.
Found find(const ReportInput& input, std::size_t run, std::string_view family, const Measure& measure) {
  return find(input, run, family, study_experiment(family)->batch, measure);
}

/// Sets verdict and reason by where the interval lies.
void judge(const std::optional<stats::Interval>& interval, const Zone& zone, const std::string& zone_text,
           StudyClaim& claim) {
  if (!interval) {
    claim.verdict = ClaimVerdict::not_judged;
    claim.reason = "too few repetitions for a 90 % interval";
    return;
  }
  const Place place = place_of(interval->lower, interval->upper, zone);
  claim.verdict = place == Place::inside   ? ClaimVerdict::confirmed
                  : place == Place::across ? ClaimVerdict::not_judged
                                           : ClaimVerdict::corrected;
  if (place == Place::across) claim.reason = fmt::format("the interval crosses an edge of {}", zone_text);
}

/// A figure under an injected fault is no measurement of the study's subject.
bool refuse_injected(const std::vector<const Series*>& all, StudyClaim& claim) {
  for (const Series* series : all) {
    const std::string fault = injected_into(*series);
    if (fault.empty()) continue;
    claim.verdict = ClaimVerdict::not_judged;
    claim.reason = fmt::format("a fault was injected: {}", fault);
    return true;
  }
  return false;
}

StudyClaim speed_up_claim(const ReportInput& input, std::size_t run) {
  StudyClaim claim{
      .statement = "A GPU with AMP is 35 times as fast as one CPU thread (images/s, Exp5 over Exp1)",
      .figure = fmt::format("{}x", kSpeedUp),
      .measured = "",
      .reason = ""};
  const Found amp = find(input, run, kExp5, kThroughput);
  const Found cpu = find(input, run, kExp1, kThroughput);
  if (amp.series == nullptr || cpu.series == nullptr) {
    claim.reason = amp.series == nullptr ? amp.reason : cpu.reason;
    return claim;
  }
  const auto ratio = ratio_of(*cpu.series, *amp.series, kThroughput, kZoneConfidence);
  if (!ratio) {
    claim.reason = "a throughput is not above 0";
    return claim;
  }
  claim.measured = format_ratio(*ratio);
  if (refuse_injected({amp.series, cpu.series}, claim)) return claim;
  const Zone zone{kSpeedUp * (1 - kSpeedUpZone), kSpeedUp * (1 + kSpeedUpZone)};
  judge(ratio->interval, zone, fmt::format("{} to {}", format_ratio(zone.lower), format_ratio(zone.upper)),
        claim);
  return claim;
}

StudyClaim memory_claim(const ReportInput& input, std::size_t run) {
  const double figure = *study_experiment(kExp5)->gpu_memory_mb / *study_experiment(kExp3)->gpu_memory_mb;
  StudyClaim claim{
      .statement = fmt::format("AMP needs a little less GPU memory than FP32 (peak allocated at batch {}, "
                               "Exp4 against Exp3)",
                               kSameBatch),
      .figure = format_saving({.ratio = figure, .interval = std::nullopt}),
      .measured = "",
      .reason = ""};
  const Found amp = find(input, run, kExp4, kSameBatch, kGpuMemory);
  const Found fp32 = find(input, run, kExp3, kSameBatch, kGpuMemory);
  if (amp.series == nullptr || fp32.series == nullptr) {
    claim.reason = fp32.series == nullptr ? fp32.reason : amp.reason;
    return claim;
  }
  const auto ratio = ratio_of(*fp32.series, *amp.series, kGpuMemory, kZoneConfidence);
  if (!ratio) {
    claim.reason = "a peak is not above 0";
    return claim;
  }
  claim.measured = format_saving(*ratio);
  if (refuse_injected({amp.series, fp32.series}, claim)) return claim;
  const Zone zone{figure - kMemoryZone, figure + kMemoryZone};
  judge(ratio->interval, zone,
        fmt::format("{} to {} less", format_percent(1 - zone.upper), format_percent(1 - zone.lower)), claim);
  return claim;
}

/// What the batches of a sweep say of the claimed one.
struct SweepEvidence {
  const SweepPoint* claimed = nullptr;
  bool has_smaller = false;
  bool has_larger = false;
  bool smaller_all_slower = true;   // shown for each of them
  bool smaller_equivalent = false;  // shown for any
};

bool is_good(const SweepPoint& point) {
  return point.standing == Standing::equivalent || point.standing == Standing::best;
}

SweepEvidence evidence_of(const Sweep& sweep) {
  SweepEvidence evidence;
  for (const SweepPoint& point : sweep.points) {
    if (point.batch == kSweetSpot) {
      evidence.claimed = &point;
    } else if (point.batch > kSweetSpot) {
      evidence.has_larger = true;
    } else {
      const bool slower = point.standing == Standing::slower && !point.by_medians();
      evidence.has_smaller = true;
      evidence.smaller_all_slower = evidence.smaller_all_slower && slower;
      evidence.smaller_equivalent = evidence.smaller_equivalent || (is_good(point) && !point.by_medians());
    }
  }
  return evidence;
}

void judge_sweet_spot(const Sweep& sweep, StudyClaim& claim) {
  const SweepEvidence evidence = evidence_of(sweep);
  const SweepPoint* claimed = evidence.claimed;
  if (claimed == nullptr || claimed->standing == Standing::no_result) {
    claim.reason = claimed == nullptr ? fmt::format("the sweep has no batch {}", kSweetSpot)
                                      : first_reason(*claimed->series);
    return;
  }
  claim.measured = sweet_spot_sentences(sweep);
  claim.verdict = ClaimVerdict::not_judged;
  if (!evidence.has_smaller || !evidence.has_larger || !sweep.sweet_spot) {
    claim.reason = fmt::format("the sweep lacks results of batches on both sides of {}", kSweetSpot);
  } else if (evidence.smaller_equivalent ||
             (claimed->standing == Standing::slower && !claimed->by_medians())) {
    claim.verdict = ClaimVerdict::corrected;
  } else if (is_good(*claimed) && !claimed->by_medians() && evidence.smaller_all_slower) {
    claim.verdict = ClaimVerdict::confirmed;
  } else {
    claim.reason = "the rows do not settle every batch up to it";
  }
}

StudyClaim sweet_spot_claim(const ReportInput& input, std::size_t run) {
  StudyClaim claim{.statement = "Of AMP's batch sizes 16 to 512, 256 is the best compromise (Exp4)",
                   .figure = fmt::format("batch {}", kSweetSpot),
                   .measured = "",
                   .reason = ""};
  for (const Sweep& sweep : find_sweeps(input.series, 1)) {
    if (sweep.run != run || sweep.family != kExp4) continue;
    std::vector<const Series*> all;
    for (const SweepPoint& point : sweep.points) all.push_back(point.series);
    judge_sweet_spot(sweep, claim);
    if (claim.verdict != ClaimVerdict::not_measured) refuse_injected(all, claim);
    return claim;
  }
  claim.reason = find(input, run, kExp4, kSweetSpot, kThroughput).reason;
  if (claim.reason.empty()) claim.reason = "the run has fewer than three batch sizes of it";
  return claim;
}

/// Nothing where the accuracy may be set beside the study's.
std::string why_no_accuracy(const ReportInput& input, const Found& found) {
  if (found.series == nullptr) return found.reason;
  const std::string comparable = comparable_with_study(input, *found.series);
  return comparable == "yes" ? "" : comparable.substr(std::string_view("no: ").size());
}

StudyClaim same_accuracy_claim(const ReportInput& input, std::size_t run) {
  StudyClaim claim{.statement = "AMP reaches the accuracy of FP32 (Exp5 less Exp3)",
                   .figure = "0 points",
                   .measured = "",
                   .reason = ""};
  const Found amp = find(input, run, kExp5, kAccuracy);
  const Found fp32 = find(input, run, kExp3, kAccuracy);
  for (const Found& found : {amp, fp32}) {
    if (claim.reason.empty()) claim.reason = why_no_accuracy(input, found);
  }
  if (!claim.reason.empty()) return claim;
  const auto shift = stats::hodges_lehmann(values_of(*fp32.series, kAccuracy),
                                           values_of(*amp.series, kAccuracy), kZoneConfidence);
  claim.measured = fmt::format("{} points", format_fixed(shift->shift, 2));
  if (shift->interval) {
    claim.measured += fmt::format(" ({} to {})", format_fixed(shift->interval->lower, 2),
                                  format_fixed(shift->interval->upper, 2));
  }
  judge(shift->interval, {-kSameAccuracyZone, kSameAccuracyZone}, "1 point either way", claim);
  return claim;
}

StudyClaim accuracy_claim(const ReportInput& input, std::size_t run, const StudyExperiment& experiment) {
  StudyClaim claim{.statement = fmt::format("Accuracy after the whole training ({})", experiment.family),
                   .figure = fmt::format("{} %", experiment.accuracy_percent),
                   .measured = "",
                   .reason = ""};
  const Found found = find(input, run, experiment.family, kAccuracy);
  claim.reason = why_no_accuracy(input, found);
  if (!claim.reason.empty()) return claim;
  const std::vector<double> values = values_of(*found.series, kAccuracy);
  const auto interval = stats::mean_interval(values, kZoneConfidence);
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  claim.measured = fmt::format("{} %", format_fixed(mean, 2));
  if (interval) {
    claim.measured +=
        fmt::format(" ({} to {})", format_fixed(interval->lower, 2), format_fixed(interval->upper, 2));
  }
  judge(interval, {experiment.accuracy_percent - kAccuracyZone, experiment.accuracy_percent + kAccuracyZone},
        "3 points either way", claim);
  return claim;
}

}  // namespace

std::string_view to_string(ClaimVerdict verdict) noexcept {
  switch (verdict) {
    case ClaimVerdict::confirmed:
      return "confirmed";
    case ClaimVerdict::corrected:
      return "corrected";
    case ClaimVerdict::not_judged:
      return "not judged";
    case ClaimVerdict::not_measured:
      return "not measured here";
  }
  return "";
}

std::vector<StudyClaim> claims_of(const ReportInput& input, std::size_t run) {
  std::vector<StudyClaim> claims = {speed_up_claim(input, run), memory_claim(input, run),
                                    sweet_spot_claim(input, run), same_accuracy_claim(input, run)};
  for (const StudyExperiment& experiment : study_experiments())
    claims.push_back(accuracy_claim(input, run, experiment));
  return claims;
}

}  // namespace trainbench::report
