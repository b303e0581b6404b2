#include "tests/sim/options.hpp"

#include <charconv>

namespace doorstep::sim {
namespace {

bool read(const std::string& text, std::uint64_t& out) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  return failure == std::errc{} && end == text.data() + text.size();
}

bool take_flag(const std::string& name, SimOptions& options) {
  if (name == "--twice") {
    options.twice = true;
  } else if (name == "--print-script") {
    options.print_script = true;
  } else if (name == "--shrink") {
    options.shrink = true;
  } else if (name == "--json") {
    options.json = true;
  } else if (name == "--trace") {
    options.trace = true;
  } else if (name == "--help" || name == "-h") {
    options.help = true;
  } else {
    return false;
  }
  return true;
}

bool take_value(const std::string& name, const std::string& value, SimOptions& options) {
  if (name == "--seeds") return read(value, options.seeds);
  if (name == "--from") return read(value, options.from);
  if (name == "--replay") {
    options.replay = value;
    return true;
  }
  if (name == "--defect") {
    options.defect = value;
    return true;
  }
  if (name != "--seed") return false;
  options.seeds = 1;
  return read(value, options.from);
}

}  // namespace

Result<SimOptions> parse_options(const std::vector<std::string>& arguments) {
  SimOptions options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (take_flag(arguments[i], options)) continue;
    if (i + 1 >= arguments.size() || !take_value(arguments[i], arguments[i + 1], options))
      return error(ErrorCode::malformed, "cannot read " + arguments[i]);
    ++i;
  }
  return options;
}

const char* usage() {
  return R"(Usage: doorstep-sim [OPTION...]

Runs a hub and phones of a village on simulated time, links, disks and clocks.

  --seeds N         seeds FROM to FROM+N-1 (100)
  --from S          the first seed (1)
  --seed S          this one only
  --replay FILE     a script instead of seeds; "-" reads standard input
  --twice           run each twice and compare everything that happened
  --shrink          make a failing script as short as it goes, and print it
  --print-script    print the script of each seed and run nothing
  --trace           print everything that happens
  --defect NAME     switch a known defect on in the engine; "list" names them
  --json            one line of JSON for each run, and a summary

Exit status: 0 nothing found, 2 wrong usage, 3 crash, 4 replicas do not become equal, 5 something is
wrong (lost, doubled, or not what it should be), 6 two runs of one script differ.
)";
}

}  // namespace doorstep::sim
