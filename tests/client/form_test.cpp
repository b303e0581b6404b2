// Forms (SEMANTICS B3): what is saved was typed over what the form showed, not over what live sync
// had brought by then.
#include <doctest/doctest.h>

#include "tests/client/form_village.hpp"

namespace doorstep::test {
namespace {

const Position opened = Position::of(1, 1);

}  // namespace

TEST_CASE("B3: a number comes in live under an open form: saving the name leaves it alone") {
  FormVillage v;
  Form form = v.open();
  CHECK(form.shown("phone")->as_text() == "111");
  v.rival({{"phone", Value::text("222")}});
  v.type(form, "head", "Wang Li");
  v.type(form, "phone", "111");  // as an app that hands every field over
  CHECK(form.changed() == std::vector<std::string>{"head"});
  v.save(form);
  CHECK(v.household() == "Wang Li|222");
  const Transaction sent = v.phone.sent().back();
  REQUIRE(sent.changes.at(0).cells.size() == 1);
  CHECK(v.observed("head") == opened);
}

TEST_CASE("B3: a number typed over the one that the form showed has not seen what came in live") {
  FormVillage v;
  Form form = v.open();
  v.rival({{"phone", Value::text("222")}});
  v.type(form, "phone", "333");
  CHECK(in_words(v.news(form)) == "phone \"111\" -> \"222\", typed \"333\"");
  v.save(form);
  CHECK(v.household() == "Wang|333");
  CHECK(v.observed("phone") == opened);
  CHECK(v.phone.sent().back().observed == v.hub.head());
  // What she writes on top of it, by SQL or again by the form, has not seen it either.
  v.phone.run("UPDATE household SET phone = '444'");
  CHECK(v.observed("phone") == opened);
}

TEST_CASE("B3: a form that showed an own number not yet confirmed has seen what that one had") {
  FormVillage v;
  v.phone.run("UPDATE household SET phone = '222'");
  v.rival({{"phone", Value::text("999")}});  // hidden behind the own one
  Form form = v.open();
  CHECK(form.shown("phone")->as_text() == "222");
  v.confirm(1);
  v.type(form, "phone", "333");
  v.type(form, "head", "Wang Li");
  v.save(form);
  CHECK(v.observed("phone") == opened);
  CHECK(v.observed("head") == Position::of(1, 2));
}

TEST_CASE("B3: a form refuses a column that the phone itself has changed since it was opened") {
  FormVillage v;
  Form form = v.open();
  v.type(form, "phone", "333");
  v.type(form, "head", "Wang Li");
  SUBCASE("by SQL") { v.phone.run("UPDATE household SET phone = '222'"); }
  SUBCASE("by another form") {
    Form other = v.open();
    v.type(other, "phone", "222");
    v.save(other);
  }
  SUBCASE("and which is confirmed by now") {
    v.phone.run("UPDATE household SET phone = '222'");
    v.hub.change("household", row_id(1), {{"phone", Value::text("222")}});
    v.confirm(1);
    CHECK(v.phone.read("SELECT count(*) FROM ds_outbox") == "0");
  }
  SUBCASE("by another app on the same file") {
    auto other = Replica::open(v.phone.path()).value();
    REQUIRE(other->execute("UPDATE household SET phone = '222'").ok());
  }
  SUBCASE("by another app, and confirmed by now") {
    auto other = Replica::open(v.phone.path()).value();
    REQUIRE(other->execute("UPDATE household SET phone = '222'").ok());
    v.hub.change("household", row_id(1), {{"phone", Value::text("222")}});
    v.confirm(1);
  }
  const Error why = v.refused(form);
  CHECK(why.code == ErrorCode::form_outdated);
  CHECK(why.detail == "table household, phone");
  CHECK(v.household() == "Wang|222");

  const std::string found = "phone \"111\" -> \"222\", typed \"333\", own";
  CHECK(in_words(v.news(form)) == found);
  CHECK(in_words(v.refresh(form)) == found);
  CHECK(v.news(form).empty());
  CHECK(form.shown("phone")->as_text() == "222");
  CHECK(form.value("phone")->as_text() == "333");
  v.save(form);
  CHECK(v.household() == "Wang Li|333");
}

TEST_CASE("what was typed in two places alike is no reason to refuse a form") {
  FormVillage v;
  Form form = v.open();
  v.type(form, "phone", "222");
  v.phone.run("UPDATE household SET phone = '222'");
  v.save(form);
  CHECK(v.phone.sent().size() == 1);
  CHECK(v.news(form).empty());
}

TEST_CASE("B3: own work on other rows and columns does not stand in a form's way") {
  FormVillage v;
  Form form = v.open();
  v.phone.run("UPDATE household SET head = 'Wang Li'");
  v.phone.run("UPDATE supply SET boxes = boxes - 1");
  v.hub.change("household", row_id(1),
               {{"head", Value::text("Wang Li")}, {"phone", Value::text("222")}});
  v.confirm(2);
  v.type(form, "phone", "333");
  CHECK(in_words(v.news(form)) ==
        "head \"Wang\" -> \"Wang Li\", own; phone \"111\" -> \"222\", typed \"333\"");
  v.save(form);
  CHECK(v.household() == "Wang Li|333");
  CHECK(v.observed("phone") == opened);
}

TEST_CASE("B3: an own number that the township refused stands in no form's way") {
  FormVillage v;
  Form form = v.open();
  v.phone.run("UPDATE household SET phone = '222'");
  acknowledge(v.phone, rejecting(1, 1, ErrorCode::rule_broken));
  v.rival({{"phone", Value::text("999")}});
  v.type(form, "phone", "333");
  v.save(form);
  CHECK(v.household() == "Wang|333");
  CHECK(v.observed("phone") == opened);
}

TEST_CASE("a form saves twice: what it saved first is its own and stands in no way") {
  FormVillage v;
  Form form = v.open();
  v.type(form, "phone", "222");
  v.save(form);
  CHECK(form.shown("phone")->as_text() == "222");
  CHECK(form.changed().empty());
  v.save(form);  // nothing to write
  CHECK(v.phone.status().pending == 1);
  v.hub.change("household", row_id(1), {{"phone", Value::text("222")}});
  v.confirm(1);
  v.rival({{"phone", Value::text("999")}});
  CHECK(v.household() == "Wang|999");
  v.type(form, "phone", "333");
  v.save(form);
  CHECK(v.household() == "Wang|333");
  CHECK(v.observed("phone") == opened);
  // But an own write of another screen between the two saves does.
  v.phone.run("UPDATE household SET head = 'Wang Li'");
  v.type(form, "head", "Wang Fang");
  CHECK(v.refused(form).detail == "table household, head");
}

TEST_CASE("a form of supplies saves the difference to the number that it showed") {
  FormVillage v;
  Form form = v.open("supply");
  v.type(form, "boxes", Value::integer(95));  // five are given away
  v.phone.run("UPDATE supply SET boxes = boxes - 10");
  v.hub.change("supply", *RowId::from("oil"), {{"boxes", Value::integer(80)}});
  apply(v.phone, v.hub.commit());
  v.save(form);
  CHECK(v.phone.read("SELECT boxes FROM supply") == "65");
  const CellChange sent = v.phone.sent().back().changes.at(0).cells.at(0);
  CHECK(std::get<CounterDelta>(sent.edit).amount == -5);
  CHECK(form.shown("boxes")->as_integer() == 95);
  v.type(form, "boxes", Value::integer(94));
  v.refresh(form);
  CHECK(form.shown("boxes")->as_integer() == 65);
  CHECK(form.value("boxes")->as_integer() == 64);
  v.save(form);
  CHECK(v.phone.read("SELECT boxes FROM supply") == "64");
}

TEST_CASE("of a set a form saves what was put in and taken out") {
  FormVillage v;
  Form form = v.open();
  v.type(form, "labels", R"(["left-behind"])");
  v.phone.run("UPDATE household SET labels = '[\"disabled\",\"elder\"]'");
  v.rival({{"labels", Value::text(R"(["elder","empty-nest"])")}});
  v.save(form);
  CHECK(v.phone.read("SELECT labels FROM household") ==
        R"(["disabled","empty-nest","left-behind"])");
  const CellChange sent = v.phone.sent().back().changes.at(0).cells.at(0);
  CHECK(std::get<SetEdit>(sent.edit) == SetEdit{{"left-behind"}, {"elder"}});
  CHECK(v.observed("labels") == opened);
}

TEST_CASE("columns of a group are saved as the form shows them, not mixed with what came in") {
  FormVillage v;
  Form form = v.open("request", 5);
  v.type(form, "claimed_by", "Li");
  v.hub.change("request", row_id(5),
               {{"claimed_by", Value::text("Zhao")}, {"claimed_on", Value::text("2024-03-01")}});
  apply(v.phone, v.hub.commit());
  v.save(form);
  CHECK(v.phone.read("SELECT claimed_by, claimed_on FROM request") == "Li|-");
  CHECK(v.observed("claimed_by") == opened);
  CHECK(v.observed("claimed_on") == opened);

  Form later = v.open("request", 5);
  v.phone.run("UPDATE request SET claimed_on = '2024-03-02'");
  v.type(later, "claimed_by", "Chen");
  CHECK(v.refused(later).detail == "table request, claimed_by, claimed_on");
}

TEST_CASE("a form is saved with other statements in one transaction, all or nothing") {
  FormVillage v;
  Form form = v.open();
  v.type(form, "phone", "222");
  auto transaction = v.phone.replica().begin().value();
  REQUIRE(transaction
              ->run("INSERT INTO visit (id, household_id, note) VALUES (uuid7(), :id, 'x')",
                    {id_binding(1)})
              .ok());
  REQUIRE(transaction->save(form).ok());
  SUBCASE("committed: one transaction goes up") {
    REQUIRE(transaction->commit().ok());
    CHECK(v.phone.sent().size() == 1);
    CHECK(v.household() == "Wang|222");
    CHECK(in_words(v.refresh(form)) == "phone \"111\" -> \"222\", typed \"222\", own");
    CHECK(form.changed().empty());
  }
  SUBCASE("not committed: the form is as it was") {
    transaction.reset();
    CHECK(v.phone.status().pending == 0);
    CHECK(form.changed() == std::vector<std::string>{"phone"});
    v.save(form);
    CHECK(v.household() == "Wang|222");
  }
  SUBCASE("a statement before it has changed the same column") {
    transaction.reset();
    transaction = v.phone.replica().begin().value();
    REQUIRE(transaction->run("UPDATE household SET phone = '999'").ok());
    const auto saved = transaction->save(form);
    REQUIRE_FALSE(saved.ok());
    CHECK(saved.error().code == ErrorCode::form_outdated);
    REQUIRE(transaction->commit().ok());
    CHECK(v.household() == "Wang|999");
  }
}

TEST_CASE(
    "a form says at once what does not fit, and a save refused at capture keeps what was typed") {
  FormVillage v;
  const auto nowhere = v.phone.replica().open_form("household", Value::blob(row_id(9).view()));
  REQUIRE_FALSE(nowhere.ok());
  CHECK(nowhere.error().code == ErrorCode::not_found);
  CHECK(v.phone.replica().open_form("drone", Value::text("x")).error().code ==
        ErrorCode::unknown_table);
  CHECK(v.phone.replica().open_form("household", Value::text("x")).error().code ==
        ErrorCode::bad_key);
  Form form = v.open();
  CHECK(form.set("members", Value::text("three")).error().code == ErrorCode::bad_value);
  CHECK(form.set("email", Value::text("x")).error().code == ErrorCode::unknown_column);
  CHECK(form.shown("email").error().code == ErrorCode::unknown_column);
  v.type(form, "verdict", "poor");
  v.type(form, "phone", "222");
  CHECK(v.refused(form).code == ErrorCode::hub_column);
  REQUIRE(form.reset("verdict").ok());
  v.save(form);
  CHECK(v.household() == "Wang|222");
}

}  // namespace doorstep::test
