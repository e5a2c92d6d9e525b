// A stand-in for a Google Benchmark program: two benchmarks whose times are given, with 1 % noise, memory and
// accuracy, the same of the same side and pair.
//
// Usage: fake_benchmark --benchmark_list_tests=true | --benchmark_out=FILE [--benchmark_filter=PART]
// [--time=MS]
//                       [--fault=FAULT] [--inject=FAULT:SIZE]
//
// FAULT: crash (ends by a signal after the first benchmark), hang, rubbish (a result that is no JSON), none
// (leaves no result), empty (a result without a row), missing (lacks the second benchmark).
#include <fmt/format.h>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace {

using Flags = std::map<std::string, std::string>;

Flags flags_from(int argc, char** argv) {
  static const std::set<std::string> kKnown = {"benchmark_list_tests",
                                               "benchmark_out",
                                               "benchmark_out_format",
                                               "benchmark_filter",
                                               "time",
                                               "fault",
                                               "inject"};
  Flags flags;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(2, equals == std::string::npos ? equals : equals - 2);
    if (!kKnown.contains(name)) {
      fmt::print(stderr, "fake_benchmark: error: unrecognized command-line flag: --{}\n", name);
      std::exit(1);
    }
    flags[name] = equals == std::string::npos ? "true" : argument.substr(equals + 1);
  }
  return flags;
}

std::vector<std::string> names_for(const Flags& flags) {
  const auto part = flags.find("benchmark_filter");
  std::vector<std::string> names;
  for (const std::string name : {"BM_first/8", "BM_second"}) {
    if (part == flags.end() || name.find(part->second) != std::string::npos) names.push_back(name);
  }
  if (const auto fault = flags.find("fault"); fault != flags.end() && fault->second == "missing")
    names.resize(1);
  return names;
}

/// FNV-1a of the last two parts of the path: the side and the pair.
unsigned long seed_of(const std::string& out) {
  const std::size_t slash = out.rfind('/');
  const std::size_t before = slash == std::string::npos ? slash : out.rfind('/', slash - 1);
  unsigned long seed = 14695981039346656037U;
  for (const char letter : before == std::string::npos ? out : out.substr(before + 1))
    seed = (seed ^ static_cast<unsigned char>(letter)) * 1099511628211U;
  return seed;
}

struct Injected {
  std::string fault;
  double size = 0;
};

Injected injected_by(const Flags& flags) {
  const auto flag = flags.find("inject");
  if (flag == flags.end()) return {};
  const std::size_t colon = flag->second.find(':');
  return {.fault = flag->second.substr(0, colon), .size = std::stod(flag->second.substr(colon + 1))};
}

std::string rows_of(const std::vector<std::string>& names, const Flags& flags) {
  std::mt19937_64 generator(seed_of(flags.at("benchmark_out")));
  std::lognormal_distribution<double> noise(0, 0.01);
  std::uniform_real_distribution<double> uniform(0, 1);
  const Injected injected = injected_by(flags);
  const auto added = [&](const char* fault, double by) {
    return injected.fault == fault ? by * injected.size : 0;
  };
  const double time = flags.contains("time") ? std::stod(flags.at("time")) : 1;
  std::string rows;
  for (const std::string& name : names) {
    const double real_time = time * noise(generator) * (1 + added("slow", 0.01));
    const double peak_rss_mib = 100 + uniform(generator) + added("leak", 10);
    rows += fmt::format(
        "{}\n{{\"name\": \"{}\", \"run_name\": \"{}\", \"run_type\": \"iteration\", \"iterations\": 1, "
        "\"time_unit\": \"ms\", \"real_time\": {}, \"peak_rss_mib\": {}, \"test_accuracy\": {}}}",
        rows.empty() ? "" : ",", name, name, real_time, peak_rss_mib,
        60 + uniform(generator) - added("accuracy", 0.5));
  }
  return rows;
}

}  // namespace

int main(int argc, char** argv) {
  const Flags flags = flags_from(argc, argv);
  const std::vector<std::string> names = names_for(flags);
  if (flags.contains("benchmark_list_tests")) {
    for (const std::string& name : names) fmt::print("{}\n", name);
    return 0;
  }
  const std::string fault = flags.contains("fault") ? flags.at("fault") : "";
  if (fault == "hang") ::sleep(600);
  if (fault == "none") return 0;
  const std::string text = fmt::format("{{\"context\": {{\"num_cpus\": 2}}, \"benchmarks\": [{}]}}\n",
                                       fault == "empty" ? "" : rows_of(names, flags));
  std::ofstream file(flags.at("benchmark_out"));
  file << (fault == "rubbish"
               ? "rubbish"
               : text.substr(0, fault == "crash" ? text.find("{\"name\": \"BM_second\"") : text.size()));
  file.close();
  if (fault == "crash") {
    std::signal(SIGSEGV, SIG_DFL);
    std::raise(SIGSEGV);
  }
  return file ? 0 : 74;
}
