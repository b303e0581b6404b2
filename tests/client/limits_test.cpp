// Each limit of one local transaction: at it, and one past it.
#include <doctest/doctest.h>

#include "engine/core/limits.hpp"
#include "tests/client/folder.hpp"
#include "tests/client/phone.hpp"

namespace doorstep::test {
namespace {

ReplicaOptions quick() {
  ReplicaOptions options;
  options.synchronous = Synchronous::normal;
  return options;
}

// A survey of ten answers and one more, so that rows can name as many cells as a transaction may.
Schema survey_schema() {
  Table survey;
  survey.name = "survey";
  survey.key = "code";
  survey.key_type = ColumnType::text;
  survey.scope = {ScopeRule::Kind::column, ColumnId{0}};
  for (int i = 0; i < 11; ++i) {
    survey.columns.emplace_back();
    survey.columns.back().name = "answer_" + std::to_string(i);
  }
  Schema::Parts parts;
  parts.name = "survey";
  parts.tables = {survey};
  return Schema::make(std::move(parts)).value();
}

constexpr const char* count_up = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";

std::string supplies(std::size_t count) {
  return std::string(count_up) + " INSERT INTO supply (code) SELECT 'c' || i FROM n LIMIT " +
         std::to_string(count);
}

std::string surveys(std::size_t count, const std::string& eleventh) {
  std::string sql = std::string(count_up) + " INSERT INTO survey SELECT 'c' || i";
  for (int i = 0; i < 10; ++i) sql += ", 'y'";
  return sql + ", " + eleventh + " FROM n LIMIT " + std::to_string(count);
}

}  // namespace

TEST_CASE("one transaction may change transaction_changes_max rows, and one more is refused") {
  const Folder folder;
  Phone phone(folder.file("a.db"), 1, quick());
  const Error refused = phone.refused(supplies(limits::transaction_changes_max + 1));
  CHECK(refused.code == ErrorCode::transaction_too_large);
  CHECK(refused.detail == "100001 rows; at most 100000");
  CHECK(phone.read("SELECT count(*) FROM supply") == "0");
  CHECK(phone.read("SELECT count(*) FROM ds_pending") == "0");
  CHECK(phone.sent().empty());
  phone.run(supplies(limits::transaction_changes_max));
  CHECK(phone.sent().at(0).changes.size() == limits::transaction_changes_max);
}

TEST_CASE("one transaction may name transaction_cells_max cells, and one more is refused") {
  const Folder folder;
  const std::string path = folder.file("a.db");
  ReplicaSeams seams;
  seams.load_schema = [](std::string_view) -> Result<Schema> { return survey_schema(); };
  REQUIRE(create_replica(path, enrolment(), seams).ok());
  const auto replica = open_replica(path, quick(), seams).value();
  const std::size_t rows = limits::transaction_cells_max / 10;
  const auto refused = replica->execute(surveys(rows, "CASE WHEN i = 1 THEN 'z' END"));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ErrorCode::transaction_too_large);
  CHECK(refused.error().detail == "1000001 cells; at most 1000000");
  CHECK(replica->execute(surveys(rows, "NULL")).ok());
  CHECK(replica->status()->pending == 1);
}

TEST_CASE("one transaction may have transaction_bytes_max bytes, and one more is refused") {
  const Folder folder;
  Phone phone(folder.file("a.db"), 1, quick());
  std::string insert = "INSERT INTO household (id, remarks) VALUES";
  constexpr int full = 15;
  Bindings bindings;
  // Each remark is another text: equal ones travel once.
  std::string most(limits::value_bytes_max, 'r');
  for (int i = 0; i <= full; ++i) {
    insert += std::string(i == 0 ? "" : ",") + " (?, ?)";
    most.front() = static_cast<char>('a' + i);
    bindings.push_back({"", Value::blob(row_id(static_cast<std::uint8_t>(i)).view())});
    bindings.push_back({"", Value::text(std::string_view(most))});
  }
  const auto cut = [&](std::size_t bytes) {
    bindings.back().value = Value::text(std::string_view(most).substr(0, bytes));
  };
  cut(limits::value_bytes_max / 2);
  phone.run(insert, bindings);
  const std::size_t size = phone.store().outbox({}, 1)->bodies.at(0).size();
  phone.run("DELETE FROM household");
  cut(limits::value_bytes_max / 2 + limits::transaction_bytes_max - size + 1);
  const Error refused = phone.refused(insert, bindings);
  CHECK(refused.code == ErrorCode::transaction_too_large);
  CHECK(refused.detail == "16777217 bytes; at most 16777216");
  cut(limits::value_bytes_max / 2 + limits::transaction_bytes_max - size);
  phone.run(insert, bindings);
  CHECK(phone.store().outbox(Sequence{2}, 1)->bodies.at(0).size() == limits::transaction_bytes_max);
}

TEST_CASE("sets of very many elements are refused when no hub could read them") {
  const Folder folder;
  Phone phone(folder.file("a.db"), 1, quick());
  // Elements of two to five letters, each an item of the message.
  const std::string many =
      std::string(count_up) +
      " INSERT INTO household (id, labels) SELECT randomblob(16), (WITH RECURSIVE m (j) AS"
      " (SELECT 1 UNION ALL SELECT j + 1 FROM m LIMIT 100000) SELECT json_group_array"
      "(printf('%x', j)) FROM m) FROM n LIMIT ";
  CHECK(phone.refused(many + "41").code == ErrorCode::transaction_too_large);
  CHECK(phone.read("SELECT count(*) FROM household") == "0");
}

}  // namespace doorstep::test
