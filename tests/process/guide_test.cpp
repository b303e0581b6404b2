// The chapter "When edits meet" as its readers use it: the shell blocks are run in order against a
// real hub, the C++ is compiled (guide_example.cpp) and run on the replica that they leave behind.
#include <doctest/doctest.h>

#include "tests/process/guide_example.hpp"
#include "tests/process/guide_page.hpp"
#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"

namespace doorstep::test {
namespace {

/// What the page promises to be printed: lines that begin with "#> ".
std::vector<std::string> promises_of(const std::string& script) {
  std::vector<std::string> promises;
  std::string::size_type at = 0;
  while (at < script.size()) {
    const auto end = std::min(script.find('\n', at), script.size());
    const std::string line = script.substr(at, end - at);
    if (line.starts_with("#> ")) promises.push_back(line.substr(3));
    at = end + 1;
  }
  return promises;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

TEST_CASE("guide: every command of 'When edits meet' runs and prints what the page says") {
  const std::string page = text_of_file(source_dir() / "docs" / "guide" / "when-edits-meet.md");
  const ScratchFolder folder("guide");
  std::string script = "set -eu\ncd '" + folder.path() + "'\nexport LC_ALL=C.UTF-8\n";
  const auto shell = blocks_of(page, "sh");
  REQUIRE(shell.size() == 10);
  for (const std::string& block : shell) script += block;
  // The page names one port; a test takes the one that the system finds free.
  script = replaced(script, "--listen 127.0.0.1:7300", "--listen 127.0.0.1:0");
  script = replaced(script, "read -r ready <&\"${hub[0]}\"",
                    "read -r ready <&\"${hub[0]}\"\nurl=$(grep -o 'ws://[^\"]*' <<< \"$ready\")");
  script = replaced(script, "--server ws://127.0.0.1:7300", "--server \"$url\"");
  const Finished done =
      run({"bash", "-c", script}, {{"PATH", bin_dir().string() + ":" + std::getenv("PATH")}});
  CAPTURE(done.out);
  REQUIRE_MESSAGE(done.status == 0, done.err);
  std::string::size_type printed = 0;
  for (const std::string& promise : promises_of(script)) {
    CAPTURE(promise);
    const auto found = done.out.find(promise, printed);
    REQUIRE(found != std::string::npos);
    printed = found + promise.size();
  }

  const auto replica = Replica::open(folder.file("wang.db")).value();
  const std::string listed = guide::describe_conflicts(*replica).value();
  CHECK(listed.find("13811111111") != std::string::npos);
  ConflictFilter numbers;
  numbers.column = "phone";
  const ConflictInfo number = replica->conflicts(numbers).value().at(0);
  REQUIRE(guide::type_a_third_value(*replica, number, "13877777777").ok());
  CHECK(guide::explain_phone(*replica, number.row).value().find("shown: \"13877777777\"") == 0);
  REQUIRE(guide::keep_the_other_one(*replica, replica->conflicts(numbers).value().at(0)).ok());
  CHECK(replica->conflicts(numbers).value().at(0).state == "open");
  CHECK(guide::keep_everything_that_stands(*replica).value() == 2);
  CHECK(replica->status().value().conflicts_open == 0);
}

TEST_CASE("guide: the C++ of 'When edits meet' is the C++ that is compiled here") {
  const std::string page = text_of_file(source_dir() / "docs" / "guide" / "when-edits-meet.md");
  const std::string example =
      text_of_file(source_dir() / "tests" / "process" / "guide_example.cpp");
  const auto blocks = blocks_of(page, "cpp");
  REQUIRE(blocks.size() == 4);
  for (const std::string& block : blocks) {
    CAPTURE(block);
    CHECK(example.find(block) != std::string::npos);
  }
}

}  // namespace doorstep::test
