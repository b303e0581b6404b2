#include "engine/wire/conflict_codec.hpp"

#include <algorithm>
#include <limits>

#include "engine/core/policy.hpp"
#include "engine/wire/parts.hpp"
#include "engine/wire/row_block_codec.hpp"

namespace doorstep {
namespace {

// Keys, identifiers, seventeen columns, decisions.
constexpr std::size_t parts = 20;
constexpr auto position_max = std::numeric_limits<std::int64_t>::max();

ConflictId id_of(const ConflictRecord& record) {
  return conflict_id_of(record.table, record.row, record.column, record.loser.version);
}

Value whole(std::uint64_t number) { return Value::integer(static_cast<std::int64_t>(number)); }

class ColumnsWriter {
 public:
  ColumnsWriter(CborWriter& writer, std::span<const ConflictRecord> records,
                DictionaryBudget& budget)
      : writer_(writer), records_(records), budget_(budget), values_(records.size()) {}

  template <class Get>
  void column(const Get& get) {
    for (std::size_t i = 0; i < records_.size(); ++i) values_[i] = get(records_[i]);
    std::vector<const Value*> pointers;
    pointers.reserve(values_.size());
    for (const Value& value : values_) pointers.push_back(&value);
    write_column(writer_, pointers, budget_);
  }

  // A stamp is mostly a point, so its end is how far it is from its beginning.
  void contribution(Contribution ConflictRecord::*side) {
    column([&](const ConflictRecord& one) { return (one.*side).value; });
    const auto of_version = [&](auto get) {
      column([&](const ConflictRecord& one) { return get((one.*side).version); });
    };
    of_version([](const CellVersion& one) { return whole(one.position.value); });
    of_version([](const CellVersion& one) { return Value::blob(one.author.view()); });
    of_version([](const CellVersion& one) { return Value::integer(one.stamp.lo); });
    of_version([](const CellVersion& one) {
      return whole(static_cast<std::uint64_t>(one.stamp.hi) -
                   static_cast<std::uint64_t>(one.stamp.lo));
    });
  }

 private:
  CborWriter& writer_;
  std::span<const ConflictRecord> records_;
  DictionaryBudget& budget_;
  std::vector<Value> values_;
};

class ColumnsReader {
 public:
  ColumnsReader(CborReader& reader, std::vector<ConflictRecord>& records, DictionaryBudget& budget)
      : reader_(reader), records_(records), budget_(budget) {}

  template <class Set>
  void column(const Set& set) {
    std::vector<Value> values = read_column(reader_, records_.size(), budget_);
    for (std::size_t i = 0; i < values.size() && reader_.ok(); ++i) set(records_[i], values[i]);
  }
  template <class Set>
  void name(const Set& set) {
    column([&](ConflictRecord& one, const Value& value) {
      if (value.kind() != Value::Kind::text || value.as_text().size() > limits::name_bytes_max) {
        return reader_.fail_malformed("a conflict's name that is none");
      }
      set(one, std::string(value.as_text()));
    });
  }
  /// 0 to `max`.
  template <class Set>
  void number(std::int64_t max, const Set& set) {
    column([&](ConflictRecord& one, const Value& value) { set(one, number_in(value, max)); });
  }
  void contribution(Contribution ConflictRecord::*side) {
    column([&](ConflictRecord& one, Value& value) { (one.*side).value = std::move(value); });
    number(position_max,
           [&](ConflictRecord& one, std::uint64_t n) { (one.*side).version.position = {n}; });
    column([&](ConflictRecord& one, const Value& value) {
      (one.*side).version.author = author_in(value);
    });
    column([&](ConflictRecord& one, const Value& value) {
      (one.*side).version.stamp.lo = integer_in(value);
    });
    column([&](ConflictRecord& one, const Value& value) {
      Stamp& stamp = (one.*side).version.stamp;
      stamp.hi = static_cast<std::int64_t>(static_cast<std::uint64_t>(stamp.lo) +
                                           static_cast<std::uint64_t>(integer_in(value)));
    });
  }

 private:
  std::int64_t integer_in(const Value& value) {
    if (value.kind() == Value::Kind::integer) return value.as_integer();
    reader_.fail_malformed("a conflict's number that is none");
    return 0;
  }
  std::uint64_t number_in(const Value& value, std::int64_t max) {
    const std::int64_t number = integer_in(value);
    if (number < 0 || number > max) reader_.fail_malformed("a conflict's number beyond its range");
    return static_cast<std::uint64_t>(std::clamp(number, std::int64_t{0}, max));
  }
  DeviceId author_in(const Value& value) {
    DeviceId author;
    if (value.kind() != Value::Kind::blob || value.as_blob().size() != author.bytes.size()) {
      reader_.fail_malformed("a conflict's author that is none");
    } else {
      std::ranges::copy(value.as_blob(), author.bytes.begin());
    }
    return author;
  }

  CborReader& reader_;
  std::vector<ConflictRecord>& records_;
  DictionaryBudget& budget_;
};

void read_columns(ColumnsReader& columns) {
  using Record = ConflictRecord;
  columns.name([](Record& one, std::string name) { one.table = std::move(name); });
  columns.name([](Record& one, std::string name) { one.column = std::move(name); });
  columns.number(static_cast<std::int64_t>(all_policies().size()) - 1,
                 [](Record& one, std::uint64_t n) { one.policy = static_cast<MergePolicy>(n); });
  columns.contribution(&Record::winner);
  columns.contribution(&Record::loser);
  columns.number(1, [](Record& one, std::uint64_t n) { one.order_uncertain = n != 0; });
  columns.number(static_cast<std::int64_t>(ConflictState::decided),
                 [](Record& one, std::uint64_t n) { one.state = static_cast<ConflictState>(n); });
  columns.number(1, [](Record& one, std::uint64_t n) { one.withdrawn = n != 0; });
  columns.number(position_max, [](Record& one, std::uint64_t n) { one.position = {n}; });
}

void write_columns(ColumnsWriter& columns) {
  using Record = ConflictRecord;
  columns.column([](const Record& one) { return Value::text(one.table); });
  columns.column([](const Record& one) { return Value::text(one.column); });
  columns.column([](const Record& one) { return whole(static_cast<std::uint64_t>(one.policy)); });
  columns.contribution(&Record::winner);
  columns.contribution(&Record::loser);
  columns.column([](const Record& one) { return whole(one.order_uncertain ? 1 : 0); });
  columns.column([](const Record& one) { return whole(static_cast<std::uint64_t>(one.state)); });
  columns.column([](const Record& one) { return whole(one.withdrawn ? 1 : 0); });
  columns.column([](const Record& one) { return whole(one.position.value); });
}

// A person's decisions are few among the conflicts of a pull.
void write_decisions(CborWriter& writer, std::span<const ConflictRecord> records) {
  writer.array(static_cast<std::size_t>(std::ranges::count_if(
      records, [](const ConflictRecord& one) { return one.decision.has_value(); })));
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!records[i].decision) continue;
    writer.array(2);
    writer.number(i);
    write(writer, *records[i].decision);
  }
}

void read_decisions(CborReader& reader, std::vector<ConflictRecord>& records) {
  std::size_t next = 0;
  for (std::size_t left = reader.array(records.size()); left > 0 && reader.ok(); --left) {
    reader.array_of(2);
    const std::uint64_t index = reader.number();
    if (index < next || index >= records.size()) {
      return reader.fail_malformed("a decision of no conflict, or out of order");
    }
    next = static_cast<std::size_t>(index) + 1;
    records[static_cast<std::size_t>(index)].decision = read_cell_version(reader);
  }
}

template <class Get>
std::vector<RowId> keys_of(std::span<const ConflictRecord> records, const Get& get) {
  std::vector<RowId> keys;
  keys.reserve(records.size());
  for (const ConflictRecord& one : records) keys.push_back(get(one));
  return keys;
}

}  // namespace

void write(CborWriter& writer, std::span<const ConflictRecord> records, DictionaryBudget& budget) {
  if (records.empty()) return writer.null();
  writer.array(parts);
  const auto rows = keys_of(records, [](const ConflictRecord& one) { return one.row; });
  write_keys(writer, pointers_to(rows));
  if (std::ranges::all_of(records,
                          [](const ConflictRecord& one) { return one.id == id_of(one); })) {
    writer.null();
  } else {
    Bytes ids;
    for (const ConflictRecord& one : records) {
      ids.insert(ids.end(), one.id.view().begin(), one.id.view().end());
    }
    writer.bytes(ids);
  }
  ColumnsWriter columns(writer, records, budget);
  write_columns(columns);
  write_decisions(writer, records);
}

std::vector<ConflictRecord> read_conflicts(CborReader& reader, DictionaryBudget& budget) {
  std::vector<ConflictRecord> records;
  if (reader.take_null()) return records;
  reader.array_of(parts);
  for (RowId& row : read_keys(reader, std::numeric_limits<std::size_t>::max())) {
    records.emplace_back().row = std::move(row);
  }
  if (records.empty()) reader.fail_malformed("a block of no conflicts");
  const bool ids_follow = reader.take_null();
  const ByteView ids = ids_follow ? ByteView() : reader.bytes();
  constexpr std::size_t id_bytes = sizeof(ConflictId::bytes);
  if (!ids_follow && ids.size() != records.size() * id_bytes) {
    reader.fail_malformed("identifiers of another number of conflicts");
  }
  if (!reader.ok()) return {};
  ColumnsReader columns(reader, records, budget);
  read_columns(columns);
  read_decisions(reader, records);
  if (!reader.ok()) return {};
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].id =
        ids_follow ? id_of(records[i])
                   : ConflictId::from(ids.subspan(i * id_bytes, id_bytes)).value_or(ConflictId{});
  }
  return records;
}

}  // namespace doorstep
