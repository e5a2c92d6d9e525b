// A Google Benchmark program as far as its list of benchmarks; it leaves no result.
#include <cstdio>
#include <string_view>

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with("--benchmark_list_tests")) std::puts("BM_listed");
  }
}
