// The screen that the guide shows is the one that the app makes.
#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "tests/app/app_village.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::test {

TEST_CASE_FIXTURE(AppVillage,
                  "app-guide: today's list stands in docs/guide/volunteer-app.md as the app shows "
                  "it, but for the time of the last sync") {
  std::ifstream file(source_dir() / "docs/guide/volunteer-app.md");
  const std::string page((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::string mark = "```text\n";
  const auto begin = page.find(mark);
  REQUIRE(begin != std::string::npos);
  const auto from = begin + mark.size();
  std::istringstream shown(page.substr(from, page.find("\n```", from) - from));

  const auto app = enrol_app();
  see(*app, "今天该去谁家");
  app->answer("s");
  see(*app, "记录都已到乡镇");
  app->answer("w");
  see(*app, "记录在哪里");
  app->answer("x");
  see(*app, "还有39天   陈爷爷");
  std::istringstream screen(app->screen());
  std::string line;
  std::string expected;
  for (int number = 0; std::getline(shown, expected); ++number) {
    REQUIRE(std::getline(screen, line));
    if (number > 0) CHECK(line == expected);
  }
}

}  // namespace doorstep::test
