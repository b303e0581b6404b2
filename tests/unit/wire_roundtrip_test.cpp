// Whatever is written is read again as it was.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>

#include "engine/core/limits.hpp"
#include "engine/wire/cbor_writer.hpp"
#include "engine/wire/row_columns.hpp"
#include "tests/support/wire_draws.hpp"
#include "tests/support/wire_samples.hpp"

namespace doorstep::test {
namespace {

TEST_CASE("wire: any message of each kind is read as it was written") {
  for (std::size_t kind = 0; kind < std::variant_size_v<Message>; ++kind) {
    CAPTURE(kind);
    CHECK(rc::check("message", [kind] {
      const Message message = draw_message(kind);
      const Result<Message> read = decode(encode(message));
      RC_ASSERT(read.ok());
      RC_ASSERT(*read == message);
    }));
  }
}

TEST_CASE("wire: any transaction keeps its rows, edits and their order") {
  CHECK(rc::check("transaction", [] {
    const Transaction transaction = draw_transaction();
    const Result<Transaction> read =
        decode_transaction(village_schema(), encode_transaction(village_schema(), transaction));
    RC_ASSERT(read.ok());
    RC_ASSERT(*read == transaction);
  }));
}

TEST_CASE("wire: households with a phone and without one share a block") {
  const Schema& schema = village_schema();
  const TableId household = schema.find_table("household").value();
  const auto written = [&](std::uint8_t number, std::vector<std::string_view> columns) {
    std::array<std::uint8_t, 16> key{number};
    RowChange change{household, *RowId::from(key), RowChange::Kind::insert, std::nullopt, {}};
    for (const std::string_view name : columns) {
      const ColumnId column = schema.table(household).find_column(name).value();
      change.cells.push_back({column, Value::text("1380000000" + std::to_string(number)), {}});
    }
    std::sort(change.cells.begin(), change.cells.end(),
              [](const CellChange& a, const CellChange& b) { return a.column < b.column; });
    return change;
  };
  Transaction transaction = Transaction{};
  transaction.changes = {written(1, {"phone", "village_code"}), written(2, {"phone"}),
                         written(3, {"village_code"}), written(4, {"phone", "village_code"})};
  const Bytes body = encode_transaction(schema, transaction);
  CHECK(decode_transaction(schema, body).value() == transaction);
  // All four keys in one byte string.
  const std::array<std::uint8_t, 4> keys{0x58, 64, 1, 0};
  CHECK(text_of(body).find(text_of(keys)) != std::string_view::npos);
  // One that writes a NULL, and one that was seen otherwise, stay what they are.
  transaction.changes[1].cells[0].edit = Value();
  transaction.changes[3].cells[1].observed = Position{7};
  CHECK(decode_transaction(schema, encode_transaction(schema, transaction)).value() == transaction);
}

TEST_CASE("wire: a form with more columns than a number has bits keeps each in its place") {
  Table form;
  form.name = "form";
  form.scope = {ScopeRule::Kind::column, ColumnId{0}};
  for (std::size_t i = 0; i < 100; ++i) {
    form.columns.push_back({});
    form.columns.back().name = "question_" + std::to_string(i);
  }
  Schema::Parts parts;
  parts.name = "survey";
  parts.tables = {form};
  const Schema schema = Schema::make(std::move(parts)).value();
  for (const std::size_t asked : {1U, 62U, 63U, 64U, 100U}) {
    CAPTURE(asked);
    RowChange change{TableId{0}, uuid_row(1), RowChange::Kind::insert, {}, {}, {}};
    for (std::uint16_t i = 0; i < asked; ++i) {
      change.cells.push_back({ColumnId{i}, Value::text(std::to_string(i)), {}, {}});
    }
    Transaction transaction;
    transaction.changes = {change};
    CHECK(decode_transaction(schema, encode_transaction(schema, transaction)).value() ==
          transaction);
  }
}

TEST_CASE("wire: what a phone wrote reaches the hub byte for byte, whatever it is") {
  const Bytes written = encode_transaction(village_schema(), sample_transaction());
  CborWriter longer;
  longer.array(1);
  longer.bytes(Bytes(4'000, 0x20));
  CborWriter bytes;
  bytes.bytes(written);
  Bytes deep(limits::cbor_depth_max - 1, 0x81);
  deep.push_back(0x01);
  Bytes cut = written;
  cut.pop_back();
  Push push{
      Sequence{3}, {written, Bytes{0x80}, longer.take(), bytes.take(), deep, cut, {}, written}, {}};
  CHECK(std::get<Push>(decode(encode(push)).value()) == push);
  // A transaction stands in the message as it is, without a length before it.
  push.bodies = {written};
  const std::size_t one = encode(push).size();
  push.bodies = {written, written};
  CHECK(encode(push).size() == one + written.size());
}

TEST_CASE("wire: images, cells and outcomes are read as they were stored") {
  const Table& table = village_schema().table(TableId{0});
  CHECK(rc::check("state", [&] {
    const RowImage image = draw_image();
    RC_ASSERT(decode_image(table, encode_image(table, image)).value() == image);
    const StoredRow row = draw_exceptions();
    StoredRow read;
    RC_ASSERT(
        decode_exceptions(village_schema(), encode_exceptions(village_schema(), row), read).ok());
    RC_ASSERT(read == row);
    const Outcome outcome = draw_outcome();
    RC_ASSERT(decode_outcome(encode_outcome(outcome)).value() == outcome);
  }));
}

TEST_CASE("wire: a household without exceptions stores none") {
  CHECK(encode_exceptions(village_schema(), {}).empty());
  StoredRow row;
  CHECK(decode_exceptions(village_schema(), {}, row).ok());
  CHECK(row == StoredRow{});
}

TEST_CASE("wire: a stored image is read by a schema that gained a column since") {
  const Table& table = village_schema().table(TableId{0});
  Table later = table;
  later.columns.insert(later.columns.begin(), Column{});
  later.columns.front().name = "courtyard";
  const RowImage image = decode_image(later, encode_image(table, sample_image())).value();
  REQUIRE(image.values.size() == 7);
  CHECK(image.values[0].is_null());
  CHECK(std::equal(image.values.begin() + 1, image.values.end(), sample_image().values.begin()));
}

Bytes column_bytes(const std::vector<Value>& values, DictionaryBudget& budget) {
  std::vector<const Value*> pointers;
  for (const Value& value : values) pointers.push_back(&value);
  CborWriter writer;
  write_column(writer, pointers, budget);
  return writer.take();
}

std::string column_hex(const std::vector<Value>& values) {
  DictionaryBudget budget;
  return to_hex(column_bytes(values, budget));
}

TEST_CASE("columns: any column is read as it was written, in whatever form was shortest") {
  CHECK(rc::check("column", [] {
    const std::vector<Value> values = draw_column();
    DictionaryBudget budget;
    const Bytes bytes = column_bytes(values, budget);
    CborReader reader = CborReader::open(bytes, bytes.size()).value();
    DictionaryBudget reading;
    const std::vector<Value> read = read_column(reader, values.size(), reading);
    RC_ASSERT(reader.ok());
    RC_ASSERT(read == values);
    RC_ASSERT(reading.bytes_left == budget.bytes_left);
  }));
}

TEST_CASE("columns: times that follow each other travel as differences") {
  CHECK(column_hex({Value::integer(100'000), Value::integer(100'001), Value::integer(99'999)}) ==
        "84011a000186a00121");
}

TEST_CASE("columns: a village code that repeats travels once") {
  const Value code = Value::text("431224103212");
  CHECK(column_hex({code, code, Value::null(), code}) ==
        "860282"
        "6c343331323234313033323132"
        "f6"
        "00000100");
}

TEST_CASE("columns: differences that leave 64 bits are not taken") {
  const Value low = Value::integer(std::numeric_limits<std::int64_t>::min());
  const Value high = Value::integer(std::numeric_limits<std::int64_t>::max());
  CHECK(column_hex({low, high}) == "83003b7fffffffffffffff1b7fffffffffffffff");
}

TEST_CASE(
    "columns: a long note on very many rows stays plain when it would expand beyond the limit") {
  const std::vector<Value> values(64,
                                  Value::text(std::string(limits::dictionary_bytes_max / 64, 'n')));
  DictionaryBudget budget;
  CHECK(column_bytes(values, budget).size() < limits::dictionary_bytes_max / 32);
  CHECK(budget.bytes_left == 0);
  CHECK(column_bytes(values, budget).size() > limits::dictionary_bytes_max);
}

}  // namespace
}  // namespace doorstep::test
