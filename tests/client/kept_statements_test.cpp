// An app runs the same SQL again and again: what is kept of it changes nothing but the time.
#include <doctest/doctest.h>

#include "engine/core/limits.hpp"
#include "tests/client/phone.hpp"

namespace doorstep::test {
namespace {

constexpr const char* insert_text = "INSERT INTO household (id, village, head) VALUES (?, 'v1', ?)";

Bindings family(int number, const std::string& head) {
  const RowId id = row_id(static_cast<std::uint8_t>(number));
  return {{"", Value::blob(id.view())}, {"", Value::text(std::string_view(head))}};
}

}  // namespace

TEST_CASE("the same statement with other values each time writes each of them") {
  const Folder folder;
  ReplicaPhone phone(folder.file("a.db"));
  for (const int id : {1, 2, 3}) phone.run(insert_text, family(id, std::to_string(id)));
  CHECK(phone.read("SELECT head FROM household ORDER BY head") == "1\n2\n3");
  CHECK(phone.refused(insert_text, family(3, "again")).code == ErrorCode::sql_error);
  CHECK(phone.refused(insert_text, {family(4, "4").front()}).detail == "no value for parameter 2");
  phone.run(insert_text, family(4, "4"));
  Bindings too_many = family(5, "5");
  too_many.push_back({"", Value::null()});
  CHECK(phone.refused(insert_text, too_many).detail == "more values than parameters");
  CHECK(phone.read("SELECT count(*), max(head) FROM household") == "4|4");
}

TEST_CASE("two statements in one text take their values by name and in order, also a second time") {
  const Folder folder;
  ReplicaPhone phone(folder.file("a.db"));
  phone.run(insert_text, family(1, "Wang"));
  const std::string both =
      "UPDATE household SET phone = :phone; UPDATE household SET head = ?1 || :phone";
  for (const char* const number : {"11", "22"}) {
    phone.run(both, {{"", Value::text("Li")}, {"phone", Value::text(number)}});
    CHECK(phone.read("SELECT head, phone FROM household") ==
          std::string("Li") + number + "|" + number);
  }
  CHECK(phone.refused(both, {{"", Value::text("Li")}, {"fone", Value::text("3")}}).detail ==
        "no value for :phone");
}

TEST_CASE("a query that an app has asked before shows the columns of a newer form") {
  const Folder folder;
  ReplicaPhone phone(folder.file("a.db"));
  phone.run(insert_text, family(1, "Wang"));
  const auto columns = [&] {
    return phone.replica().query("SELECT * FROM household").value().sets.front().columns;
  };
  const auto before = columns();
  std::string newer = small_schema_text();
  const std::string verdict = "policy = \"hub\" }\n";
  newer.replace(newer.find("version = 1"), 11, "version = 2");
  newer.insert(newer.find(verdict) + verdict.size(), "mood = \"text\"\n");
  REQUIRE(phone.replica().apply_schema(newer).ok());
  auto after = columns();
  REQUIRE(after.size() == before.size() + 1);
  CHECK(after.back() == "mood");
  phone.run(insert_text, family(2, "Li"));
  phone.run("UPDATE household SET mood = 'calm' WHERE head = 'Li'");
  CHECK(phone.read("SELECT head, mood FROM household ORDER BY head") == "Li|calm\nWang|-");
}

TEST_CASE("an app with more texts than are kept works as before, and so does a long text") {
  const Folder folder;
  ReplicaPhone phone(folder.file("a.db"));
  for (std::size_t i = 0; i < limits::kept_sql_max + 3; ++i) {
    const std::string text = "SELECT " + std::to_string(i);
    CHECK(phone.read(text) == std::to_string(i));
  }
  CHECK(phone.read("SELECT 0") == "0");
  const std::string long_text =
      "SELECT '" + std::string(limits::kept_sql_bytes_max, 'x') + "' = 'y'";
  for (int i = 0; i < 2; ++i) CHECK(phone.read(long_text) == "0");
}

TEST_CASE("another connection's work is seen by the next write, whatever this one remembers") {
  const Folder folder;
  ReplicaPhone phone(folder.file("a.db"));
  ReplicaPhone background(folder.file("a.db"));
  phone.run(insert_text, family(1, "Wang"));
  background.run(insert_text, family(2, "Li"));
  phone.run(insert_text, family(3, "Zhao"));
  phone.run("UPDATE household SET phone = '1'");
  CHECK(phone.sent().size() == 4);
  CHECK(phone.sent(Sequence{3}).front().changes.size() == 3);
  CHECK(phone.status().pending == 4);
  CHECK(phone.store().outbox({}, 1 << 20).ok());
}

}  // namespace doorstep::test
