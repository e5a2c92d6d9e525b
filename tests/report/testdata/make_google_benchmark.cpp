// Writes google_benchmark_1_7_1.json: what the library in Debian 12 does with every kind of row.
//
//     g++ -std=c++20 -O2 make_google_benchmark.cpp -lbenchmark -lpthread -o make
//     ./make --benchmark_out=google_benchmark_1_7_1.json --benchmark_repetitions=3
//       --benchmark_enable_random_interleaving=true --benchmark_min_time=0.001
#include <benchmark/benchmark.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

namespace {

void sort_numbers(benchmark::State& state) {
  std::vector<int> numbers(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) {
    std::iota(numbers.rbegin(), numbers.rend(), 0);
    std::sort(numbers.begin(), numbers.end());
    benchmark::DoNotOptimize(numbers.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetComplexityN(state.range(0));
}
BENCHMARK(sort_numbers)->Arg(64)->Arg(512)->Arg(4096)->Complexity()->Unit(benchmark::kMicrosecond);

void odd_counters(benchmark::State& state) {
  for (auto _ : state) benchmark::ClobberMemory();
  state.counters["real_time"] = 42;  // a second key of the same name in the JSON
  state.counters["nothing"] = 0;     // its automatic "cv" is NaN
  state.counters["not_a_number"] = std::numeric_limits<double>::quiet_NaN();
  state.counters["endless"] = -std::numeric_limits<double>::infinity();
}
BENCHMARK(odd_counters)->ArgName("size")->Arg(16)->Iterations(10)->UseRealTime();

void fails(benchmark::State& state) {
  state.SkipWithError("CUDA out of memory | tried to allocate `2 GiB`");
  for (auto _ : state) continue;
}
BENCHMARK(fails)->Iterations(1);

void is_skipped(benchmark::State& state) {
  state.SkipWithError("SKIPPED: this machine has no GPU");
  for (auto _ : state) continue;
}
BENCHMARK(is_skipped)->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
