#include "tests/app/app_village.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/paths.hpp"

namespace doorstep::test {
namespace {

constexpr const char* units =
    "insert into org_unit (code, name, level, parent_code) values"
    " ('431224103', '桥江镇', 'township', null), ('431224103212', '独石村', 'village', "
    "'431224103')";

// Grandmother Zhang has her birthday on the 23rd and is 79; Liu's house burnt; Chen's are well.
constexpr const char* people =
    "insert into household (id, village_code, villager_group, courtyard, head_name, phone) values"
    " (x'0199a3c07f5e7c3ab1d2000000000001', '431224103212', 1, '上湾院子', '张建国', "
    "'13800000001'),"
    " (x'0199a3c07f5e7c3ab1d2000000000002', '431224103212', 2, '老屋院子', '刘桂香', "
    "'13800000002'),"
    " (x'0199a3c07f5e7c3ab1d2000000000003', '431224103212', 3, '桥头院子', '陈水生', "
    "'13800000003'),"
    " (x'0199a3c07f5e7c3ab1d2000000000004', '431224103212', 3, '桥头院子', '陈木生', "
    "'13800000004');"
    "insert into resident (id, household_id, name, born, relation) values"
    " (x'0199a3c07f5e7c3ab1d2000000000011', x'0199a3c07f5e7c3ab1d2000000000001', '张奶奶',"
    "  '1947-11-23', '母亲'),"
    " (x'0199a3c07f5e7c3ab1d2000000000012', x'0199a3c07f5e7c3ab1d2000000000003', '陈爷爷',"
    "  '1950-03-01', '父亲');"
    "insert into member (id, unit_code, name, post) values"
    " (x'0199a3c07f5e7c3ab1d2000000000021', '431224103212', '王芳', '志愿者'),"
    " (x'0199a3c07f5e7c3ab1d2000000000022', '431224103212', '李强', '志愿者');"
    "insert into emergency (id, household_id, kind, happened_on, notes, state) values"
    " (x'0199a3c07f5e7c3ab1d2000000000031', x'0199a3c07f5e7c3ab1d2000000000002', 'emergency',"
    "  '2026-11-21', '灶房失火', 'reported');"
    "insert into service_order (id, household_id, service, ordered_on, wanted_on, state) values"
    " (x'0199a3c07f5e7c3ab1d2000000000041', x'0199a3c07f5e7c3ab1d2000000000003', '理发',"
    "  '2026-11-20', '2026-11-24', 'ordered')";

// Nothing more: the hub's own schema.
std::string schema_with(const std::string& file, const std::string& more) {
  if (more.empty()) return {};
  std::ofstream(file) << std::ifstream(source_dir() / "schema/village.toml").rdbuf() << more;
  return file;
}

}  // namespace

AppVillage::AppVillage(const std::string& more_schema)
    : hub(folder.file("hub"), schema_with(folder.file("village.toml"), more_schema)) {
  REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
  hub.serve();
  REQUIRE(office.enrol(hub, hub.enrol("办公室", "431224103", "township_secretary")).status == 0);
  write(office, units);
  write(office, people);
  REQUIRE(li.enrol(hub).status == 0);
  REQUIRE(li.sync().status == 0);
}

void AppVillage::write(const Phone& phone, const std::string& sql) const {
  const Finished done = phone.sql(sql);
  REQUIRE_MESSAGE(done.status == 0, done.err);
  const Finished synced = phone.sync();
  REQUIRE_MESSAGE(synced.status == 0, synced.err);
}

std::unique_ptr<Terminal> AppVillage::open(const std::string& language,
                                           const std::vector<std::string>& more) {
  const std::string where = folder.file("terminal" + std::to_string(++terminals_));
  std::filesystem::create_directory(where);
  std::vector<std::string> command{(bin_dir() / "doorstep-volunteer").string(), wang_file,
                                   "--today", today};
  command.insert(command.end(), more.begin(), more.end());
  // The language by LANG, as on a phone that speaks it.
  const std::string lang = language == "zh" ? "zh_CN.UTF-8" : "en_GB.UTF-8";
  return std::make_unique<Terminal>(
      where, command,
      Environment{{"LANG", lang}, {"LC_ALL", ""}, {"LC_MESSAGES", ""}, {"TZ", "Asia/Shanghai"}});
}

std::unique_ptr<Terminal> AppVillage::open_app(const std::string& language) {
  return open(language, {});
}

std::unique_ptr<Terminal> AppVillage::enrol_app(const std::string& language) {
  return open(language, {"--server", hub.url(), "--code", hub.enrol("王芳", dushi, "volunteer")});
}

void AppVillage::see(const Terminal& app, const std::string& text) {
  const bool shown = app.shows(text);
  REQUIRE_MESSAGE(shown, "not shown: " << text << "\n" << app.screen());
}

}  // namespace doorstep::test
