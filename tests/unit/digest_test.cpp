#include "engine/core/digest.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "engine/core/schema.hpp"

using namespace doorstep;

namespace {

Column column(std::string name, ColumnType type = ColumnType::text) {
  Column out;
  out.name = std::move(name);
  out.type = type;
  return out;
}

Schema household_schema() {
  Table table;
  table.name = "household";
  table.key = "code";
  table.key_type = ColumnType::text;
  table.columns = {column("phone"), column("rooms", ColumnType::integer)};
  table.scope = {ScopeRule::Kind::key, {}};
  Schema::Parts parts;
  parts.name = "test";
  parts.tables = {table};
  return Schema::make(std::move(parts)).value();
}

StoredRow household(std::string_view key, std::string scope, Value phone, Value rooms) {
  StoredRow row;
  row.id = *RowId::from(key);
  row.scope = {std::move(scope)};
  row.image.values = {std::move(phone), std::move(rooms)};
  return row;
}

Digest total(const DigestChanges& changes, const std::string& scope) {
  Digest sum;
  for (const auto& [where, columns] : changes.sums()) {
    if (where.first.code != scope) continue;
    for (const Digest& digest : columns) sum += digest;
  }
  return sum;
}

}  // namespace

TEST_CASE("digests add and subtract modulo 2^128") {
  Digest sum{0, ~std::uint64_t{0}};
  sum += Digest{0, 1};
  CHECK(sum == Digest{1, 0});
  sum -= Digest{0, 1};
  CHECK(sum == Digest{0, ~std::uint64_t{0}});
  Digest zero;
  zero -= Digest{0, 1};
  CHECK(zero == Digest{~std::uint64_t{0}, ~std::uint64_t{0}});
  CHECK(Digest{1, 2}.hex() == "00000000000000010000000000000002");
  CHECK(rc::check("what is added and taken out again leaves nothing",
                  [](std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
                    Digest digest{a, b};
                    digest += Digest{c, d};
                    digest -= Digest{c, d};
                    RC_ASSERT(digest == (Digest{a, b}));
                    RC_ASSERT(Digest::from(digest.bytes()) == digest);
                  }));
}

TEST_CASE(
    "a cell's digest tells table, row, column, kind and value apart, and NULL counts nothing") {
  const RowId row = *RowId::from(std::string_view("a"));
  const Digest cell = digest_of_cell("t", row, "c", Value::integer(1));
  CHECK(cell != Digest{});
  CHECK(digest_of_cell("t", row, "c", Value::null()) == Digest{});
  CHECK(cell != digest_of_cell("u", row, "c", Value::integer(1)));
  CHECK(cell != digest_of_cell("t", *RowId::from(std::string_view("b")), "c", Value::integer(1)));
  CHECK(cell != digest_of_cell("t", row, "d", Value::integer(1)));
  CHECK(cell != digest_of_cell("t", row, "c", Value::integer(2)));
  CHECK(digest_of_cell("t", row, "c", Value::real(1)) != cell);
  CHECK(digest_of_cell("t", row, "c", Value::text("x")) !=
        digest_of_cell("t", row, "c", Value::blob(bytes_of("x"))));
  CHECK(cell.hex() == "5aec3bbd9515b01e954f21f871e4aba9");
}

TEST_CASE("a row of NULLs is seen by its key") {
  const Schema schema = household_schema();
  const StoredRow row = household("a", "x", Value::null(), Value::null());
  CHECK(digest_of_row(schema.tables()[0], row.id, row.image) ==
        digest_of_cell("household", row.id, "code", Value::text("a")));
}

TEST_CASE(
    "running sums follow inserts, edits, moves, deaths and revivals, and equal the sum of the live "
    "rows") {
  const Schema schema = household_schema();
  const StoredRow wang = household("wang", "x", Value::text("138"), Value::integer(3));
  StoredRow edited = wang;
  edited.image.values[0] = Value::text("139");
  StoredRow moved = edited;
  moved.scope = {"y"};
  StoredRow dead = moved;
  dead.live = false;
  const auto of = [&](const StoredRow& row) {
    return digest_of_row(schema.tables()[0], row.id, row.image);
  };

  DigestChanges changes;
  changes.replace(schema, nullptr, &wang);
  CHECK(total(changes, "x") == of(wang));
  changes.replace(schema, &wang, &edited);
  CHECK(total(changes, "x") == of(edited));
  changes.replace(schema, &edited, &moved);
  CHECK(total(changes, "x") == Digest{});
  CHECK(total(changes, "y") == of(moved));
  changes.replace(schema, &moved, &dead);
  CHECK(total(changes, "y") == Digest{});
  changes.replace(schema, &dead, &wang);
  CHECK(total(changes, "x") == of(wang));
}

TEST_CASE("a commit that changes nothing in place leaves no sums to write") {
  const Schema schema = household_schema();
  const StoredRow wang = household("wang", "x", Value::text("138"), Value::integer(3));
  DigestChanges changes;
  changes.replace(schema, &wang, &wang);
  CHECK(changes.sums().empty());
}
