// The chapter "Forms": its C++ is compiled (forms_example.cpp) and run on the phones of a real hub.
#include <doctest/doctest.h>

#include "tests/process/forms_example.hpp"
#include "tests/process/guide_page.hpp"
#include "tests/support/cast.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::test {
namespace {

struct FormsDay {
  ScratchFolder folder{"forms-day"};
  TownshipHub hub{folder.file("hub")};
  Phone wang{folder.file("wang.db"), "Wang"};
  Phone li{folder.file("li.db"), "Li"};

  FormsDay() {
    REQUIRE(hub.made().status == 0);
    REQUIRE(hub.command({"load", "--sample", "dushi"}).status == 0);
    hub.serve();
    for (const Phone* phone : {&wang, &li}) REQUIRE(phone->enrol(hub).status == 0);
    sync({&wang, &li});
  }
  static void sync(const std::vector<const Phone*>& phones) {
    for (const Phone* phone : phones) {
      const Finished synced = phone->sync();
      REQUIRE_MESSAGE(synced.status == 0, synced.err);
    }
  }
};

Value id_of_first(Replica& replica, const std::string& table) {
  return replica.query("SELECT min(id) FROM " + table).value().sets.at(0).rows.at(0).at(0);
}

}  // namespace

TEST_CASE_FIXTURE(
    FormsDay, "guide: the screen of 'Forms' is open on Wang's phone while Li's number comes in") {
  const auto replica = Replica::open(wang.file()).value();
  Form form =
      guide::open_screen(*replica, id_of_first(*replica, "resident WHERE phone IS NOT NULL"))
          .value();
  const std::string before(form.shown("phone")->as_text());
  const std::string hex = wang.read("select hex(min(id)) from resident where phone is not null");
  const std::string of_it = " from resident where id = x'" + hex + "'";
  REQUIRE(li.sql("update resident set phone = '13822222222' where id = x'" + hex + "'").status ==
          0);
  sync({&li, &wang});
  REQUIRE(wang.read("select phone" + of_it) == "13822222222");

  REQUIRE(guide::save_screen(*replica, form, before, "uncle").ok());
  sync({&wang, &li});
  CHECK(li.read("select phone || ' ' || relation" + of_it) == "13822222222 uncle");

  REQUIRE(guide::save_screen(*replica, form, "13811111111", "uncle").ok());
  sync({&wang, &li});
  CHECK(li.read("select phone" + of_it) == "13811111111");
  const auto told = li.conflicts();
  REQUIRE(told.size() == 1);
  CHECK(told[0].text("loser") == "13822222222");
  CHECK(told[0].text("winner") == "13811111111");

  // Wang's other screen.
  REQUIRE(
      replica->execute("UPDATE resident SET phone = '13833333333' WHERE id = ?", {{"", form.id()}})
          .ok());
  CHECK(guide::save_screen(*replica, form, "13844444444", "uncle").error().code ==
        ErrorCode::form_outdated);
  CHECK(
      guide::what_changed(*replica, form).value() ==
      "phone: was \"13811111111\", is \"13833333333\", you typed \"13844444444\" (changed on this "
      "phone)\n");
  REQUIRE(guide::save_with_note(*replica, form, "he has a new number").ok());
  CHECK(form.changed().empty());
  const Form born =
      guide::register_resident(*replica, id_of_first(*replica, "household"), "小宝").value();
  sync({&wang, &li});
  CHECK(li.read("select phone" + of_it) == "13844444444");
  CHECK(li.read("select count(*) from visit where findings = 'he has a new number'") == "1");
  CHECK(li.read("select count(*) from resident where name = '小宝'") == "1");
  CHECK(hub.command({"verify"}).status == 0);
  CHECK(replica->verify().value().ok());
}

TEST_CASE("guide: the C++ of 'Forms' is the C++ that is compiled here") {
  const std::string page = text_of_file(source_dir() / "docs" / "guide" / "forms.md");
  const std::string example =
      text_of_file(source_dir() / "tests" / "process" / "forms_example.cpp");
  const auto blocks = blocks_of(page, "cpp");
  REQUIRE(blocks.size() == 5);
  for (const std::string& block : blocks) {
    CAPTURE(block);
    CHECK(example.find(block) != std::string::npos);
  }
}

}  // namespace doorstep::test
