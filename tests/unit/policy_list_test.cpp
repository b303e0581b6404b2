// The list of policies in engine/core/policy.cpp is the only place of the engine that knows them by
// name: a new one is a row there, lines in docs/merge-rules.md, and tests.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "engine/core/policy.hpp"
#include "tests/support/paths.hpp"

using namespace doorstep;
using namespace doorstep::test;

TEST_CASE("no file of the engine, the SDK or the server names a policy, but for the list itself") {
  // Where a value must be chosen before anything is declared.
  const std::set<std::string> defaults = {"engine/core/schema.hpp", "engine/core/conflict.hpp",
                                          "engine/wire/message.hpp"};
  std::size_t looked_at = 0;
  for (const char* folder : {"engine", "client-sdk", "server", "schema"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source_dir() / folder)) {
      const auto kind = entry.path().extension();
      if (kind != ".cpp" && kind != ".hpp") continue;
      const std::string name = std::filesystem::relative(entry.path(), source_dir()).string();
      if (defaults.contains(name)) continue;
      std::ifstream in(entry.path());
      const std::string source{std::istreambuf_iterator<char>(in), {}};
      CHECK_MESSAGE(source.find("MergePolicy::") == std::string::npos, name);
      ++looked_at;
    }
  }
  CHECK(looked_at > 100);
}

TEST_CASE("policies are found by the names that schemas spell, in the order of the list") {
  for (std::size_t i = 0; i < all_policies().size(); ++i) {
    const PolicyRules& rules = all_policies()[i];
    const auto policy = merge_policy_of(rules.name);
    REQUIRE(policy.has_value());
    CHECK(static_cast<std::size_t>(*policy) == i);
    CHECK(name_of(*policy) == rules.name);
  }
  CHECK(name_of(MergePolicy::hub) == "hub");
  CHECK(name_of(MergePolicy::ranked) == "ranked");
  CHECK_FALSE(merge_policy_of("newest").has_value());
}
