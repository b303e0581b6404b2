#include "tests/bench/measure.hpp"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "engine/core/json_line.hpp"

namespace doorstep::bench {
namespace {

std::string json_of(const Figure& figure) {
  JsonLine line;
  line.text("row", figure.row)
      .text("metric", figure.metric)
      .value("value", Value::real(figure.value.median))
      .value("min", Value::real(figure.value.minimum))
      .value("max", Value::real(figure.value.maximum))
      .text("unit", figure.unit)
      .value("floor", figure.floor > 0 ? Value::real(figure.floor) : Value::null())
      .value("ratio", figure.floor > 0 ? Value::real(figure.ratio()) : Value::null());
  if (figure.reach) {
    line.text("reach", figure.reach->text()).boolean("ok", *figure.ok());
  } else {
    line.null("reach").null("ok");
  }
  return line.text("floor_name", figure.floor_name).text("note", figure.note).done();
}

}  // namespace

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

std::string Reach::text() const {
  return fmt::format("{} {} {:g}", of == Of::ratio ? "ratio" : "value",
                     way == Way::at_most ? "<=" : ">=", bound);
}

std::optional<bool> Figure::ok() const {
  if (!reach) return std::nullopt;
  if (reach->of == Reach::Of::ratio && floor <= 0) return false;
  const double reached = reach->of == Reach::Of::ratio ? ratio() : value.median;
  return reach->way == Reach::Way::at_most ? reached <= reach->bound : reached >= reach->bound;
}

void print(const std::vector<Figure>& figures, bool json) {
  if (json) {
    for (const Figure& figure : figures) fmt::print("{}\n", json_of(figure));
    return;
  }
  fmt::print("{:<4}{:<58}{:>12}{:>12}{:>12}  {:<10}{:>12}  {:>6}  {:<15}{:<7}  {}\n", "row",
             "metric", "median", "min", "max", "unit", "floor", "ratio", "reach", "ok",
             "floor is; notes");
  for (const Figure& figure : figures) {
    const std::string ratio = figure.floor > 0 ? fmt::format("{:.2f}", figure.ratio()) : "-";
    const std::string floor = figure.floor > 0 ? fmt::format("{:.5g}", figure.floor) : "-";
    const auto ok = figure.ok();
    const std::string_view verdict = !ok ? "-" : *ok ? "yes" : "MISSED";
    const std::string_view between = figure.floor_name.empty() || figure.note.empty() ? "" : "; ";
    fmt::print("{:<4}{:<58}{:>12.5g}{:>12.5g}{:>12.5g}  {:<10}{:>12}  {:>6}  {:<15}{:<7}  {}{}{}\n",
               figure.row, figure.metric, figure.value.median, figure.value.minimum,
               figure.value.maximum, figure.unit, floor, ratio,
               figure.reach ? figure.reach->text() : "-", verdict, figure.floor_name, between,
               figure.note);
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
