// docs/protocol.md and schema/protocol.cddl name every message with its number.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "engine/wire/version.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/wire_samples.hpp"

namespace doorstep::test {
namespace {

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST_CASE("protocol page: every message stands in the table and in the grammar with its number") {
  const std::string page = read_text(source_dir() / "docs" / "protocol.md");
  const std::string grammar = read_text(source_dir() / "schema" / "protocol.cddl");
  for (const NamedMessage& sample : sample_messages()) {
    CAPTURE(sample.name);
    const std::string number = std::to_string(sample.message.index() + 1);
    std::string row = "\n| ";
    row += sample.name + " | " + number + " | ";
    CHECK(page.find(row) != std::string::npos);
    std::string rule = "\n";
    rule += sample.name + " = [" + number + ", ";
    CHECK(grammar.find(rule) != std::string::npos);
  }
}

TEST_CASE("protocol page: it is about the version that the code speaks") {
  const std::string version = "rotocol version " + std::to_string(protocol_version_max);
  CHECK(read_text(source_dir() / "docs" / "protocol.md").find(version) != std::string::npos);
  CHECK(read_text(source_dir() / "schema" / "protocol.cddl").find(version) != std::string::npos);
}

TEST_CASE("protocol page: the worked example is what the writer makes") {
  // docs/protocol.md, "Columns"; the bytes themselves are checked in the tests of columns.
  CHECK(read_text(source_dir() / "docs" / "protocol.md").find("`84 01 1a000186a0 01 21`") !=
        std::string::npos);
}

}  // namespace
}  // namespace doorstep::test
