// A small village for the volunteer's app: a real hub, the office that entered the register, Li
// with the command on her phone, and Wang with the app in a terminal.
#pragma once

#include <memory>

#include "tests/app/terminal.hpp"
#include "tests/support/cast.hpp"

namespace doorstep::test {

struct AppVillage {
  static constexpr const char* today = "2026-11-22";

  AppVillage() : AppVillage("") {}
  /// With more in the village's schema: a rule, say.
  explicit AppVillage(const std::string& more_schema);

  /// The app on Wang's phone, as if it were the 22nd of November.
  [[nodiscard]] std::unique_ptr<Terminal> open_app(const std::string& language = "zh");
  /// The same with a code, for a phone that is not enrolled.
  [[nodiscard]] std::unique_ptr<Terminal> enrol_app(const std::string& language = "zh");
  /// Fails the test with what was on the screen instead.
  static void see(const Terminal& app, const std::string& text);

  /// By the office or Li, synced.
  void write(const Phone& phone, const std::string& sql) const;
  [[nodiscard]] std::string at_hub(const std::string& select) const {
    return plain_read(hub.database(), select);
  }

  ScratchFolder folder{"app"};
  TownshipHub hub;
  Phone office{folder.file("office.db"), "办公室"};
  Phone li{folder.file("li.db"), "李强"};
  std::string wang_file = folder.file("wang.db");

 private:
  std::unique_ptr<Terminal> open(const std::string& language, const std::vector<std::string>& more);
  int terminals_ = 0;
};

}  // namespace doorstep::test
