// Forms of rows that are not there yet, or not any more (SEMANTICS B3, B6).
#include <doctest/doctest.h>

#include "tests/client/form_village.hpp"

namespace doorstep::test {

TEST_CASE("a new household is typed into a form, saved, and typed over") {
  FormVillage v;
  Form form = v.phone.replica().new_form("household", Value::null()).value();
  CHECK(form.is_new());
  CHECK(form.id().as_blob().size() == 16);
  CHECK(v.news(form).empty());
  v.type(form, "village", "v1");
  v.type(form, "head", "Li");
  v.type(form, "labels", R"(["elder"])");
  v.save(form);
  CHECK_FALSE(form.is_new());
  CHECK(v.phone.read("SELECT head, phone, labels FROM household WHERE head = 'Li'") ==
        R"(Li|-|["elder"])");
  CHECK(v.phone.sent().back().changes.at(0).kind == RowChange::Kind::insert);
  v.type(form, "phone", "222");
  v.save(form);
  CHECK(v.phone.read("SELECT phone FROM household WHERE head = 'Li'") == "222");
  CHECK(v.phone.replica().new_form("supply", Value::null()).error().code == ErrorCode::bad_key);
}

TEST_CASE(
    "B3: a visit begun in a form knows its family as it was, also when the family was deleted "
    "before it was saved") {
  FormVillage v;
  Form form = v.phone.replica().new_form("visit", Value::null()).value();
  v.type(form, "household_id", Value::blob(row_id(1).view()));
  v.type(form, "note", "fever");
  v.hub.remove("household", row_id(1));
  apply(v.phone, v.hub.commit());
  v.save(form);
  CHECK(v.phone.sent().back().changes.at(0).observed == Position::of(1, 1));
  CHECK(v.observed("household_id") == Position::of(1, 1));
  CHECK(v.observed("note") == Position::of(1, 1));
}

TEST_CASE(
    "B6: a household is deleted at the township under an open form: the edit goes up as one "
    "that has not seen it, and the form's row stays until the answer") {
  FormVillage v;
  Form form = v.open();
  v.hub.remove("household", row_id(1));
  CHECK(apply(v.phone, v.hub.commit()).differing.empty());
  CHECK(v.household().empty());
  CHECK(v.news(form).row_gone);
  CHECK(v.refresh(form).row_gone);
  v.type(form, "phone", "222");
  v.save(form);
  CHECK(v.household() == "Wang|222");
  CHECK(v.phone.read("SELECT copies FROM ds_state") == "1");
  const Transaction sent = v.phone.sent().back();
  CHECK(sent.changes.at(0).kind == RowChange::Kind::update);
  CHECK(sent.changes.at(0).observed == Position::of(1, 1));
  REQUIRE(sent.changes.at(0).cells.size() == 1);
  CHECK(v.observed("phone") == Position::of(1, 1));
  CHECK(v.phone.replica().verify()->problems.empty());

  SUBCASE("the edit wins: the row comes back whole") {
    v.hub.put("household", row_id(1),
              {{"village", Value::text("v1")},
               {"head", Value::text("Wang")},
               {"phone", Value::text("222")}});
    CHECK(apply(v.phone, v.hub.commit(Sequence{1})).differing.empty());
    CHECK(v.household() == "Wang|222");
  }
  SUBCASE("the delete wins: it goes with the answer") {
    CHECK(apply(v.phone, v.hub.commit(Sequence{1})).differing.empty());
    CHECK(v.household().empty());
  }
  SUBCASE("it is refused: it goes, and the work is kept") {
    acknowledge(v.phone, rejecting(1, 1, ErrorCode::scope_denied));
    CHECK(v.household().empty());
    CHECK(v.phone.status().rejected == 1);
  }
  CHECK(v.phone.read("SELECT copies FROM ds_state") == "0");
  CHECK(v.phone.read("SELECT count(*) FROM ds_pending") == "0");
  CHECK(v.phone.replica().verify()->problems.empty());
}

TEST_CASE("B2: a form that showed the last copy of a row has seen what that copy had") {
  FormVillage v;
  v.phone.run("UPDATE household SET phone = '222'");
  v.hub.remove("household", row_id(1));
  apply(v.phone, v.hub.commit());
  Form form = v.open();
  CHECK(form.shown("phone")->as_text() == "222");
  v.type(form, "head", "Wang Li");
  SUBCASE("while the copy is shown") {}
  SUBCASE("and that went away with the answer") {
    v.confirm(1);
    CHECK(v.household().empty());
  }
  v.save(form);
  CHECK(v.household() == "Wang Li|222");
  CHECK(v.observed("head") == Position::of(1, 1));
}

TEST_CASE("a row that a form put back leaves no trace when the transaction takes the edit back") {
  FormVillage v;
  Form form = v.open();
  v.hub.remove("household", row_id(1));
  apply(v.phone, v.hub.commit());
  v.type(form, "phone", "222");
  auto transaction = v.phone.replica().begin().value();
  SUBCASE("by another statement") {
    REQUIRE(transaction->save(form).ok());
    REQUIRE(transaction->run("UPDATE household SET phone = '111'").ok());
  }
  SUBCASE("by a savepoint") {
    REQUIRE(transaction->run("SAVEPOINT before_the_form").ok());
    REQUIRE(transaction->save(form).ok());
    REQUIRE(transaction->run("ROLLBACK TO before_the_form").ok());
  }
  REQUIRE(transaction->commit().ok());
  CHECK(v.household().empty());
  CHECK(v.phone.status().pending == 0);
  CHECK(v.phone.read("SELECT copies, (SELECT count(*) FROM ds_pending) FROM ds_state") == "0|0");
}

TEST_CASE("a form does not bring back what was deleted on its own phone") {
  FormVillage v;
  Form form = v.open();
  v.type(form, "phone", "222");
  v.phone.run("DELETE FROM household");
  SUBCASE("while the delete is pending") {}
  SUBCASE("when it is confirmed") {
    v.hub.remove("household", row_id(1));
    v.confirm(1);
  }
  CHECK(v.refused(form).code == ErrorCode::form_outdated);
  CHECK(v.household().empty());
}

TEST_CASE("a form of a row that is gone does not write over what its own phone had written there") {
  FormVillage v;
  Form form = v.open();
  v.type(form, "phone", "222");
  v.phone.run("UPDATE household SET phone = '333', head = 'Wang Li'");
  v.confirm(1);
  v.hub.remove("household", row_id(1));
  apply(v.phone, v.hub.commit());
  CHECK(v.refused(form).detail == "table household, phone, of a row that is gone");
  REQUIRE(form.reset("phone").ok());
  v.type(form, "members", Value::integer(4));
  v.save(form);
  CHECK(v.phone.read("SELECT members FROM household") == "4");
}

TEST_CASE("a trigger of the app stays still when a form puts a row back, and runs for the edit") {
  FormVillage v;
  v.phone.close();
  CHECK(v.phone.outside("CREATE TABLE tally (what TEXT);"
                        "CREATE TRIGGER new_home AFTER INSERT ON household BEGIN"
                        " INSERT INTO tally VALUES ('insert'); END;"
                        "CREATE TRIGGER new_number AFTER UPDATE ON household BEGIN"
                        " INSERT INTO tally VALUES ('update'); END;") == "");
  v.phone.restart();
  Form form = v.open();
  v.hub.remove("household", row_id(1));
  apply(v.phone, v.hub.commit());
  v.type(form, "phone", "222");
  v.save(form);
  CHECK(v.phone.read("SELECT what FROM tally") == "update");
}

}  // namespace doorstep::test
