// A phone's file breaks: what the volunteer types, and what the township sees.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

constexpr std::streamoff page_bytes = 4096;

std::string bytes_in(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// Overwrites every page of the file that holds `text`; how many.
int wipe_pages_with(const std::string& path, const std::string& text) {
  const std::string bytes = bytes_in(path);
  std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
  int wiped = 0;
  std::streamoff last = -1;
  for (auto at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at + 1)) {
    const std::streamoff page = static_cast<std::streamoff>(at) / page_bytes;
    if (page == last) continue;
    last = page;
    ++wiped;
    file.seekp(page * page_bytes);
    file << std::string(static_cast<std::size_t>(page_bytes), '\x5A');
  }
  return wiped;
}

struct Village {
  ScratchFolder folder{"rescue"};
  TownshipHub hub{folder.file("hub")};
  Phone a{folder.file("a.db"), "王秀兰"};
  Phone b{folder.file("b.db"), "李建国"};

  Village() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    REQUIRE(hub.command({"load", "--sample", "dushi"}).status == 0);
    hub.serve();
    for (const Phone* phone : {&a, &b}) {
      REQUIRE(phone->enrol(hub).status == 0);
      REQUIRE(phone->sync().status == 0);
    }
    for (int n = 0; n < 5; ++n) give_boxes();
  }
  /// A ledger entry and a counter move together; nothing is sent.
  void give_boxes() const {
    const Finished done = a.sql(
        "insert into fund_entry (id, village_code, kind, amount_fen, purpose, entered_on) values"
        " (uuid7(), '" +
        dushi +
        "', 'payout', -700, 'rescue', '2026-11-21');"
        "update supply set stock = stock - 1 where id = (select min(id) from supply)");
    REQUIRE_MESSAGE(done.status == 0, done.err);
  }
  [[nodiscard]] static std::string entries(const std::string& file) {
    return plain_read(file,
                      "select count(*) || ' ' || sum(amount_fen) from fund_entry where purpose ="
                      " 'rescue'");
  }
  [[nodiscard]] static std::string stock(const std::string& file) {
    return plain_read(file, "select stock from supply where id = (select min(id) from supply)");
  }
  void check_equal() const {
    REQUIRE(b.sync().status == 0);
    for (const std::string& file : {hub.database(), a.file(), b.file()}) {
      CHECK(entries(file) == "5 -3500");
      CHECK(stock(file) == stock(hub.database()));
    }
    CHECK(a.command({"verify"}).status == 0);
    CHECK(hub.command({"verify"}).status == 0);
  }
};

}  // namespace

TEST_CASE_FIXTURE(
    Village,
    "a broken file: every command says what to type, the rescue says what it did, and "
    "the next sync sends each piece of unsent work once") {
  const std::int64_t stock_before = std::stoll(stock(b.file()));
  REQUIRE(wipe_pages_with(a.file(), "李") > 0);
  const std::string broken = bytes_in(a.file());
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"status"}, {"sql", "select 1"}, {"sync"}}) {
    const Finished refused = a.command(command);
    CHECK(refused.status == 1);
    CHECK(refused.err.find("[replica_damaged]") != std::string::npos);
    CHECK(refused.err.find("doorstep rescue") != std::string::npos);
  }
  const Finished rescued = a.command({"rescue", "--json"});
  REQUIRE_MESSAGE(rescued.status == 0, rescued.err);
  const Json report = last_json(rescued);
  CHECK(report.boolean("damaged"));
  CHECK(report.number("unsent") == 5);
  CHECK(report.number("left") == 0);
  CHECK_FALSE(report.boolean("enrol_again"));
  CHECK(bytes_in(report.text("damaged_file")) == broken);
  CHECK(std::filesystem::exists(report.text("sealed_file")));
  CHECK(a.status().number("pending") == 5);
  REQUIRE(a.sync().status == 0);
  check_equal();
  CHECK(std::stoll(stock(hub.database())) == stock_before - 5);
  CHECK(a.status().boolean("up_to_date"));
  // What is sealed is on the phone: the township is not to take it in as well.
  const Finished taken = hub.command({"import-rescued", report.text("sealed_file"), "--json"});
  REQUIRE_MESSAGE(taken.status == 0, taken.err);
  CHECK(last_json(taken).number("waiting") == 0);
  CHECK(last_json(taken).number("on_phone") == 5);
  CHECK(last_json(taken).boolean("signed"));
  CHECK_FALSE(last_json(a.command({"rescue", "--json"})).boolean("damaged"));
}

TEST_CASE_FIXTURE(Village,
                  "the keys are gone: the phone is enrolled again at the same place, and the "
                  "township takes the sealed work in") {
  REQUIRE(wipe_pages_with(a.file(), "key_seed") > 0);
  const Finished rescued = a.command({"rescue", "--json"});
  REQUIRE_MESSAGE(rescued.status == 0, rescued.err);
  const Json report = last_json(rescued);
  CHECK(report.boolean("enrol_again"));
  CHECK(report.number("left") == 5);
  REQUIRE(a.enrol(hub).status == 0);
  REQUIRE(a.sync().status == 0);

  const std::vector<std::string> import{"import-rescued", report.text("sealed_file"), "--json"};
  const Finished taken = hub.command(import);
  REQUIRE_MESSAGE(taken.status == 0, taken.err);
  CHECK(last_json(taken).number("waiting") == 5);
  CHECK(last_json(hub.command(import)).number("waiting") == 0);
  std::vector<std::string> admit{"quarantine", "admit"};
  for (const Json& one : json_lines(hub.command({"quarantine", "--json"}).out)) {
    admit.push_back(one.text("id"));
  }
  REQUIRE(admit.size() == 7);
  const Finished admitted = hub.command(admit);
  REQUIRE_MESSAGE(admitted.status == 0, admitted.err);
  REQUIRE(a.sync().status == 0);
  check_equal();
}
