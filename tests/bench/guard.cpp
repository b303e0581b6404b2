#include "tests/bench/guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

#include "tests/support/json.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"

namespace doorstep::bench {
namespace {

constexpr std::array works{"phone inserts", "hub merge", "first load"};

using Figures = std::map<std::string, double>;

std::string guard_file() { return (test::source_dir() / "tests/bench/guard.json").string(); }

/// Instructions that one work took; nothing, with a message, when they could not be counted.
std::optional<double> count_instructions(const std::string& self, const std::string& work) {
  const test::ScratchFolder folder("bench-callgrind");
  const auto counted =
      test::run({"valgrind", "--tool=callgrind", "--callgrind-out-file=" + folder.file("out"),
                 "--toggle-collect=doorstep::bench::guarded(*", self, "--guarded-work", work});
  // "==12== Collected : 123456789", and nothing but that when nothing was collected.
  const std::string mark = "Collected : ";
  const std::size_t at = counted.err.find(mark);
  const double count =
      at == std::string::npos ? 0 : std::strtod(counted.err.c_str() + at + mark.size(), nullptr);
  if (counted.status == 0 && count > 0) return count;
  fmt::print(stderr, "bench --guard: {} could not be counted ({})\n{}", work,
             counted.status == 127 ? "valgrind is not installed" : "see below", counted.err);
  return std::nullopt;
}

std::string as_json(const Figures& figures) {
  std::string text = "{";
  for (const auto& [name, value] : figures) {
    text += fmt::format("{}\n    \"{}\": {:.6g}", text.size() == 1 ? "" : ",", name, value);
  }
  return text + "\n  }";
}

int record_guard(const Figures& instructions, const Figures& sizes) {
  std::ofstream(guard_file()) << fmt::format("{{\n  \"instructions\": {},\n  \"sizes\": {}\n}}\n",
                                             as_json(instructions), as_json(sizes));
  fmt::print("Recorded in {}\n", guard_file());
  return 0;
}

/// Prints a line for each; how many have grown too much, or are not on record.
int compare(const Figures& now, const test::Json& recorded) {
  int grown = 0;
  for (const auto& [name, value] : now) {
    const double before = std::strtod(recorded.text(name).c_str(), nullptr);
    const double change = before > 0 ? value / before - 1 : 1;
    const bool bad = change > guard_tolerance;
    grown += bad ? 1 : 0;
    fmt::print("{:<44}{:>14.6g}{:>14.6g}{:>+9.1f} %  {}\n", name, before, value, change * 100,
               bad                         ? "GROWN"
               : change < -guard_tolerance ? "smaller: record it"
                                           : "ok");
  }
  return grown;
}

}  // namespace

int run_guard(const std::string& self, bool record) {
  Figures instructions;
  for (const std::string work : works) {
    const auto count = count_instructions(self, work);
    if (!count) return 1;
    instructions[work] = *count;
  }
  const Figures sizes = guarded_sizes();
  if (record) return record_guard(instructions, sizes);
  std::ifstream file(guard_file());
  const test::Json recorded(std::string{std::istreambuf_iterator<char>(file), {}});
  fmt::print("{:<44}{:>14}{:>14}{:>11}\n", "instructions", "recorded", "now", "change");
  int grown = compare(instructions, test::Json(recorded.text("instructions")));
  fmt::print("{:<44}{:>14}{:>14}{:>11}\n", "sizes", "recorded", "now", "change");
  grown += compare(sizes, test::Json(recorded.text("sizes")));
  if (grown == 0) return 0;
  fmt::print(
      "{} figures have grown by more than {:.0f} %. Where the instructions are: valgrind "
      "--tool=callgrind '--toggle-collect=doorstep::bench::guarded(*' {} --guarded-work "
      "'{}', then callgrind_annotate. If the growth is wanted, say why in the commit and "
      "record it: ./dev bench --guard --record\n",
      grown, guard_tolerance * 100, self, works[0]);
  return 1;
}

}  // namespace doorstep::bench
