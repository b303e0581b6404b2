#include "tests/bench/measure.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "engine/core/json_line.hpp"

namespace doorstep::bench {

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  if (values.empty()) return {};
  return {values.front(), values[values.size() / 2], values.back()};
}

void print(const std::vector<Figure>& figures, bool json) {
  if (!json) {
    fmt::print("{:<4}{:<44}{:>12}{:>12}{:>12}  {:<10}{:>12}  {:>6}  {}\n", "row", "metric",
               "median", "min", "max", "unit", "floor", "ratio", "floor is");
  }
  for (const Figure& figure : figures) {
    if (json) {
      fmt::print("{}\n", JsonLine()
                             .text("row", figure.row)
                             .text("metric", figure.metric)
                             .value("value", Value::real(figure.value.median))
                             .value("min", Value::real(figure.value.minimum))
                             .value("max", Value::real(figure.value.maximum))
                             .text("unit", figure.unit)
                             .value("floor", Value::real(figure.floor))
                             .value("ratio", Value::real(figure.ratio()))
                             .text("floor_name", figure.floor_name)
                             .done());
      continue;
    }
    const std::string ratio = figure.floor > 0 ? fmt::format("{:.2f}", figure.ratio()) : "-";
    const std::string floor = figure.floor > 0 ? fmt::format("{:.5g}", figure.floor) : "-";
    fmt::print("{:<4}{:<44}{:>12.5g}{:>12.5g}{:>12.5g}  {:<10}{:>12}  {:>6}  {}\n", figure.row,
               figure.metric, figure.value.median, figure.value.minimum, figure.value.maximum,
               figure.unit, floor, ratio, figure.floor_name);
  }
}

std::string machine() {
  std::ifstream cpus("/proc/cpuinfo");
  std::string model = "unknown processor";
  for (std::string line; std::getline(cpus, line);) {
    if (line.starts_with("model name")) {
      model = line.substr(line.find(':') + 2);
      break;
    }
  }
  utsname kernel{};
  uname(&kernel);
  const auto gigabytes = static_cast<double>(sysconf(_SC_PHYS_PAGES)) *
                         static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e9;
  return fmt::format("{}, {} cores, {:.0f} GB, {} {}", model, sysconf(_SC_NPROCESSORS_ONLN),
                     gigabytes, kernel.sysname, kernel.release);
}

}  // namespace doorstep::bench
