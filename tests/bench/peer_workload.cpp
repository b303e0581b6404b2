#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <utility>

#include "engine/core/assert.hpp"
#include "engine/core/uuid.hpp"
#include "schema/loader.hpp"
#include "tests/bench/peer_run.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/support/cast.hpp"
#include "tests/support/json.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::bench {
namespace {

Value peer_value(const Column& column, const test::Json& record) {
  if (!record.has(column.name)) return Value::null();
  const std::string text = record.text(column.name);
  switch (column.type) {
    case ColumnType::uuid: {
      const auto id = parse_uuid(text);
      DS_ASSERT(id.has_value());
      return Value::blob(*id);
    }
    case ColumnType::integer:
      return Value::integer(std::strtoll(text.c_str(), nullptr, 10));
    case ColumnType::real:
      return Value::real(std::strtod(text.c_str(), nullptr));
    default:
      return Value::text(text);
  }
}

VisitRow peer_row(const Table& table, const test::Json& record) {
  const auto id = parse_uuid(record.text("id"));
  DS_ASSERT(id.has_value());
  VisitRow row{Value::blob(*id)};
  for (const Column& column : table.columns) {
    row.push_back(column.name == "village_code" ? Value::text(test::dushi)
                                                : peer_value(column, record));
  }
  return row;
}

class PeerFile {
 public:
  PeerFile(Workload& made, const test::Json& file) : made_(made), file_(file) {
    for (const auto& [name, key] :
         {std::pair("household", "households"), std::pair("person", "persons")}) {
      TableRows rows{*made_.schema.find_table(name), {}};
      for (const test::Json& record : file_.items(key)) {
        rows.rows.push_back(peer_row(made_.schema.table(rows.table), record));
      }
      made_.ground.push_back(std::move(rows));
    }
    for (const test::Json& record : file_.items("visits")) {
      places_.emplace(record.text("id"), made_.visits.size());
      made_.visits.push_back(peer_row(made_.visit_table(), record));
    }
    read_edits(test::Json(file_.text("edits")));
  }

 private:
  void read_edits(const test::Json& edits) {
    for (const test::Json& one : edits.items("diff")) {
      made_.different_columns.first.push_back(
          edit(one, "needs", test::Json(one.text("a")), "needs"));
      made_.different_columns.second.push_back(
          edit(one, "glucose", test::Json(one.text("b")), "glucose"));
    }
    for (const test::Json& one : edits.items("same")) {
      made_.same_column.first.push_back(edit(one, one.text("field"), one, "a"));
      made_.same_column.second.push_back(edit(one, one.text("field"), one, "b"));
    }
    for (const test::Json& one : edits.items("live")) {
      made_.live.push_back(edit(one, one.text("field"), one, "value"));
    }
  }
  /// `column` of the visit that `of` names becomes what `from` has at `key`.
  [[nodiscard]] VisitEdit edit(const test::Json& of, const std::string& column,
                               const test::Json& from, const std::string& key) const {
    const auto place = places_.find(of.text("id"));
    const auto id = made_.visit_table().find_column(column);
    DS_ASSERT(place != places_.end() && id && from.has(key));
    const std::string text = from.text(key);
    const bool real = made_.visit_table().column(*id).type == ColumnType::real;
    return {place->second, *id,
            real ? Value::real(std::strtod(text.c_str(), nullptr)) : Value::text(text)};
  }

  Workload& made_;
  const test::Json& file_;
  std::map<std::string, std::size_t> places_;
};

}  // namespace

Workload read_peer_workload(const std::string& file) {
  std::ifstream in(file);
  const test::Json json(std::string{std::istreambuf_iterator<char>(in), {}});
  const std::string schema = (test::source_dir() / "tests/bench/peers/harness.toml").string();
  Workload made{schema, must(load_schema_file(schema)), {}, {}, {}, {}, {}, {}};
  made.table = *made.schema.find_table("home_visit");
  const PeerFile filled(made, json);
  DS_ASSERT(!made.visits.empty() && !made.live.empty());
  return made;
}

}  // namespace doorstep::bench
