#include "engine/wire/cbor_reader.hpp"

#include "engine/wire/cbor_check.hpp"

namespace doorstep {

using Kind = CborItem::Kind;

Result<CborReader> CborReader::open(ByteView bytes, std::size_t bytes_max) {
  DS_TRY(check_cbor(bytes, bytes_max));
  return CborReader(bytes);
}

void CborReader::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

// One `item` is returned in each, so that it is written where its reader has it.
CborItem CborReader::next() {
  CborItem item;
  if (!ok()) return item;
  if (next_item(rest_, item)) {
    rest_ = rest_.subspan(item.size);
  } else {
    fail_malformed("an item is missing");
    item = {};
  }
  return item;
}

CborItem CborReader::next(Kind kind) {
  CborItem item = next();
  if (item.kind != kind) {
    fail_malformed("an item of another kind than expected");
    item = {};
  }
  return item;
}

Kind CborReader::peek() {
  CborItem item;
  return ok() && next_item(rest_, item) ? item.kind : Kind::refused;
}

bool CborReader::take_null() {
  if (peek() != Kind::null) return false;
  return next().kind == Kind::null;
}

std::size_t CborReader::array(std::size_t count_max) {
  const std::uint64_t count = next(Kind::array).number;
  if (count <= count_max) return static_cast<std::size_t>(count);
  fail(doorstep::error(ErrorCode::message_too_large, "more elements than the limit"));
  return 0;
}

void CborReader::array_of(std::size_t count) {
  if (next(Kind::array).number != count) fail_malformed("an array of another length than expected");
}

std::uint64_t CborReader::number(std::uint64_t max) {
  const std::uint64_t number = next(Kind::unsigned_number).number;
  if (number <= max) return number;
  fail_malformed("a number above its maximum");
  return 0;
}

std::int64_t CborReader::integer() { return integer_of(next()); }

std::int64_t CborReader::integer_of(const CborItem& item) {
  const bool negative = item.kind == Kind::negative_number;
  if (!negative && item.kind != Kind::unsigned_number) {
    fail_malformed("an item of another kind than expected");
    return 0;
  }
  if (item.number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    fail_malformed("an integer of more than 64 bits");
    return 0;
  }
  const auto number = static_cast<std::int64_t>(item.number);
  return negative ? -1 - number : number;
}

bool CborReader::boolean() { return next(Kind::boolean).number == 1; }

std::string_view CborReader::text(std::size_t bytes_max) {
  const std::string_view text = text_of(next(Kind::text).content);
  if (text.size() <= bytes_max) return text;
  fail_malformed("a text longer than its limit");
  return {};
}

ByteView CborReader::bytes() { return next(Kind::bytes).content; }

ByteView CborReader::item() {
  const ByteView from = rest_;
  for (std::uint64_t left = 1; left > 0 && ok(); --left) {
    const CborItem item = next();
    if (item.kind == Kind::array) left += item.number;
  }
  return ok() ? from.first(from.size() - rest_.size()) : ByteView();
}

Value CborReader::value() {
  const CborItem item = next();
  switch (item.kind) {
    case Kind::unsigned_number:
    case Kind::negative_number:
      return Value::integer(integer_of(item));
    case Kind::real:
      return Value::real(item.real);
    case Kind::text:
      return Value::text(text_of(item.content));
    case Kind::bytes:
      return Value::blob(item.content);
    case Kind::null:
      return {};
    default:
      fail_malformed("not a value");
      return {};
  }
}

}  // namespace doorstep
