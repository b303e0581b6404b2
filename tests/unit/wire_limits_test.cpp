// Each limit of the bytes: at it, and one past it.
#include <doctest/doctest.h>

#include "engine/core/limits.hpp"
#include "engine/wire/cbor_check.hpp"
#include "engine/wire/cbor_writer.hpp"
#include "engine/wire/row_columns.hpp"
#include "tests/support/wire_samples.hpp"

namespace doorstep::test {
namespace {

std::string refusal(const Message& message) {
  const Result<Message> read = decode(encode(message));
  return read.ok() ? "" : std::string(name_of(read.error().code));
}

std::string refusal(const Transaction& transaction) {
  const Result<Transaction> read =
      decode_transaction(village_schema(), encode_transaction(village_schema(), transaction));
  return read.ok() ? "" : std::string(name_of(read.error().code));
}

RowId numbered_row(std::size_t number) {
  Bytes key(16);
  for (std::size_t i = 0; i < 8; ++i) key[15 - i] = static_cast<std::uint8_t>(number >> 8 * i);
  return *RowId::from(key);
}

/// Visits with `columns` values each.
Transaction visits(std::size_t count, std::uint16_t columns) {
  Transaction out;
  for (std::size_t i = 0; i < count; ++i) {
    RowChange change{TableId{1}, numbered_row(i), RowChange::Kind::insert, std::nullopt, {}};
    for (std::uint16_t column = 0; column < columns; ++column) {
      change.cells.push_back({{column}, Value(), std::nullopt});
    }
    out.changes.push_back(std::move(change));
  }
  return out;
}

TEST_CASE("limits: arrays may be nested cbor_depth_max deep and no deeper") {
  Bytes nested(limits::cbor_depth_max - 1, 0x81);
  nested.push_back(0x80);
  CHECK(check_cbor(nested, nested.size()).ok());
  nested.insert(nested.begin(), 0x81);
  CHECK(check_cbor(nested, nested.size()).error().code == ErrorCode::too_deep);
}

TEST_CASE("limits: a message may have cbor_items_max items and no more") {
  CborWriter writer;
  writer.array(limits::cbor_items_max - 1);
  Bytes items = writer.take();
  items.resize(items.size() + limits::cbor_items_max - 1, 0xf6);
  CHECK(check_cbor(items, items.size()).ok());
  writer.array(limits::cbor_items_max);
  items = writer.take();
  items.resize(items.size() + limits::cbor_items_max, 0xf6);
  CHECK(check_cbor(items, items.size()).error().code == ErrorCode::message_too_large);
}

TEST_CASE("limits: a message may have message_bytes_max bytes and no more") {
  ErrorMessage message{1, ""};
  message.detail.assign(limits::message_bytes_max - encode(message).size() - 4, 'x');
  REQUIRE(encode(message).size() == limits::message_bytes_max);
  CHECK(refusal(message) == "");
  message.detail += 'x';
  CHECK(refusal(message) == "message_too_large");
}

TEST_CASE("limits: a push carries push_transactions_max transactions and no more") {
  Push push{Sequence{1}, std::vector<Bytes>(limits::push_transactions_max, Bytes{0x80}), {}};
  CHECK(refusal(push) == "");
  push.bodies.push_back({0x80});
  CHECK(refusal(push) == "message_too_large");
}

TEST_CASE("limits: a transaction has transaction_bytes_max bytes and no more") {
  Push push{Sequence{1}, {Bytes(limits::transaction_bytes_max)}, {}};
  CHECK(refusal(push) == "");
  push.bodies[0].push_back(0);
  CHECK(refusal(push) == "message_too_large");
  CHECK(decode_transaction(village_schema(), push.bodies[0]).error().code ==
        ErrorCode::message_too_large);
}

TEST_CASE("limits: a transaction changes transaction_changes_max rows and no more") {
  CHECK(refusal(visits(limits::transaction_changes_max, 0)) == "");
  CHECK(refusal(visits(limits::transaction_changes_max + 1, 0)) == "message_too_large");
}

TEST_CASE("limits: a transaction names transaction_cells_max cells and no more") {
  // The rows of a wide table: ten columns on as many rows as may change.
  Table wide;
  wide.name = "survey";
  for (int i = 0; i < 11; ++i) {
    wide.columns.emplace_back();
    wide.columns.back().name = "answer_" + std::to_string(i);
  }
  Schema::Parts parts;
  parts.name = "survey";
  parts.tables = {wide};
  const Schema schema = Schema::make(std::move(parts)).value();
  Transaction transaction = visits(limits::transaction_cells_max / 10, 10);
  for (RowChange& change : transaction.changes) change.table = TableId{0};
  CHECK(decode_transaction(schema, encode_transaction(schema, transaction)).ok());
  transaction.changes.back().cells.push_back({ColumnId{10}, Value(), std::nullopt});
  CHECK(decode_transaction(schema, encode_transaction(schema, transaction)).error().code ==
        ErrorCode::message_too_large);
}

TEST_CASE(
    "limits: a changes message carries changes_rows_accepted_max rows, removed ones too, and no "
    "more") {
  Changes changes;
  RowBlock block{"visit", {"4"}, true, {}, {}, {}};
  for (std::size_t i = 1; i < limits::changes_rows_accepted_max; ++i)
    block.rows.push_back(numbered_row(i));
  changes.rows = {block};
  changes.removals = {{"visit", {"4"}, std::nullopt, {numbered_row(0)}}};
  CHECK(refusal(changes) == "");
  changes.removals[0].rows.push_back(numbered_row(limits::changes_rows_accepted_max));
  CHECK(refusal(changes) == "message_too_large");
}

TEST_CASE("limits: dictionaries expand to dictionary_bytes_max and no further") {
  const std::size_t count = 64;
  const std::string note(limits::dictionary_bytes_max / count, 'n');
  CborWriter writer;
  writer.array(count + 2);
  writer.number(2);
  writer.array(1);
  writer.text(note);
  for (std::size_t i = 0; i < count; ++i) writer.number(0);
  const Bytes bytes = writer.take();
  for (const std::size_t spare : {0U, 1U}) {
    DictionaryBudget budget{limits::dictionary_bytes_max - spare};
    CborReader reader = CborReader::open(bytes, bytes.size()).value();
    const std::vector<Value> read = read_column(reader, count, budget);
    CHECK(reader.ok() == (spare == 0));
    CHECK(read.size() == count - spare);
  }
}

TEST_CASE("limits: a salvage has salvage_rows_max rows and no more, in salvage_parts_max parts") {
  Salvage salvage;
  RowBlock block{"household", {}, true, {}, {}, {}};
  for (std::size_t i = 0; i < limits::salvage_rows_max; ++i) block.rows.push_back(numbered_row(i));
  salvage.rows = {block};
  salvage.part = salvage.parts = limits::salvage_parts_max;
  CHECK(refusal(salvage) == "");
  salvage.parts = limits::salvage_parts_max + 1;
  CHECK(refusal(salvage) != "");
  salvage.part = 2;
  salvage.parts = 1;
  CHECK(refusal(salvage) == "malformed");
  salvage.part = 1;
  salvage.rows[0].rows.push_back(numbered_row(limits::salvage_rows_max));
  CHECK(refusal(salvage) == "message_too_large");
}

TEST_CASE("limits: names, scope codes, keys and lists of scopes each end where they should") {
  Changes changes;
  changes.rows = {{std::string(limits::name_bytes_max, 't'),
                   {std::string(limits::scope_bytes_max, 's')},
                   true,
                   {},
                   {*RowId::from(std::string(limits::key_bytes_max, 'k'))},
                   {}}};
  CHECK(refusal(changes) == "");
  Changes name = changes;
  name.rows[0].table += 't';
  CHECK(refusal(name) == "malformed");
  Changes scope = changes;
  scope.rows[0].scope.code += 's';
  CHECK(refusal(scope) == "malformed");
  Changes columns = changes;
  columns.rows[0].rows.clear();
  columns.rows[0].columns.assign(limits::column_count_max, "c");
  CHECK(refusal(columns) == "");
  columns.rows[0].columns.emplace_back("c");
  CHECK(refusal(columns) == "message_too_large");

  Bytes key_past = encode(changes);
  const std::size_t at = text_of(key_past).find(std::string(limits::key_bytes_max, 'k'));
  key_past.insert(key_past.begin() + static_cast<std::ptrdiff_t>(at), 'k');
  key_past[at - 1] = static_cast<std::uint8_t>(key_past[at - 1] + 1);
  CHECK(decode(key_past).error().code == ErrorCode::malformed);

  Welcome welcome;
  welcome.scopes.assign(limits::scope_count_max, {"4"});
  CHECK(refusal(welcome) == "");
  welcome.scopes.push_back({"4"});
  CHECK(refusal(welcome) == "message_too_large");
}

}  // namespace
}  // namespace doorstep::test
