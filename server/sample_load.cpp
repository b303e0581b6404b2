#include "server/sample_load.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/core/policy.hpp"
#include "engine/session/merge_pushes.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
namespace {

constexpr std::string_view author_name = "hub";

Result<CellChange> cell_of(const Table& table, const std::string& name, const Value& value) {
  const auto id = table.find_column(name);
  if (!id) return error(ErrorCode::unknown_column, table.name + "." + name);
  const Column& column = table.column(*id);
  DS_ASSIGN(const Value stored, normalise(column, value));
  CellChange cell;
  cell.column = *id;
  switch (rules_of(column.policy).shape) {
    case PolicyRules::Shape::sum:
      cell.edit = CounterDelta{stored.as_integer()};
      break;
    case PolicyRules::Shape::elements:
      cell.edit = SetEdit{parse_set(stored).value_or(SetElements{}), {}};
      break;
    case PolicyRules::Shape::assignments:
      cell.edit = stored;
      break;
  }
  return cell;
}

// The device that stands for the hub itself; none before the first load.
Result<std::optional<DeviceRecord>> known_author(HubStore& store) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(auto devices, snapshot->devices());
  const auto& key = store.identity().keys.public_key;
  for (DeviceRecord& device : devices) {
    if (device.key == key) return std::optional(std::move(device));
  }
  return std::optional<DeviceRecord>();
}

Result<DeviceRecord> own_author(HubStore& store, const HubTime& time, Random& random) {
  DS_ASSIGN(auto known, known_author(store));
  if (known) return *std::move(known);
  const auto& key = store.identity().keys.public_key;
  DS_ASSIGN(const auto commit, store.begin());
  DeviceRecord device;
  device.id = random.id<DeviceId>();
  device.key = key;
  device.name = author_name;
  device.role = author_name;
  device.enrolled = commit->position();
  device.last_contact = time.now();
  DS_TRY(commit->put_device(device));
  DS_TRY(commit->commit(time.now(), random.id<CommitToken>()));
  return device;
}

class Loader {
 public:
  Loader(HubStore& store, LogSink& log, const HubTime& time, Random& random, DeviceRecord author)
      : store_(store), log_(log), time_(time), random_(random), author_(std::move(author)) {
    random_.fill(boot_.bytes);
  }

  Status merge(std::vector<RowChange> changes) {
    const std::size_t rows = changes.size();
    const Instant now = time_.now();
    Transaction transaction;
    transaction.observed = tally_.head;
    transaction.time = {{now.ms, boot_, now.ms}, now};
    transaction.view = store_.schema().fingerprint();
    transaction.changes = std::move(changes);

    PushRequest request;
    request.device = author_.id;
    request.push.first = author_.merged.next();
    request.push.bodies.push_back(encode_transaction(store_.schema(), transaction));
    request.push.head =
        chain_hash(author_.head, author_.id, request.push.first, request.push.bodies.front());
    request.clock = transaction.time.clock;
    request.clock_met = now;
    author_.merged = request.push.first;
    author_.head = request.push.head;

    auto results = merge_pushes(store_, log_, {&request, 1}, now, random_.id<CommitToken>());
    DS_ASSIGN(const PushResult result, std::move(results.front()));
    if (result.ack.through < request.push.first) {
      return error(ErrorCode::internal, "the hub's own transaction was not taken");
    }
    tally_.rows += rows;
    tally_.transactions += 1;
    if (!result.ack.items.empty()) tally_.not_accepted += rows;
    tally_.head = std::max(tally_.head, result.position);
    return {};
  }
  [[nodiscard]] const LoadTally& tally() const { return tally_; }

 private:
  HubStore& store_;
  LogSink& log_;
  const HubTime& time_;
  Random& random_;
  DeviceRecord author_;
  BootId boot_;
  LoadTally tally_;
};

}  // namespace

LoadTally& LoadTally::operator+=(const LoadTally& other) {
  rows += other.rows;
  transactions += other.transactions;
  not_accepted += other.not_accepted;
  head = std::max(head, other.head);
  return *this;
}

Result<RowChange> insert_of(const Schema& schema, const sample::SampleRow& row) {
  const auto id = schema.find_table(row.table);
  if (!id) return error(ErrorCode::unknown_table, row.table);
  const Table& table = schema.table(*id);
  RowChange change;
  change.table = *id;
  change.kind = RowChange::Kind::insert;
  DS_ASSIGN(change.row, key_of(table, row.key));
  for (const auto& [name, value] : row.columns) {
    if (value.is_null()) continue;
    DS_ASSIGN(auto cell, cell_of(table, name, value));
    change.cells.push_back(std::move(cell));
  }
  std::sort(change.cells.begin(), change.cells.end(),
            [](const CellChange& a, const CellChange& b) { return a.column < b.column; });
  return change;
}

Result<LoadTally> load_rows(HubStore& store, LogSink& log, const HubTime& time, Random& random,
                            std::span<const sample::SampleRow> rows,
                            std::size_t rows_per_transaction) {
  DS_ASSIGN(auto author, own_author(store, time, random));
  Loader loader(store, log, time, random, std::move(author));
  std::vector<RowChange> changes;
  for (const sample::SampleRow& row : rows) {
    DS_ASSIGN(auto change, insert_of(store.schema(), row));
    changes.push_back(std::move(change));
    if (changes.size() >= rows_per_transaction) {
      DS_TRY(loader.merge(std::exchange(changes, {})));
    }
  }
  if (!changes.empty()) DS_TRY(loader.merge(std::move(changes)));
  return loader.tally();
}

Result<bool> has_records(HubStore& store) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(const auto scopes, snapshot->scopes());
  return !scopes.empty();
}

Result<std::uint64_t> own_transactions(HubStore& store) {
  DS_ASSIGN(const auto author, known_author(store));
  return author ? author->merged.value : std::uint64_t{0};
}

Result<std::size_t> rows_there(HubStore& store, std::span<const sample::SampleRow> rows) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  const Schema& schema = snapshot->schemas().newest();
  const auto is_there = [&](const sample::SampleRow& row) -> Result<bool> {
    const auto table = schema.find_table(row.table);
    if (!table) return error(ErrorCode::unknown_table, row.table);
    DS_ASSIGN(const RowId id, key_of(schema.table(*table), row.key));
    DS_ASSIGN(const auto found, snapshot->row({*table, id}));
    return found.has_value();
  };
  std::size_t low = 0;
  std::size_t high = rows.size();
  while (low < high) {
    // The usual answers are all and none.
    const std::size_t at = high == rows.size() && low == 0 ? high - 1 : low + (high - low) / 2;
    DS_ASSIGN(const bool there, is_there(rows[at]));
    if (there) {
      low = at + 1;
    } else {
      high = at;
    }
  }
  return low;
}

}  // namespace doorstep
