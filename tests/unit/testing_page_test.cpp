// docs/testing.md names tests, in double quotes, as proof of the rules: each must exist.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include "tests/support/paths.hpp"

namespace doorstep::test {
namespace {

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

constexpr std::string_view blank = " \t\n";

/// The string literals from the next quote on that stand side by side, joined.
std::string joined_literals(std::string_view text) {
  std::string joined;
  std::size_t at = text.find('"');
  while (at < text.size() && text[at] == '"') {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\') ++at;
      joined += text[at];
    }
    at = text.find_first_not_of(blank, at + 1);
  }
  return joined;
}

std::set<std::string> names_of_tests() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(source_dir() / "tests")) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string source = read_text(entry.path());
    const std::string_view text = source;
    for (std::size_t at = text.find("\nTEST_CASE"); at != std::string_view::npos;
         at = text.find("\nTEST_CASE", at + 1)) {
      names.insert(joined_literals(text.substr(at)));
    }
  }
  return names;
}

}  // namespace

TEST_CASE("testing page: every test that it names is there") {
  const std::set<std::string> names = names_of_tests();
  REQUIRE(names.contains("testing page: every test that it names is there"));
  const std::string page = read_text(source_dir() / "docs" / "testing.md");
  std::size_t named = 0;
  for (std::size_t open = page.find('"'); open != std::string::npos;) {
    const std::size_t close = page.find('"', open + 1);
    REQUIRE(close != std::string::npos);
    const std::string name = page.substr(open + 1, close - open - 1);
    CHECK_MESSAGE(names.contains(name), name);
    ++named;
    open = page.find('"', close + 1);
  }
  CHECK(named > 50);
}

TEST_CASE("testing page: every rule has its line") {
  const std::string page = read_text(source_dir() / "docs" / "testing.md");
  for (const char* rule :
       {"A1", "A2", "A3", "A4", "A5", "A6", "B1", "B2", "B3", "B4", "B5", "B6", "C1", "C2",
        "C3", "C4", "C5", "D1", "D2", "D3", "D4", "D5", "D6", "D7", "E1", "E2", "E3"}) {
    CHECK_MESSAGE(page.find(std::string("\n| ") + rule + " | ") != std::string::npos, rule);
  }
}

}  // namespace doorstep::test
