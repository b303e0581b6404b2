// Backup, restore and reset with the real programs: what people type, and what is left on disk.
#include <doctest/doctest.h>

#include <filesystem>

#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t day_ms = std::int64_t{24} * 3'600'000;

struct Township {
  ScratchFolder folder{"restore"};
  TownshipHub hub{folder.file("hub")};
  std::string backup = folder.file("backup.db");

  Township() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    must({"load", "--sample", "dushi"});
    hub.serve();
  }
  std::string must(const std::vector<std::string>& command) const {
    const Finished done = hub.command(command);
    REQUIRE_MESSAGE(done.status == 0, done.err);
    return done.out;
  }
  [[nodiscard]] std::string households() const {
    return plain_read(hub.database(), "select count(*) from household");
  }
};

void sync(const Phone& phone) {
  const Finished done = phone.sync();
  REQUIRE_MESSAGE(done.status == 0, done.out, done.err);
}

void write(const Phone& phone, const std::string& sql) {
  const Finished done = phone.sql(sql);
  REQUIRE_MESSAGE(done.status == 0, done.err);
}

std::string new_family(const std::string& head) {
  return "insert into household (id, village_code, villager_group, head_name) values (uuid7(), '" +
         dushi + "', 3, '" + head + "')";
}

}  // namespace

TEST_CASE_FIXTURE(Township,
                  "a backup is taken beside a running hub, is one whole file for its owner alone, "
                  "and the hub says how far it reaches") {
  const Phone wang(folder.file("wang.db"), "Wang");
  REQUIRE(wang.enrol(hub).status == 0);
  sync(wang);
  const Json made = last_json(hub.command({"backup", backup, "--json"}));
  CHECK(made.text("file") == backup);
  CHECK(fs::file_size(backup) == static_cast<std::uintmax_t>(made.number("bytes")));
  CHECK_FALSE(fs::exists(backup + "-wal"));
  CHECK_FALSE(fs::exists(backup + ".part"));
  CHECK(fs::status(backup).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
  CHECK(plain_read(backup, "pragma integrity_check") == "ok");
  CHECK(plain_read(backup, "select count(*) from household") == households());
  CHECK(plain_read(backup, "select max(position) from ds_commit") ==
        std::to_string(made.number("position")));
  const Json verified = last_json(hub.command({"verify", "--json"}));
  CHECK(verified.boolean("ok"));
  CHECK(verified.number("backed_up") == made.number("position"));
  CHECK(verified.number("epoch") == 1);
}

TEST_CASE_FIXTURE(
    Township,
    "a restore is refused beside a running hub, and of a damaged or foreign file; the "
    "hub in place stays as it is") {
  must({"backup", backup});
  Finished refused = hub.command({"restore", backup});
  CHECK(refused.status == 1);
  CHECK(refused.err.find("hub_in_use") != std::string::npos);
  hub.stop();

  const TownshipHub other(folder.file("other"));
  const std::string foreign = folder.file("foreign.db");
  REQUIRE(other.command({"backup", foreign}).status == 0);
  refused = hub.command({"restore", foreign});
  CHECK(refused.status == 1);
  CHECK(refused.err.find("other_hub") != std::string::npos);

  // A row that somebody changed by hand: SQLite finds nothing wrong, the digests do.
  REQUIRE(run({"sqlite3", backup, "update household set head_name = 'x' where rowid = 1"}).status ==
          0);
  refused = hub.command({"restore", backup});
  CHECK(refused.status == 1);
  CHECK(refused.err.find("corrupt") != std::string::npos);
  CHECK_FALSE(fs::exists(hub.folder() + "/incoming"));
  CHECK(hub.command({"reset"}).status == 2);
  CHECK(hub.command({"verify"}).status == 0);
  hub.serve();
  CHECK(hub.serving());
}

TEST_CASE_FIXTURE(
    Township,
    "a hub restored from Monday's backup has Friday's work again after the next sync, "
    "each transaction once") {
  const std::string wang_file = folder.file("wang.db");
  const Phone monday(wang_file, "Wang");
  REQUIRE(monday.enrol(hub).status == 0);
  write(monday, new_family("Monday"));
  sync(monday);
  sync(monday);
  must({"backup", backup});
  for (int day = 1; day <= 4; ++day) {
    const Phone wang(wang_file, "Wang", day * day_ms);
    write(wang, new_family("day " + std::to_string(day)));
    sync(wang);
  }
  const Phone friday(wang_file, "Wang", 4 * day_ms);
  sync(friday);
  const std::string before = households();

  hub.stop();
  const Json restored = last_json(hub.command({"restore", backup, "--json"}));
  CHECK(restored.number("epoch") == 2);
  // What was in place is kept.
  CHECK(plain_read(restored.text("put_away"), "select count(*) from household") == before);
  CHECK(households() != before);
  hub.serve();
  sync(friday);
  sync(friday);
  CHECK(households() == before);
  CHECK(friday.read("select count(*) from household") == before);
  CHECK(friday.status().boolean("up_to_date"));
  CHECK(hub.command({"verify"}).status == 0);
  CHECK(friday.command({"verify"}).status == 0);
  const auto lines = json_lines(must({"restored", "--json"}));
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].boolean("announced"));
  CHECK(lines[1].number("parent") == 1);
  CHECK(lines[2].text("name") == "Wang");
  CHECK(lines[2].number("offered_again") == 4);
  CHECK(lines[2].number("rows") == 0);
}

TEST_CASE_FIXTURE(
    Township,
    "three phones work five days, the hub's folder is gone: the backup and two of them "
    "bring it back, and what only the third and the lost hub had is listed") {
  const std::vector<std::string> names = {"Wang", "Li", "Zhao"};
  const auto phone = [&](std::size_t i, int day) {
    return Phone(folder.file(names[i] + ".db"), names[i], day * day_ms);
  };
  for (std::size_t i = 0; i < names.size(); ++i) {
    REQUIRE(phone(i, 0).enrol(hub).status == 0);
    sync(phone(i, 0));
  }
  const std::string supply = phone(0, 0).read("select hex(id) from supply order by id limit 1");
  const std::string boxes = "select given from supply where id = x'" + supply + "'";
  const auto given_at_hub = [&] { return std::stoi(plain_read(hub.database(), boxes)); };
  const int given = given_at_hub();
  must({"backup", backup});
  for (int day = 1; day <= 5; ++day) {
    for (std::size_t i = 0; i < names.size(); ++i) {
      write(phone(i, day), "update supply set given = given + " + std::to_string(day) +
                               " where id = x'" + supply + "'");
      write(phone(i, day), new_family(names[i] + " " + std::to_string(day)));
      sync(phone(i, day));
    }
  }
  for (std::size_t i = 0; i < names.size(); ++i) sync(phone(i, 5));
  CHECK(given_at_hub() == given + 45);
  const int families = std::stoi(households());

  hub.kill();
  fs::remove_all(hub.folder());
  must({"restore", backup});
  hub.serve();
  for (int round = 0; round < 2; ++round) {
    for (const std::size_t i : {0, 1}) sync(phone(i, 6));
  }
  CHECK(given_at_hub() == given + 30);
  CHECK(std::stoi(households()) == families - 5);
  std::size_t listed = 0;
  for (const Json& line : json_lines(must({"restored", "--json"}))) {
    if (line.text("at_hub") == "unknown") ++listed;
  }
  CHECK(listed >= 5);  // by each phone that had them
  must({"restored", "discard", "Wang"});
  must({"restored", "discard", "Li"});
  for (const Json& line : json_lines(must({"restored", "--json"}))) {
    CHECK_FALSE(line.has("at_hub"));
  }
  CHECK(hub.command({"verify"}).status == 0);

  // It was only in a drawer.
  sync(phone(2, 7));
  CHECK(given_at_hub() == given + 45);
  CHECK(std::stoi(households()) == families);
  for (std::size_t i = 0; i < names.size(); ++i) sync(phone(i, 7));
  for (std::size_t i = 0; i < names.size(); ++i) {
    CHECK(phone(i, 7).read(boxes) == std::to_string(given + 45));
    CHECK(phone(i, 7).read("select count(*) from household") == std::to_string(families));
  }
}
