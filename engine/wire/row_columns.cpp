#include "engine/wire/row_columns.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "engine/wire/parts.hpp"

namespace doorstep {
namespace {

constexpr std::uint64_t plain_coding = 0;
constexpr std::uint64_t delta_coding = 1;
constexpr std::uint64_t dictionary_coding = 2;
constexpr std::size_t uuid_bytes = 16;

using Values = std::span<const Value* const>;

std::size_t plain_size(Values values) {
  std::size_t size = 0;
  for (const Value* value : values) size += encoded_size(*value);
  return size;
}

/// Differences between neighbours, the first value first; nullopt when the column is not all
/// integers or a difference does not fit 64 bits.
std::optional<std::vector<std::int64_t>> differences(Values values) {
  std::vector<std::int64_t> out;
  std::int64_t before = 0;
  for (const Value* value : values) {
    if (value->kind() != Value::Kind::integer) return std::nullopt;
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(value->as_integer(), before, &difference)) return std::nullopt;
    out.push_back(difference);
    before = value->as_integer();
  }
  return out;
}

std::size_t encoded_size(const std::vector<std::int64_t>& numbers) {
  std::size_t size = 0;
  for (const std::int64_t number : numbers) size += doorstep::encoded_size(number);
  return size;
}

struct ValueHash {
  std::size_t operator()(const Value* value) const {
    switch (value->kind()) {
      case Value::Kind::null:
        return 0;
      case Value::Kind::integer:
        return std::hash<std::int64_t>{}(value->as_integer());
      case Value::Kind::real:
        return std::hash<double>{}(value->as_real());
      case Value::Kind::text:
        return std::hash<std::string_view>{}(value->as_text());
      case Value::Kind::blob:
        return std::hash<std::string_view>{}(text_of(value->as_blob()));
    }
    return 0;
  }
};
struct SameValue {
  bool operator()(const Value* a, const Value* b) const { return *a == *b; }
};

struct Dictionary {
  std::vector<const Value*> entries;  // in order of first use
  std::vector<std::size_t> indexes;
  std::size_t size = 0;      // encoded, with the head of the inner array
  std::size_t expanded = 0;  // payload of all rows
};

/// nullopt when fewer than half of the values repeat another: looking further would not pay.
std::optional<Dictionary> dictionary_of(Values values) {
  Dictionary out;
  std::unordered_map<const Value*, std::size_t, ValueHash, SameValue> known;
  known.reserve(values.size() / 2 + 1);
  for (const Value* value : values) {
    const auto [entry, fresh] = known.try_emplace(value, out.entries.size());
    if (fresh) {
      if (out.entries.size() * 2 >= values.size()) return std::nullopt;
      out.entries.push_back(value);
      out.size += doorstep::encoded_size(*value);
    }
    out.indexes.push_back(entry->second);
    out.size += head_size(entry->second);
    out.expanded += value->payload_size();
  }
  out.size += head_size(out.entries.size());
  return out;
}

void write_dictionary(CborWriter& writer, const Dictionary& dictionary) {
  writer.array(dictionary.indexes.size() + 2);
  writer.number(dictionary_coding);
  writer.array(dictionary.entries.size());
  for (const Value* value : dictionary.entries) writer.value(*value);
  for (const std::size_t index : dictionary.indexes) writer.number(index);
}

std::vector<Value> read_dictionary(CborReader& reader, std::size_t count,
                                   DictionaryBudget& budget) {
  std::vector<Value> entries;
  for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left) {
    entries.push_back(reader.value());
  }
  std::vector<Value> out;
  while (out.size() < count && reader.ok()) {
    const std::uint64_t index = reader.number();
    if (!reader.ok()) break;
    if (index >= entries.size()) {
      reader.fail_malformed("an index past its dictionary");
      break;
    }
    const Value& value = entries[static_cast<std::size_t>(index)];
    if (value.payload_size() > budget.bytes_left) {
      reader.fail(error(ErrorCode::message_too_large, "dictionaries expand beyond the limit"));
      break;
    }
    budget.bytes_left -= value.payload_size();
    out.push_back(value);
  }
  return out;
}

std::vector<Value> read_differences(CborReader& reader, std::size_t count) {
  std::vector<Value> out;
  std::int64_t number = 0;
  while (out.size() < count && reader.ok()) {
    if (__builtin_add_overflow(number, reader.integer(), &number)) {
      reader.fail_malformed("a difference that leaves 64 bits");
    }
    out.push_back(Value::integer(number));
  }
  return out;
}

}  // namespace

// A hot path: a phone's transaction is mostly one row. A column of one value is that value: with a
// coding before it, a visit alone in its transaction was 20 bytes longer on the phone, 0.8 sent.
void write_column(CborWriter& writer, Values values, DictionaryBudget& budget) {
  if (values.size() == 1) return writer.value(*values.front());
  const std::size_t plain = plain_size(values);
  const auto deltas = differences(values);
  const std::size_t delta = deltas ? encoded_size(*deltas) : plain;
  const auto dictionary = dictionary_of(values);
  if (dictionary && dictionary->size < std::min(plain, delta) &&
      dictionary->expanded <= budget.bytes_left) {
    budget.bytes_left -= dictionary->expanded;
    write_dictionary(writer, *dictionary);
    return;
  }
  writer.array(values.size() + 1);
  if (delta < plain) {
    writer.number(delta_coding);
    for (const std::int64_t number : *deltas) writer.integer(number);
  } else {
    writer.number(plain_coding);
    for (const Value* value : values) writer.value(*value);
  }
}

std::vector<Value> read_column(CborReader& reader, std::size_t count, DictionaryBudget& budget) {
  if (count == 1) {
    std::vector<Value> alone;
    alone.push_back(reader.value());
    return alone;
  }
  const std::size_t elements = reader.array();
  const std::uint64_t coding = reader.number(dictionary_coding);
  const std::size_t heading = coding == dictionary_coding ? 2 : 1;
  if (elements != count + heading)
    reader.fail_malformed("a column of another length than its keys");
  if (!reader.ok()) return {};
  if (coding == dictionary_coding) return read_dictionary(reader, count, budget);
  if (coding == delta_coding) return read_differences(reader, count);
  std::vector<Value> out;
  out.reserve(count);
  while (out.size() < count && reader.ok()) out.push_back(reader.value());
  return out;
}

void write_keys(CborWriter& writer, std::span<const RowId* const> keys) {
  const bool uuids =
      std::ranges::all_of(keys, [](const RowId* key) { return key->view().size() == uuid_bytes; });
  if (!uuids) {
    writer.array(keys.size());
    for (const RowId* key : keys) writer.bytes(key->view());
    return;
  }
  Bytes joined;
  joined.reserve(keys.size() * uuid_bytes);
  for (const RowId* key : keys) joined.insert(joined.end(), key->view().begin(), key->view().end());
  writer.bytes(joined);
}

std::vector<RowId> read_keys(CborReader& reader, std::size_t count_max) {
  std::vector<RowId> out;
  if (reader.peek() != CborItem::Kind::bytes) {
    for (std::size_t left = reader.array(count_max); left > 0 && reader.ok(); --left) {
      out.push_back(read_row_id(reader));
    }
    return out;
  }
  ByteView joined = reader.bytes();
  if (joined.size() % uuid_bytes != 0) reader.fail_malformed("keys that are not 16 bytes each");
  if (joined.size() / uuid_bytes > count_max) {
    reader.fail(error(ErrorCode::message_too_large, "more rows than the limit"));
  }
  if (!reader.ok()) return out;
  for (; !joined.empty(); joined = joined.subspan(uuid_bytes)) {
    out.push_back(RowId::from(joined.first(uuid_bytes)).value_or(RowId{}));
  }
  return out;
}

}  // namespace doorstep
