// A phone takes a newer form: in one step, with its unsent work, and without erasing what it has
// not seen (SEMANTICS B3).
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/ports/fault.hpp"
#include "engine/wire/codec.hpp"
#include "tests/client/small_hub.hpp"

namespace doorstep::test {
namespace {

std::string with(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// small_schema_text() a version later: household.mood, and the table pair.
std::string newer_form() {
  std::string text = with(small_schema_text(), "version = 1", "version = 2");
  text = with(text, "policy = \"hub\" }\n", "policy = \"hub\" }\nmood = \"text\"\n");
  return text +
         "[tables.pair]\nvia = \"household_id\"\n[tables.pair.columns]\n"
         "household_id = { type = \"uuid\", references = \"household\" }\ntutor = \"text\"\n";
}

struct Upgrade {
  Upgrade() : phone(folder.file("a.db")) {
    hub.put("household", row_id(1),
            {{"village", Value::text("v1")}, {"head", Value::text("Wang")}});
    CHECK(apply(phone, hub.commit()).differing.empty());
  }
  Result<SchemaUpgrade> upgrade() { return phone.replica().apply_schema(newer_form()); }

  /// The newest own transaction, read with the schema that the phone has now.
  Transaction newest() {
    REQUIRE(phone.store().state().ok());
    const auto bodies = phone.store().outbox({}, 1 << 20)->bodies;
    auto content = decode_transaction(phone.store().schema(), bodies.back());
    REQUIRE_MESSAGE(content.ok(), (content.ok() ? "" : content.error().text()));
    return *std::move(content);
  }

  Folder folder;
  ReplicaPhone phone;
  SmallHub hub;
};

}  // namespace

TEST_CASE("an app takes a newer form: columns and tables are there at once, unsent work stays") {
  Upgrade v;
  v.phone.run("UPDATE household SET phone = '222'");
  const Bytes before = v.phone.store().outbox({}, 1 << 20)->bodies.front();
  const auto upgrade = v.upgrade();
  REQUIRE_MESSAGE(upgrade.ok(), (upgrade.ok() ? "" : upgrade.error().text()));
  CHECK(upgrade->to == 2);
  CHECK(upgrade->added == std::vector<std::string>{"column household.mood", "table pair"});
  CHECK(v.phone.read("SELECT head, phone, mood FROM household") == "Wang|222|-");
  CHECK(v.phone.store().outbox({}, 1 << 20)->bodies.front() == before);
  const ReplicaStatus status = v.phone.status();
  CHECK(status.schema_version == 2);
  CHECK(status.columns_to_fill == 3);
  CHECK(status.pending == 1);
  CHECK(v.phone.replica().verify()->problems.empty());
  v.phone.restart();
  CHECK(v.phone.read("SELECT phone, mood FROM household") == "222|-");
  CHECK(v.phone.replica().apply_schema(newer_form())->added.empty());
}

TEST_CASE("a new table that hangs on an old one goes with its rows") {
  Upgrade v;
  REQUIRE(v.upgrade().ok());
  v.phone.restart();  // which looks at every guard and trigger
  v.phone.run("INSERT INTO pair (id, household_id, tutor) VALUES (:id, :of, 'Chen')",
              {id_binding(9), id_binding(1, "of")});
  v.phone.run("DELETE FROM household");
  CHECK(v.phone.read("SELECT count(*) FROM pair") == "0");
  CHECK(v.newest().changes.size() == 2);
}

TEST_CASE("a form that does not only add changes nothing and says why") {
  Upgrade v;
  const auto refused = v.phone.replica().apply_schema(
      with(newer_form(), "mood = \"text\"", "mood = { type = \"text\", required = true }"));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::schema_refused);
  CHECK(refused.error().detail.find("'mood'") != std::string::npos);
  CHECK(v.phone.status().columns_to_fill == 0);
  CHECK(v.phone.refused("SELECT mood FROM household").code == ErrorCode::sql_error);
}

TEST_CASE(
    "what is written to a column before it was filled is observed zero, and seen through the old "
    "form") {
  Upgrade v;
  const Fingerprint old_view = small_schema().fingerprint();
  REQUIRE(v.upgrade().ok());
  v.phone.run("UPDATE household SET mood = 'lonely', phone = '333'");
  const Transaction sent = v.newest();
  CHECK(sent.view == old_view);
  REQUIRE(sent.changes.size() == 1);
  for (const CellChange& cell : sent.changes[0].cells) {
    const Table& table = v.phone.store().schema().table(sent.changes[0].table);
    const bool is_new = table.column(cell.column).name == "mood";
    CHECK(cell.observed.has_value() == is_new);
    if (is_new) CHECK(*cell.observed == Position{});
  }

  // The next checkpoint has answered a pull for them.
  CHECK(v.phone.store().state()->new_columns.size() == 3);
  v.hub.change("household", row_id(1), {{"mood", Value::text("cheerful")}});
  apply(v.phone, v.hub.commit());
  CHECK(v.phone.store().state()->new_columns.empty());
  CHECK(v.phone.status().columns_to_fill == 0);
  CHECK(v.phone.read("SELECT mood FROM household") == "lonely");
  v.phone.run("UPDATE household SET head = 'Wang Wei'");
  CHECK(v.newest().view == v.phone.store().schema().fingerprint());
}

TEST_CASE(
    "B2: a row that left under a pending edit never shows a new column: what is written there is "
    "observed zero") {
  Upgrade v;
  v.phone.run("UPDATE household SET phone = '333'");
  REQUIRE(v.upgrade().ok());
  CHECK(v.phone.store().state()->new_columns.size() == 3);
  v.hub.remove("household", row_id(1), ScopeId{"v2"});
  apply(v.phone, v.hub.commit());
  CHECK(v.phone.store().state()->new_columns.empty());
  CHECK(v.phone.read("SELECT phone, mood FROM household") == "333|-");
  v.hub.put("household", row_id(2), {{"village", Value::text("v1")}});
  apply(v.phone, v.hub.commit());  // which says nothing of the copy
  for (const char* mood : {"lonely", "very lonely"}) {
    v.phone.run("UPDATE household SET mood = '" + std::string(mood) + "', phone = '" + mood +
                    "' WHERE id = :id",
                {id_binding(1)});
    const Transaction sent = v.newest();
    REQUIRE(sent.changes.size() == 1);
    REQUIRE(sent.changes[0].cells.size() == 2);
    CHECK(sent.changes[0].cells[1].observed == Position{});
    CHECK(sent.changes[0].cells[0].observed != Position{});
  }
}

TEST_CASE(
    "B3: an answer typed where a form showed an unfilled column has seen none, also when it is "
    "filled by then") {
  Upgrade v;
  REQUIRE(v.upgrade().ok());
  REQUIRE(v.phone.store().state().ok());  // it notices
  Form form = v.phone.replica().open_form("household", Value::blob(row_id(1).view())).value();
  v.hub.change("household", row_id(1), {{"mood", Value::text("cheerful")}});
  apply(v.phone, v.hub.commit());
  CHECK(v.phone.read("SELECT mood FROM household") == "cheerful");
  REQUIRE(form.set("mood", Value::text("lonely")).ok());
  REQUIRE(form.set("phone", Value::text("333")).ok());
  REQUIRE(v.phone.replica().save(form).ok());
  const Transaction sent = v.newest();
  REQUIRE(sent.changes[0].cells.size() == 2);
  CHECK(sent.changes[0].cells[0].observed == Position::of(1, 1));
  CHECK(sent.changes[0].cells[1].observed == Position{});
}

TEST_CASE("a form that was open over an upgrade is saved under the newer schema") {
  Upgrade v;
  Form form = v.phone.replica().open_form("household", Value::blob(row_id(1).view())).value();
  REQUIRE(form.set("phone", Value::text("333")).ok());
  REQUIRE(v.upgrade().ok());
  REQUIRE(v.phone.store().state().ok());  // it notices
  v.hub.remove("household", row_id(1));
  apply(v.phone, v.hub.commit());
  REQUIRE(v.phone.replica().save(form).ok());
  CHECK(v.phone.read("SELECT head, phone, mood FROM household") == "Wang|333|-");
  // What the form never showed of the row that it put back nobody has seen.
  v.phone.run("UPDATE household SET mood = 'lonely'");
  CHECK(v.newest().changes[0].cells[0].observed == Position{});
  REQUIRE(v.phone.replica().refresh(form).ok());
  CHECK(form.shown("mood")->as_text() == "lonely");
}

TEST_CASE("work that was refused before and after an upgrade is sent again on the tables of now") {
  Upgrade v;
  v.phone.run("UPDATE household SET phone = '222'");
  acknowledge(v.phone, rejecting(1, 1, ErrorCode::rule_broken));
  REQUIRE(v.phone.replica().retry(Sequence{1}).ok());
  REQUIRE(v.upgrade().ok());
  REQUIRE(v.phone.store().state().ok());  // it notices
  v.phone.run("INSERT INTO pair (id, household_id, tutor) VALUES (:id, :of, 'Chen')",
              {id_binding(9), id_binding(1, "of")});
  acknowledge(v.phone, rejecting(3, 2, ErrorCode::rule_broken));
  acknowledge(v.phone, rejecting(3, 3, ErrorCode::rule_broken));
  CHECK(v.phone.read("SELECT phone, (SELECT count(*) FROM pair) FROM household") == "-|0");
  for (const std::uint64_t refused : {2, 3}) {
    const auto again = v.phone.replica().retry(Sequence{refused});
    REQUIRE_MESSAGE(again.ok(), (again.ok() ? "" : again.error().text()));
  }
  CHECK(v.phone.read("SELECT phone, (SELECT tutor FROM pair) FROM household") == "222|Chen");
}

TEST_CASE("killed before the newer form is durable, the phone has the old one and works on") {
  Upgrade v;
  v.phone.close();
  const pid_t child = ::fork();
  if (child == 0) {
    install_fault_plan([](std::string_view reached) {
      if (reached == "replica.schema.before_commit") ::_exit(42);
    });
    auto replica = open_replica(v.phone.path(), {}, v.phone.seams());
    if (replica) static_cast<void>((*replica)->apply_schema(newer_form()));
    ::_exit(1);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WEXITSTATUS(status) == 42);
  v.phone.restart();
  CHECK(v.phone.status().schema_version == 1);
  CHECK(v.phone.status().columns_to_fill == 0);
  v.phone.run("UPDATE household SET phone = '444'");
  CHECK(v.upgrade().ok());
  CHECK(v.phone.read("SELECT phone, mood FROM household") == "444|-");
}

TEST_CASE(
    "another process upgrades: this one goes on with the newer form, a running sync starts again") {
  Upgrade v;
  ReplicaPhone other(v.phone.path());
  CHECK(other.read("SELECT head FROM household") == "Wang");
  DeviceStore& syncing = other.store();
  static_cast<void>(syncing.state());
  v.hub.change("household", row_id(1), {{"phone", Value::text("555")}});
  const Changes changes = v.hub.commit();
  REQUIRE(v.upgrade().ok());
  const auto late = syncing.apply(changes);
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().code == ErrorCode::schema_changed);
  CHECK(syncing.schema().version() == 2);
  CHECK(syncing.apply(changes).ok());
  other.run("UPDATE household SET mood = 'lonely'");
  CHECK(other.read("SELECT phone, mood FROM household") == "555|lonely");
}

}  // namespace doorstep::test
