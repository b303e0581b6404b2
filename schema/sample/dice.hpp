// Draws for the sample from one seeded source. Each draw is a statement of its own wherever it is
// used: C++ leaves the order of arguments open, and the same seed must give the same bytes with
// every compiler.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/time.hpp"
#include "engine/core/uuid.hpp"
#include "engine/core/value.hpp"
#include "engine/ports/random.hpp"
#include "schema/figures/period.hpp"

namespace doorstep::sample {

using figures::Day;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  /// Uniform in [low, high].
  [[nodiscard]] int between(int low, int high) {
    return low + static_cast<int>(random_.below(static_cast<std::uint64_t>(high - low) + 1));
  }
  [[nodiscard]] bool percent(int chance) { return between(1, 100) <= chance; }
  [[nodiscard]] std::string_view pick(std::span<const std::string_view> words) {
    return words[random_.below(words.size())];
  }
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random_.below(i)]);
  }
  /// A new id for a row made at `time`, rising within one `source`.
  [[nodiscard]] Value id(UuidSource& source, Instant time) {
    std::array<std::uint8_t, 10> bytes{};
    random_.fill(bytes);
    return Value::blob(source.next(time, bytes));
  }

 private:
  SeededRandom random_;
};

/// A time of `day`, that many minutes after its midnight UTC.
[[nodiscard]] inline Instant moment(Day day, int minutes) {
  return {std::chrono::milliseconds(day.time_since_epoch()).count() +
          std::int64_t{minutes} * 60'000};
}

}  // namespace doorstep::sample
