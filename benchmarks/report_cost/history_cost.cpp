// What the history costs at a million points. TRAINBENCH_HISTORY names the folder, which
// tests/report/history/make_large_history writes.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "report/history/store/store.hpp"
#include "src/measure/memory.hpp"

namespace trainbench::report::history {
namespace {

namespace fs = std::filesystem;

/// Empty, and the benchmark is skipped, where no folder is named.
fs::path large_history(benchmark::State& state) {
  const char* const folder = std::getenv("TRAINBENCH_HISTORY");
  if (folder != nullptr && fs::is_directory(folder)) return folder;
  state.SkipWithError(
      "TRAINBENCH_HISTORY names no folder: tests/report/history/make_large_history FOLDER writes one.");
  return {};
}

/// Of all series; where there is none, the benchmark is skipped.
std::vector<SeriesKey> keys_of(const fs::path& folder, benchmark::State& state) {
  std::vector<SeriesKey> keys = Store(folder).keys();
  if (keys.empty()) state.SkipWithError("The history of TRAINBENCH_HISTORY holds no series.");
  return keys;
}

void note_peak(benchmark::State& state) {
  if (const auto bytes = peak_resident_bytes())
    state.counters["peak_rss_mib"] = static_cast<double>(*bytes) / kBytesPerMib;
}

/// Run `number` of the ones that are added, of all series that there are.
RunRecord next_run(const std::vector<SeriesKey>& keys, std::size_t number) {
  RunRecord record;
  record.id = fmt::format("added-{}", number);
  record.started = "2026-11-25T12:00:00Z";
  record.branch = keys.front().branch;
  record.commit = {.hash = fmt::format("{:040}", number),
                   .subject = "A new commit",
                   .number = 1'000'000 + static_cast<std::int64_t>(number)};
  record.machine_fingerprint = keys.front().machine_fingerprint;
  for (const SeriesKey& key : keys)
    record.series.push_back({key.benchmark, key.metric, key.measurement_fingerprint, {1.0, 1.1, 1.2}});
  return record;
}

/// All of `history add` but reading the result and asking git: opening the store, the file, the index.
void add_run(benchmark::State& state) {
  const fs::path folder = large_history(state);
  if (folder.empty()) return;
  const std::vector<SeriesKey> keys = keys_of(folder, state);
  if (keys.empty()) return;
  reset_peak_resident();
  std::size_t number = 0;
  for ([[maybe_unused]] auto _ : state) {
    Store store(folder);
    if (store.add(next_run(keys, number++)) != Added::added)
      state.SkipWithError("The run was there already.");
  }
  note_peak(state);
  std::error_code ignored;  // the folder is left as it was found, as far as it can be
  for (std::size_t i = 0; i < number; ++i)
    fs::remove(folder / "2026-11" / fmt::format("added-{}.ndjson", i), ignored);
  fs::remove(folder / "2026-11", ignored);
  benchmark::DoNotOptimize(Store(folder).problems());
}

void show_series(benchmark::State& state) {
  const fs::path folder = large_history(state);
  if (folder.empty()) return;
  const std::vector<SeriesKey> keys = keys_of(folder, state);
  if (keys.empty()) return;
  reset_peak_resident();
  std::size_t next = 0;
  for ([[maybe_unused]] auto _ : state) {
    const Store store(folder);
    benchmark::DoNotOptimize(store.series(keys[next++ * 37 % keys.size()]));
  }
  note_peak(state);
}

void rebuild_index(benchmark::State& state) {
  const fs::path folder = large_history(state);
  if (folder.empty()) return;
  reset_peak_resident();
  for ([[maybe_unused]] auto _ : state) {
    fs::remove(folder / "index.sqlite");
    benchmark::DoNotOptimize(Store(folder).problems());
  }
  note_peak(state);
}

// First, so that the index is there for the others.
BENCHMARK(rebuild_index)
    ->Name("Report_HistoryRebuild")
    ->Iterations(1)
    ->Unit(benchmark::kSecond)
    ->UseRealTime();
BENCHMARK(add_run)->Name("Report_HistoryAdd")->Iterations(20)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(show_series)->Name("Report_HistoryShow")->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace trainbench::report::history
