// What libFuzzer calls. DOORSTEP_FUZZ_TARGET says which function; DOORSTEP_FUZZ_SEEDS=DIR writes
// the inputs to begin with there first.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "engine/core/hash.hpp"
#include "tests/fuzz/fuzz_targets.hpp"

namespace {

const doorstep::test::FuzzTarget* target = nullptr;

void write_seeds(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  int number = 0;
  for (const doorstep::Bytes& seed : doorstep::test::fuzz_seeds(target->name)) {
    std::ofstream file(folder / ("seed-" + std::to_string(++number)), std::ios::binary);
    for (const std::uint8_t byte : seed) file.put(static_cast<char>(byte));
  }
}

}  // namespace

// The names are libFuzzer's. NOLINTBEGIN(readability-identifier-naming)
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  doorstep::initialise_crypto();
  const char* name = std::getenv("DOORSTEP_FUZZ_TARGET");
  target = doorstep::test::find_fuzz_target(name == nullptr ? "" : name);
  if (target == nullptr) {
    std::fputs("DOORSTEP_FUZZ_TARGET names one of:\n", stderr);
    for (const auto& one : doorstep::test::fuzz_targets()) {
      std::fprintf(stderr, "  %s\n", std::string(one.name).c_str());
    }
    std::exit(2);
  }
  if (const char* folder = std::getenv("DOORSTEP_FUZZ_SEEDS"); folder != nullptr) {
    write_seeds(folder);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  target->run({data, size});
  return 0;
}
// NOLINTEND(readability-identifier-naming)
