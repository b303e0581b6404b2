// docs/errors.md is made from schema/errors.def. DOORSTEP_WRITE_DOCS=1 writes it again.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/support/paths.hpp"

namespace doorstep::test {
namespace {

std::string title_of(int group) {
  switch (group) {
    case 1:
      return "The local replica";
    case 2:
      return "SQL and capture";
    case 3:
      return "Schema";
    case 4:
      return "Protocol";
    case 5:
      return "Trust";
    case 6:
      return "Sync outcomes";
    case 7:
      return "Server and commands";
    default:
      return "";
  }
}

std::string heading(int group) {
  return "\n## " + std::to_string(group) + "xx: " + title_of(group) +
         "\n\n| number | code | again? | what is wrong | what to do |\n|---|---|---|---|---|\n";
}

std::string expected_page() {
  std::string page =
      "# Errors\n\n"
      "Every error that doorstep reports, in the SDK, on the wire (by number) and in `--json` "
      "output (by "
      "code), is one of these. The list is `schema/errors.def`; this page is made from it. Numbers "
      "are never "
      "reused. \"Again\" says whether the same call can succeed later without any change.\n";
  int group = 0;
#define DS_ERROR(name, number, retry, message, action)                             \
  if ((number) / 100 != group) {                                                   \
    group = (number) / 100;                                                        \
    page += heading(group);                                                        \
  }                                                                                \
  page += "| " #number " | `" #name "` | " + std::string((retry) ? "yes" : "no") + \
          " | " message " | " action " |\n";
#include "schema/errors.def"
#undef DS_ERROR
  return page;
}

TEST_CASE("errors: docs/errors.md says what schema/errors.def says") {
  const auto file = source_dir() / "docs" / "errors.md";
  if (std::getenv("DOORSTEP_WRITE_DOCS") != nullptr) std::ofstream(file) << expected_page();
  std::ifstream in(file);
  const std::string page((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  CHECK(page == expected_page());
}

TEST_CASE("errors: every group of numbers has a title on the page") {
#define DS_ERROR(name, number, retry, message, action) CHECK(title_of((number) / 100) != "");
#include "schema/errors.def"
#undef DS_ERROR
}

}  // namespace
}  // namespace doorstep::test
