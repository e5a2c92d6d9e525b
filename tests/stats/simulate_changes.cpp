// Counts, over simulated histories of 100 points, how often find_change_points alarms where nothing changed
// and how often it finds a step. Run by ci/simulate_changes.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/errors.hpp"
#include "src/stats/change_points.hpp"

namespace trainbench::stats {
namespace {

constexpr std::size_t kPoints = 100;
constexpr std::size_t kFirstPlace = 20;
constexpr std::size_t kLastPlace = 80;
constexpr double kStep = 3;
constexpr double kMostAlarms = 0.05;
constexpr double kFewestFound = 0.95;
constexpr std::size_t kReach = 3;

constexpr std::string_view kFamilies =
    "Noise families, each of standard deviation 1 but the last:\n"
    "  iid        normal\n"
    "  outliers   normal; each point with probability 0.05 moved by 5 to 8 (uniform) up or down\n"
    "  AR(1) r    x(i) = r x(i-1) + sqrt(1 - r^2) normal, stationary from the first point\n"
    "  bimodal    normal around 0 or, with probability 0.5 at every point, around 3\n"
    "A step adds 3 from one of the points 20 to 80 on, each equally often, and is found where a change is\n"
    "reported at most 3 points from it. An alarm is any reported change, also a tentative one.\n"
    "Exit codes: 0 every bar is held, 10 one is not, 64 usage.";

using Random = std::mt19937_64;
using Noise = std::function<std::vector<double>(Random&)>;

double normal(Random& random) {
  return std::normal_distribution<double>()(random);
}

double uniform(Random& random) {
  return std::uniform_real_distribution<double>()(random);
}

std::vector<double> independent(Random& random) {
  std::vector<double> values(kPoints);
  for (double& value : values) value = normal(random);
  return values;
}

std::vector<double> with_outliers(Random& random) {
  std::vector<double> values = independent(random);
  for (double& value : values) {
    if (uniform(random) >= 0.05) continue;
    const double distance = 5 + 3 * uniform(random);
    value += uniform(random) < 0.5 ? -distance : distance;
  }
  return values;
}

Noise autoregressive(double r) {
  return [r](Random& random) {
    std::vector<double> values = {normal(random)};
    while (values.size() < kPoints)
      values.push_back(r * values.back() + std::sqrt(1 - r * r) * normal(random));
    return values;
  };
}

std::vector<double> bimodal(Random& random) {
  std::vector<double> values = independent(random);
  for (double& value : values) value += uniform(random) < 0.5 ? 3 : 0;
  return values;
}

double share_with_alarm(const Noise& noise, int num_series, unsigned seed,
                        const ChangePointOptions& options) {
  Random random(seed);
  int alarms = 0;
  for (int i = 0; i < num_series; ++i) alarms += find_change_points(noise(random), options).empty() ? 0 : 1;
  return static_cast<double>(alarms) / num_series;
}

double share_found(const Noise& noise, int num_series, unsigned seed, const ChangePointOptions& options) {
  Random random(seed);
  int found = 0;
  for (int i = 0; i < num_series; ++i) {
    const std::size_t place = kFirstPlace + static_cast<std::size_t>(i) % (kLastPlace - kFirstPlace + 1);
    std::vector<double> values = noise(random);
    for (std::size_t k = place; k < values.size(); ++k) values[k] += kStep;
    for (const ChangePoint& point : find_change_points(values, options)) {
      if (std::max(point.index, place) - std::min(point.index, place) > kReach) continue;
      ++found;
      break;
    }
  }
  return static_cast<double>(found) / num_series;
}

/// The rows of the table; whether every bar is held.
class Table {
 public:
  Table(int num_series, unsigned seed) : num_series_(num_series), seed_(seed) {
    fmt::print("| what | fewest points of a segment | histories | measured | bar | held |\n");
    fmt::print("|---|---|---|---|---|---|\n");
  }

  void alarms(std::string_view name, const Noise& noise) {
    for (const std::size_t fewest : {3U, 5U}) {
      const double share = share_with_alarm(noise, num_series_, seed_, {.min_segment = fewest});
      row(fmt::format("no change, {}: any alarm", name), fewest, share, "at most", kMostAlarms,
          share <= kMostAlarms);
    }
  }

  void steps(std::string_view name, const Noise& noise) {
    for (const std::size_t fewest : {3U, 5U}) {
      const double share = share_found(noise, num_series_, seed_, {.min_segment = fewest});
      row(fmt::format("step of 3 sd, {}: found within 3 points", name), fewest, share, "at least",
          kFewestFound, share >= kFewestFound);
    }
  }

  bool all_held() const { return all_held_; }

 private:
  void row(const std::string& what, std::size_t fewest, double share, std::string_view side, double bar,
           bool held) {
    fmt::print("| {} | {} | {} | {:.1f} % | {} {:.0f} % | {} |\n", what, fewest, num_series_, 100 * share,
               side, 100 * bar, held ? "yes" : "no");
    all_held_ = all_held_ && held;
  }

  int num_series_;
  unsigned seed_;
  bool all_held_ = true;
};

}  // namespace
}  // namespace trainbench::stats

int main(int argc, char** argv) {
  using namespace trainbench::stats;
  using trainbench::ExitCode;
  CLI::App app("Measures the alarms and the finds of find_change_points on simulated histories.");
  app.footer(std::string(kFamilies));
  unsigned seed = 1;
  int num_series = 200;
  app.add_option("--seed", seed, "Of the random numbers (default: 1)")->type_name("N");
  app.add_option("--series", num_series, "Histories of each row (default: 200)")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  Table table(num_series, seed);
  table.alarms("iid", independent);
  table.alarms("5 % outliers", with_outliers);
  table.alarms("AR(1) 0.7", autoregressive(0.7));
  table.alarms("bimodal", bimodal);
  table.steps("iid", independent);
  table.steps("AR(1) 0.3", autoregressive(0.3));
  return static_cast<int>(table.all_held() ? ExitCode::ok : ExitCode::regressed);
}
