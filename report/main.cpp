#include "report/command_line.hpp"

int main(int argc, char** argv) {
  return trainbench::report::run_bench_report(argc, argv);
}
