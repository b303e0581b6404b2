// Bytes from a broken link, a broken phone or a stranger: every one gets an answer from the
// catalogue.
#include <doctest/doctest.h>

#include "engine/core/limits.hpp"
#include "engine/wire/cbor_writer.hpp"
#include "tests/support/grown_village.hpp"
#include "tests/support/small_village.hpp"
#include "tests/support/wire_samples.hpp"

namespace doorstep::test {
namespace {

ErrorCode code_of(std::string_view hex) {
  const Result<Message> read = decode(from_hex(hex).value());
  return read.ok() ? ErrorCode::internal : read.error().code;
}

bool is_expected(ErrorCode code) {
  switch (code) {
    case ErrorCode::malformed:
    case ErrorCode::message_too_large:
    case ErrorCode::too_deep:
    case ErrorCode::unexpected_message:
    case ErrorCode::unknown_table:
    case ErrorCode::unknown_column:
    case ErrorCode::bad_value:
    case ErrorCode::bad_key:
      return true;
    default:
      return false;
  }
}

TEST_CASE("wire: a message cut short anywhere is malformed") {
  for (const NamedBytes& sample : sample_encodings()) {
    CAPTURE(sample.name);
    for (std::size_t size = 0; size < sample.bytes.size(); ++size) {
      CAPTURE(size);
      if (sample.name == "exceptions" && size == 0) continue;
      const Result<Bytes> read = recode(sample.name, ByteView(sample.bytes).first(size));
      REQUIRE_FALSE(read.ok());
      CHECK(read.error().code == ErrorCode::malformed);
    }
  }
}

TEST_CASE("wire: one bit changed anywhere gives another message or an error, nothing else") {
  for (const NamedBytes& sample : sample_encodings()) {
    CAPTURE(sample.name);
    for (std::size_t bit = 0; bit < sample.bytes.size() * 8; ++bit) {
      CAPTURE(bit);
      Bytes damaged = sample.bytes;
      damaged[bit / 8] = static_cast<std::uint8_t>(damaged[bit / 8] ^ 1U << bit % 8);
      const Result<Bytes> read = recode(sample.name, damaged);
      if (!read.ok()) CHECK(is_expected(read.error().code));
    }
  }
}

TEST_CASE("wire: a byte after the end is malformed") {
  for (const NamedBytes& sample : sample_encodings()) {
    CAPTURE(sample.name);
    Bytes longer = sample.bytes;
    longer.push_back(0);
    CHECK(recode(sample.name, longer).error().code == ErrorCode::malformed);
  }
}

TEST_CASE("wire: a message of a number that nobody has given yet does not belong here") {
  CHECK(code_of("8200"
                "02") == ErrorCode::unexpected_message);
  CHECK(code_of("82181b"
                "02") == ErrorCode::unexpected_message);
  CHECK(code_of("821bffffffffffffffff02") == ErrorCode::unexpected_message);
}

TEST_CASE("wire: a known message with a field too many or too few is malformed") {
  CHECK(code_of("830902f6") == ErrorCode::internal);  // Credit 2, as it should be
  CHECK(code_of("8109") == ErrorCode::malformed);
  CHECK(code_of("84090202f6") == ErrorCode::malformed);
  CHECK(code_of("820902") == ErrorCode::malformed);
  CHECK(code_of("80") == ErrorCode::malformed);
}

TEST_CASE("wire: only the shortest form of a number, of definite length, is read") {
  CHECK(code_of("83091802f6") == ErrorCode::malformed);    // 2 in two bytes
  CHECK(code_of("8309190002f6") == ErrorCode::malformed);  // 2 in three bytes
  CHECK(code_of("9803"
                "0902f6") == ErrorCode::malformed);      // array head in two bytes
  CHECK(code_of("9f0902f6ff") == ErrorCode::malformed);  // indefinite array
  CHECK(code_of("830c01"
                "7f6161ff") == ErrorCode::malformed);  // indefinite text
  CHECK(code_of("830c01"
                "780161") == ErrorCode::malformed);        // text length in two bytes
  CHECK(code_of("8309c102f6") == ErrorCode::malformed);    // a tag
  CHECK(code_of("8309f94000f6") == ErrorCode::malformed);  // a 16-bit real
  CHECK(code_of("8309a0f6") == ErrorCode::malformed);      // a map
  CHECK(code_of("8309f7f6") == ErrorCode::malformed);      // undefined
}

TEST_CASE("wire: numbers beyond what a field holds are malformed") {
  CHECK(code_of("83091afffffffff6") == ErrorCode::internal);
  CHECK(code_of("83091b0000000100000000f6") == ErrorCode::malformed);
  // Pull whose cursor is 2^63 - 1 and one more.
  CHECK(code_of("8c081b7ffffffffffffffff600f4014800000000000000008080f6f6f4") ==
        ErrorCode::internal);
  CHECK(code_of("8c081b8000000000000000f600f4014800000000000000008080f6f6f4") ==
        ErrorCode::malformed);
  // Ack at -2^63 ms and one less.
  CHECK(code_of("8507003b7fffffffffffffff8000") == ErrorCode::internal);
  CHECK(code_of("8507003b80000000000000008000") == ErrorCode::malformed);
}

TEST_CASE("wire: text that is not UTF-8 or holds U+0000 is malformed") {
  CHECK(code_of("830c01"
                "62c3a9") == ErrorCode::internal);
  CHECK(code_of("830c01"
                "61ff") == ErrorCode::malformed);
  CHECK(code_of("830c01"
                "62c080") == ErrorCode::malformed);
  CHECK(code_of("830c01"
                "63eda080") == ErrorCode::malformed);
  CHECK(code_of("830c01"
                "6100") == ErrorCode::malformed);
}

TEST_CASE("wire: counts that nothing follows allocate nothing and are malformed") {
  CHECK(code_of("9bffffffffffffffff") == ErrorCode::malformed);
  CHECK(code_of("9affffffff") == ErrorCode::malformed);
  CHECK(code_of("84"
                "06"
                "01"
                "9b0000000100000000") == ErrorCode::malformed);
  CHECK(code_of("830c01"
                "7b7fffffffffffffff") == ErrorCode::malformed);
  CHECK(code_of("830c01"
                "5bffffffffffffffff") == ErrorCode::malformed);
}

TEST_CASE("wire: a million arrays inside each other are too deep, not a crash") {
  CHECK(decode(Bytes(1'000'000, 0x81)).error().code == ErrorCode::too_deep);
}

TEST_CASE("transactions: a table or column that the hub does not have yet is counted") {
  const Schema newer = grown_village();
  const Schema older = small_village();
  const auto at_older_hub = [&](std::string_view table, std::string_view column) {
    const TableId id = table_id(newer, table);
    RowChange change{id, uuid_row(1), RowChange::Kind::insert, {}, {}, {}};
    change.cells.push_back({*newer.table(id).find_column(column), Value::text("张"), {}, {}});
    Transaction transaction;
    transaction.changes = {change};
    return decode_transaction(older, encode_transaction(newer, transaction));
  };
  CHECK(at_older_hub("resident", "name").ok());
  const Error table = at_older_hub("pair", "tutor").error();
  CHECK(table.code == ErrorCode::unknown_table);
  CHECK(table.detail.starts_with("table "));
  const Error column = at_older_hub("resident", "mood").error();
  CHECK(column.code == ErrorCode::unknown_column);
  CHECK(column.detail == "resident, column 4 of a newer schema");
}

TEST_CASE("transactions: a value that its column cannot hold names the column") {
  Transaction transaction = sample_transaction();
  transaction.changes[1].cells[3].edit = Value::integer(2);  // photo_seen is a boolean
  const Error wrong =
      decode_transaction(village_schema(), encode_transaction(village_schema(), transaction))
          .error();
  CHECK(wrong.code == ErrorCode::bad_value);
  CHECK(wrong.detail.find("visit.photo_seen") != std::string::npos);
}

TEST_CASE("transactions: an assignment to a counter and an unsorted set edit are bad values") {
  Transaction transaction = sample_transaction();
  transaction.changes[0].cells[1].edit = Value::integer(5);
  const Bytes assigned = encode_transaction(village_schema(), transaction);
  CHECK(decode_transaction(village_schema(), assigned).error().code == ErrorCode::bad_value);
  transaction = sample_transaction();
  transaction.changes[0].cells[2].edit = SetEdit{{"b", "a"}, {}};
  const Bytes unsorted = encode_transaction(village_schema(), transaction);
  CHECK(decode_transaction(village_schema(), unsorted).error().code == ErrorCode::bad_value);
  transaction.changes[0].cells[2].edit = SetEdit{{"a"}, {"a"}};
  const Bytes both = encode_transaction(village_schema(), transaction);
  CHECK(decode_transaction(village_schema(), both).error().code == ErrorCode::bad_value);
}

TEST_CASE("transactions: a text key in a table of uuids is a bad key") {
  Transaction transaction = sample_transaction();
  transaction.changes[0].row = *RowId::from("431224103212");
  const Bytes body = encode_transaction(village_schema(), transaction);
  CHECK(decode_transaction(village_schema(), body).error().code == ErrorCode::bad_key);
}

TEST_CASE("transactions: one row twice is malformed, since each row has one net change") {
  Transaction transaction = sample_transaction();
  transaction.changes.push_back(transaction.changes.front());
  const Bytes body = encode_transaction(village_schema(), transaction);
  CHECK(decode_transaction(village_schema(), body).error().code == ErrorCode::malformed);
}

}  // namespace
}  // namespace doorstep::test
