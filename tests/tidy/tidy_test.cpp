// The house rules, checked on the whole tree. That each rule can fail is shown in
// tidy_rules_test.cpp.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/support/paths.hpp"
#include "tests/tidy/include_rules.hpp"
#include "tests/tidy/source_tree.hpp"
#include "tests/tidy/text_rules.hpp"

namespace doorstep::tidy {
namespace {

const std::vector<SourceFile>& tree() {
  static const std::vector<SourceFile> files = read_source_tree(test::source_dir());
  return files;
}

template <typename Rule>
std::string findings_of(Rule rule) {
  Findings all;
  for (const SourceFile& file : tree()) append(all, rule(file));
  return describe(all);
}

}  // namespace

TEST_CASE("house: the walk sees the tree it judges") {
  const auto sees = [](std::string_view path) {
    return std::any_of(tree().begin(), tree().end(),
                       [&](const SourceFile& file) { return file.path == path; });
  };
  CHECK(sees("CMakeLists.txt"));
  CHECK(sees("dev"));
  CHECK(sees("tests/tidy/tidy_test.cpp"));
}

TEST_CASE("house: folders include only what the table allows") {
  CHECK(findings_of(check_includes) == "");
}

TEST_CASE("house: Beast stays in six files") { CHECK(describe(check_beast_files(tree())) == ""); }

TEST_CASE("house: each header stands once and, where it has a source of its own, first in it") {
  CHECK(describe(check_own_headers(tree())) == "");
}

TEST_CASE("house: files and functions are short") { CHECK(findings_of(check_sizes) == ""); }

TEST_CASE("house: names say what is inside") { CHECK(findings_of(check_names) == ""); }

TEST_CASE("house: the pure engine has no clock, chance, thread, socket or output of its own") {
  CHECK(findings_of(check_banned_calls) == "");
}

TEST_CASE("house: nothing is left for later in the sources") {
  CHECK(findings_of(check_leftover_markers) == "");
}

TEST_CASE("house: coverage counts all of the engine but what cannot be counted") {
  CHECK(findings_of(check_coverage_markers) == "");
}

TEST_CASE("house: each Markdown page has one title") {
  CHECK(findings_of(check_markdown_title) == "");
}

TEST_CASE("house: the protocol page and the code agree on the version") {
  CHECK(describe(check_protocol_version(tree())) == "");
}

TEST_CASE("house: both READMEs name the two commands") {
  CHECK(describe(check_readme_commands(tree())) == "");
}

}  // namespace doorstep::tidy
