// A short pass of every fuzz target without a fuzzer: golden vectors, past findings
// (tests/fuzz/found/TARGET/*), and a few thousand damaged copies of them. `./dev fuzz` looks for
// new ones.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/core/hash.hpp"
#include "engine/ports/random.hpp"
#include "tests/fuzz/fuzz_targets.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::test {
namespace {

constexpr int damaged_copies = 10'000;

std::vector<Bytes> past_findings(std::string_view target) {
  const std::filesystem::path folder = source_dir() / "tests" / "fuzz" / "found" / target;
  std::vector<Bytes> found;
  if (!std::filesystem::exists(folder)) return found;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    found.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return found;
}

// Bits turned, bytes put in or taken out, a stretch of another input pasted over it, the end lost.
Bytes damaged(Random& random, Bytes input, const Bytes& other) {
  for (std::size_t left = 1 + random.below(8); left > 0 && !input.empty(); --left) {
    const std::size_t at = random.below(input.size());
    const auto place = input.begin() + static_cast<std::ptrdiff_t>(at);
    switch (random.below(5)) {
      case 0:
        input[at] = static_cast<std::uint8_t>(input[at] ^ 1U << random.below(8));
        break;
      case 1:
        input.insert(place, static_cast<std::uint8_t>(random.next()));
        break;
      case 2:
        input.erase(place);
        break;
      case 3:
        for (std::size_t i = 0; i < 16 && at + i < input.size() && i < other.size(); ++i) {
          input[at + i] = other[random.below(other.size() - i) + i];
        }
        break;
      default:
        input.resize(at);
    }
  }
  return input;
}

}  // namespace

TEST_CASE("every decoder keeps its promises on golden vectors, past findings and damaged copies") {
  initialise_crypto();
  SeededRandom random(20'261'122);
  for (const FuzzTarget& target : fuzz_targets()) {
    const std::string name(target.name);
    CAPTURE(name);
    std::vector<Bytes> inputs = fuzz_seeds(target.name);
    REQUIRE_FALSE(inputs.empty());
    for (Bytes& found : past_findings(target.name)) inputs.push_back(std::move(found));
    for (const Bytes& input : inputs) target.run(input);
    for (int i = 0; i < damaged_copies; ++i) {
      const Bytes& from = inputs[random.below(inputs.size())];
      target.run(damaged(random, from, inputs[random.below(inputs.size())]));
    }
  }
}

TEST_CASE("every folder of past findings belongs to a target") {
  const std::filesystem::path folder = source_dir() / "tests" / "fuzz" / "found";
  if (!std::filesystem::exists(folder)) return;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.is_directory()) continue;
    CAPTURE(entry.path().string());
    CHECK(find_fuzz_target(entry.path().filename().string()) != nullptr);
  }
}

}  // namespace doorstep::test
