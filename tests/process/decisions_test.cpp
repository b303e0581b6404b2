// Decisions with real processes: taken on a phone or at the township, they reach every phone, and
// what was on its way for a month does not undo them.
#include <doctest/doctest.h>

#include "tests/support/cast.hpp"

using namespace doorstep::test;

namespace {

/// A township with the sample village and three volunteers' phones.
struct ThreePhones {
  ScratchFolder folder{"decisions"};
  TownshipHub hub{folder.file("hub")};
  Phone wang{folder.file("wang.db"), "王建国"};
  Phone li{folder.file("li.db"), "李秀英"};
  Phone zhao{folder.file("zhao.db"), "赵敏"};
  std::string resident;

  ThreePhones() {
    REQUIRE_MESSAGE(hub.made().status == 0, hub.made().err);
    REQUIRE(hub.command({"load", "--sample", "dushi"}).status == 0);
    hub.serve();
    for (const Phone* phone : {&wang, &li, &zhao}) {
      REQUIRE(phone->enrol(hub).status == 0);
      sync(*phone);
    }
    resident = wang.read("select hex(id) from resident order by id limit 1");
  }

  static void sync(const Phone& phone) {
    const Finished synced = phone.sync();
    REQUIRE_MESSAGE(synced.status == 0, synced.err);
  }
  void all_sync() const {
    for (const Phone* phone : {&wang, &li, &zhao, &wang, &li, &zhao}) sync(*phone);
  }
  void set_number(const Phone& phone, const std::string& number) const {
    const Finished done =
        phone.sql("update resident set phone = '" + number + "' where id = x'" + resident + "'");
    REQUIRE_MESSAGE(done.status == 0, done.err);
  }
  [[nodiscard]] std::string number_at(const Phone& phone) const {
    return phone.read("select phone from resident where id = x'" + resident + "'");
  }
  /// Wang and Li changed the number without hearing of each other; Li's stands. The conflict's id.
  std::string let_two_numbers_meet() const {
    set_number(wang, "13811111111");
    set_number(li, "13822222222");
    for (const Phone* phone : {&wang, &li, &wang}) sync(*phone);
    const auto conflicts = wang.conflicts();
    REQUIRE(conflicts.size() == 1);
    REQUIRE(number_at(wang) == "13822222222");
    return conflicts[0].text("id");
  }
};

}  // namespace

TEST_CASE_FIXTURE(
    ThreePhones,
    "a volunteer decides for the number that lost: it reaches every phone, and stays when a number "
    "of a month ago arrives") {
  // Zhao types hers first, far from any signal.
  set_number(zhao, "13833333333");
  const std::string conflict = let_two_numbers_meet();

  const Finished decided = wang.command({"decide", conflict, "--keep", "loser", "--json"});
  REQUIRE_MESSAGE(decided.status == 0, decided.err);
  CHECK(last_json(decided).number("decided") == 1);
  CHECK(number_at(wang) == "13811111111");
  CHECK(wang.conflicts()[0].text("state") == "decided");
  CHECK(wang.conflicts()[0].boolean("pending"));

  sync(wang);
  sync(li);
  CHECK(number_at(li) == "13811111111");
  REQUIRE(li.conflicts().size() == 1);
  CHECK(li.conflicts()[0].text("state") == "decided");
  CHECK(li.conflicts()[0].text("decided_by") == wang.status().text("device"));
  CHECK_FALSE(wang.command({"conflicts", "--json"}).out.empty());

  all_sync();
  for (const Phone* phone : {&wang, &li, &zhao}) {
    CHECK(number_at(*phone) == "13811111111");
    CHECK(phone->status().boolean("up_to_date"));
    CHECK(phone->command({"verify"}).status == 0);
    const auto records = phone->conflicts();
    CHECK(records.size() == 2);
    for (const Json& record : records) CHECK(record.text("state") == "decided");
  }
  const auto at_hub = json_lines(hub.command({"conflicts", "--json"}).out);
  REQUIRE(at_hub.size() == 2);
  for (const Json& record : at_hub) CHECK(record.text("decided_name") == "王建国");
  CHECK(hub.command({"verify"}).status == 0);
}

TEST_CASE_FIXTURE(
    ThreePhones,
    "the township decides beside its running server, explains, and takes the decision back") {
  const std::string conflict = let_two_numbers_meet();
  const Finished decided = hub.command({"decide", conflict, "--keep", "13800000000", "--json"});
  REQUIRE_MESSAGE(decided.status == 0, decided.err);
  CHECK(last_json(decided).text("decided") == conflict);
  all_sync();
  for (const Phone* phone : {&wang, &li, &zhao}) CHECK(number_at(*phone) == "13800000000");

  const Finished explained = hub.command({"explain", "resident", resident, "phone", "--json"});
  REQUIRE_MESSAGE(explained.status == 0, explained.err);
  const Json story = last_json(explained);
  CHECK(story.text("shown") == "13800000000");
  CHECK(story.text("policy") == "latest");
  CHECK(story.text("decided_name") == "桥江镇");
  CHECK(story.source().find("\"value\":\"13811111111\"") != std::string::npos);
  CHECK(story.source().find("\"name\":\"王建国\"") != std::string::npos);
  CHECK(story.source().find("\"value\":\"13822222222\"") != std::string::npos);
  CHECK(story.source().find("\"claimed_at\":\"2") != std::string::npos);

  const Finished undone = hub.command({"decide", conflict, "--undo"});
  REQUIRE_MESSAGE(undone.status == 0, undone.err);
  all_sync();
  for (const Phone* phone : {&wang, &li, &zhao}) {
    CHECK(number_at(*phone) == "13822222222");
    REQUIRE(phone->conflicts().size() == 1);
    CHECK(phone->conflicts()[0].text("state") == "open");
  }
  CHECK(
      json_lines(
          hub.command({"conflicts", "--open", "--table", "resident", "--limit", "5", "--json"}).out)
          .size() == 1);
  CHECK(hub.command({"decide", conflict, "--undo"}).status == 1);
  CHECK(hub.command({"decide", "xyz", "--keep", "winner"}).status == 2);
  CHECK(hub.command({"decide", conflict}).status == 2);
}

TEST_CASE_FIXTURE(ThreePhones,
                  "a resident deleted by one and corrected by another stays, until a person lets "
                  "go: readable on the phone, and gone everywhere after the decision") {
  REQUIRE(wang.sql("delete from resident where id = x'" + resident + "'").status == 0);
  set_number(li, "13822222222");
  all_sync();
  CHECK(number_at(wang) == "13822222222");
  const auto open = wang.conflicts();
  REQUIRE(open.size() == 1);
  CHECK(open[0].text("column").empty());
  CHECK(open[0].text("state") == "open");
  const std::string said = wang.command({"conflicts"}).out;
  CHECK(said.find("NULL") == std::string::npos);
  CHECK(said.find("deleted it") != std::string::npos);
  CHECK(hub.command({"conflicts"}).out.find("NULL") == std::string::npos);

  REQUIRE(zhao.command({"decide", "--all", "--keep", "loser"}).status == 0);
  CHECK(number_at(zhao).empty());
  all_sync();
  for (const Phone* phone : {&wang, &li, &zhao}) {
    CHECK(number_at(*phone).empty());
    CHECK(phone->status().number("conflicts_open") == 0);
    CHECK(phone->status().boolean("up_to_date"));
  }
}
