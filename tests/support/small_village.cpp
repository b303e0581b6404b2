#include "tests/support/small_village.hpp"

#include <array>

namespace doorstep::test {
namespace {

Column text_column(std::string name, MergePolicy policy = MergePolicy::latest) {
  Column column;
  column.name = std::move(name);
  column.policy = policy;
  return column;
}

Column integer_column(std::string name, MergePolicy policy) {
  Column column = text_column(std::move(name), policy);
  column.type = ColumnType::integer;
  return column;
}

Column household_reference() {
  Column column = text_column("household_id");
  column.type = ColumnType::uuid;
  column.references = TableId{1};
  return column;
}

Schema::Parts village_parts() {
  Table org_unit;
  org_unit.name = "org_unit";
  org_unit.key = "code";
  org_unit.key_type = ColumnType::text;
  org_unit.columns = {text_column("name"), text_column("parent")};
  org_unit.columns[1].references = TableId{0};
  org_unit.scope = {ScopeRule::Kind::key, {}};

  Table household;
  household.name = "household";
  household.columns = {text_column("village_code"),
                       text_column("address"),
                       text_column("phone"),
                       text_column("note", MergePolicy::concat),
                       text_column("claimed_by", MergePolicy::first),
                       integer_column("boxes", MergePolicy::counter),
                       text_column("tags", MergePolicy::set)};
  household.scope = {ScopeRule::Kind::column, ColumnId{0}};

  Table resident;
  resident.name = "resident";
  resident.columns = {household_reference(), text_column("name"), text_column("phone"),
                      integer_column("pressure", MergePolicy::max)};
  resident.scope = {ScopeRule::Kind::via, ColumnId{0}};

  Table visit;
  visit.name = "visit";
  visit.columns = {household_reference(), text_column("findings")};
  visit.scope = {ScopeRule::Kind::via, ColumnId{0}};
  visit.append_only = true;

  Table supply;
  supply.name = "supply";
  supply.columns = {text_column("village_code"), integer_column("given", MergePolicy::counter)};
  supply.scope = {ScopeRule::Kind::column, ColumnId{0}};

  Schema::Parts parts;
  parts.name = "small_village";
  parts.tables = {org_unit, household, resident, visit, supply};
  parts.tree = ScopeTree{TableId{0}, ColumnId{1}};
  parts.source = "small village";
  return parts;
}

/// Of a rule on one column of the row itself.
std::optional<BrokenRule> broken_by(const Schema& schema, const StoredRow& row, std::size_t rule,
                                    std::string_view column, const Value& value) {
  const Table& table = schema.table(row.table);
  const Rule& declared = table.rules[rule];
  return BrokenRule{
      table.name, declared.name, row.id, declared.message, {{std::string(column), value}}};
}

}  // namespace

Schema small_village() { return Schema::make(village_parts()).value(); }

Schema ruled_village() {
  Schema::Parts parts = village_parts();
  parts.tables[1].rules = {{"no_wrong_phone",
                            "SELECT phone FROM household WHERE id = :id AND phone = 'wrong'",
                            "the phone number is wrong"}};
  parts.tables[4].rules = {{"not_below_zero",
                            "SELECT given FROM supply WHERE id = :id AND given < 0",
                            "fewer than none were given"}};
  return Schema::make(std::move(parts)).value();
}

MemoryHubStore::Rules ruled_village_rules(const Schema& schema) {
  return [schema](HubCommit& commit,
                  std::span<const RowKey> written) -> Result<std::optional<BrokenRule>> {
    for (const RowKey& key : written) {
      DS_ASSIGN(const auto rows, commit.fetch(key.table, std::vector{key.row}));
      if (!rows[0] || !rows[0]->live) continue;
      const std::string& table = schema.table(key.table).name;
      const Value phone =
          table == "household" ? field(schema, table, rows[0]->image, "phone") : Value();
      if (phone == Value::text("wrong")) return broken_by(schema, *rows[0], 0, "phone", phone);
      const Value given =
          table == "supply" ? field(schema, table, rows[0]->image, "given") : Value();
      if (!given.is_null() && given.as_integer() < 0) {
        return broken_by(schema, *rows[0], 0, "given", given);
      }
    }
    return std::optional<BrokenRule>();
  };
}

TableId table_id(const Schema& schema, std::string_view table) {
  const auto found = schema.find_table(table);
  DS_ASSERT(found.has_value());
  return *found;
}

RowImage with(const Schema& schema, std::string_view table, RowImage image, Fields fields) {
  const Table& declared = schema.table(table_id(schema, table));
  for (const auto& [name, value] : fields) {
    const auto column = declared.find_column(name);
    DS_ASSERT(column.has_value());
    image.values[column->index] = value;
  }
  return image;
}

RowImage image_of(const Schema& schema, std::string_view table, Fields fields) {
  RowImage image;
  image.values.resize(schema.table(table_id(schema, table)).columns.size());
  return with(schema, table, std::move(image), fields);
}

Value field(const Schema& schema, std::string_view table, const RowImage& image,
            std::string_view column) {
  const auto id = schema.table(table_id(schema, table)).find_column(column);
  DS_ASSERT(id.has_value());
  return image.values[id->index];
}

RowId numbered(std::uint64_t n) {
  std::array<std::uint8_t, 16> bytes{};
  bytes[0] = 1;
  for (std::size_t i = 0; i < 8; ++i) bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  return *RowId::from(ByteView(bytes));
}

Value key_value(const RowId& id) { return Value::blob(id.view()); }

RowId code(std::string_view text) { return *RowId::from(text); }

}  // namespace doorstep::test
