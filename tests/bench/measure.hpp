// Timing and reporting of the bench. Absolute times on a shared machine mean little: every figure
// stands beside its floor, measured in the same run, and the ratio is what to read.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
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

/// The mark that a figure has to reach: a bound on its median or on its ratio to the floor.
struct Reach {
  enum class Of : std::uint8_t { ratio, value };
  enum class Way : std::uint8_t { at_most, at_least };
  Of of = Of::ratio;
  Way way = Way::at_most;
  double bound = 0;

  /// "ratio <= 1.5".
  [[nodiscard]] std::string text() const;
};
[[nodiscard]] constexpr Reach ratio_at_most(double bound) {
  return {Reach::Of::ratio, Reach::Way::at_most, bound};
}
[[nodiscard]] constexpr Reach ratio_at_least(double bound) {
  return {Reach::Of::ratio, Reach::Way::at_least, bound};
}
[[nodiscard]] constexpr Reach value_at_most(double bound) {
  return {Reach::Of::value, Reach::Way::at_most, bound};
}
[[nodiscard]] constexpr Reach value_at_least(double bound) {
  return {Reach::Of::value, Reach::Way::at_least, bound};
}

/// One line of the table. `row` is the letter of the kind of work (bench_rows()).
struct Figure {
  std::string row;
  std::string metric;
  Spread value;
  std::string unit;
  double floor = 0;  ///< 0: there is none
  std::string floor_name;
  std::optional<Reach> reach;
  std::string note;  ///< for people: what else to know, such as another engine's figure

  /// Median over floor, 0 without a floor.
  [[nodiscard]] double ratio() const { return floor > 0 ? value.median / floor : 0; }
  /// Whether the mark is met; nothing when there is none. A mark on the ratio without a floor is
  /// missed.
  [[nodiscard]] std::optional<bool> ok() const;
};

/// A table for people, or with `json` one object a line.
void print(const std::vector<Figure>& figures, bool json);
/// Processor, cores, memory and kernel, one line.
[[nodiscard]] std::string machine();

}  // namespace doorstep::bench
