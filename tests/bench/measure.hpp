// Timing and reporting of the bench. Absolute times on a shared machine mean little: every figure
// stands beside its floor, measured in the same run, and the ratio is what to read.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace doorstep::bench {

/// Seconds that `work` took on the steady clock.
[[nodiscard]] double seconds_of(const std::function<void()>& work);

struct Spread {
  double minimum = 0;
  double median = 0;
  double maximum = 0;
};
[[nodiscard]] Spread spread_of(std::vector<double> values);

/// One line of the table. `row` is the letter of the kind of work (A insert, B push, C pull, F
/// files).
struct Figure {
  std::string row;
  std::string metric;
  Spread value;
  std::string unit;
  double floor = 0;  ///< 0: there is none
  std::string floor_name;

  [[nodiscard]] double ratio() const { return floor > 0 ? value.median / floor : 0; }
};

/// A table for people, or with `json` one object a line.
void print(const std::vector<Figure>& figures, bool json);
/// Processor, cores, memory and kernel, one line.
[[nodiscard]] std::string machine();

}  // namespace doorstep::bench
