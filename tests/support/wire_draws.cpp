#include "tests/support/wire_draws.hpp"

#include <set>

#include "tests/support/wire_draw_basics.hpp"
#include "tests/support/wire_samples.hpp"

namespace doorstep::test {
namespace {

using namespace draw;

ScopeId scope() { return {"43122410321" + std::to_string(below(10))}; }
std::vector<ScopeId> scopes() { return some(4, scope); }
ClockProbe probe() { return {integer(), id<BootId>(), integer()}; }
ScanPoint scan_point() { return {position(), name(), number(), position(), id<Fingerprint>()}; }
NewColumn new_column() { return {name(), name()}; }
CellVersion version() { return {position(), id<DeviceId>(), {integer(), integer()}}; }
Contribution contribution() { return {draw_value(), version()}; }

RowBlock row_block() {
  RowBlock block{name(), scope(), coin(), some(4, name), some(8, row), {}};
  const std::size_t cells = block.columns.size() * block.rows.size();
  while (block.cells.size() < cells) {
    for (Value& value : draw_column()) {
      if (block.cells.size() < cells) block.cells.push_back(std::move(value));
    }
  }
  return block;
}

RemovalBlock removal_block() { return {name(), scope(), maybe(scope), some(8, row)}; }

ConflictRecord conflict() {
  ConflictRecord record;
  record.id = id<ConflictId>();
  record.table = name();
  record.row = row();
  record.column = coin() ? name() : "";
  record.policy = static_cast<MergePolicy>(below(10));
  record.winner = contribution();
  record.loser = contribution();
  record.order_uncertain = coin();
  record.state = static_cast<ConflictState>(below(3));
  record.decision = maybe(version);
  record.withdrawn = coin();
  record.position = position();
  if (coin())
    record.id = conflict_id_of(record.table, record.row, record.column, record.loser.version);
  return record;
}

Checkpoint checkpoint() {
  Checkpoint out{position(), id<CommitToken>(), sequence(), position(), position(), {}};
  out.digests = some(3, [] { return Checkpoint::ScopeDigest{scope(), {number(), number()}}; });
  out.others_stand = coin();
  return out;
}

BucketSums bucket_sums() {
  BucketSums out{name(), static_cast<std::uint8_t>(below(4)), {}};
  for (std::size_t left = std::size_t{1} << out.bits; left > 0; --left)
    out.sums.push_back(number());
  return out;
}

BucketRows bucket_rows() {
  BucketRows out{{name(), 3, {2, 5}}, {}, {}};
  for (std::size_t left = below(4); left > 0; --left) {
    out.rows.push_back(row());
    out.sums.push_back(number());
  }
  return out;
}

TableDifference table_difference() {
  TableDifference out{name(), number(), number(), number()};
  out.rows = some(3, [] {
    return RowDifference{row(), static_cast<RowDifference::Kind>(below(3)), some(3, name)};
  });
  return out;
}

Refill refill() {
  const auto list = [] {
    BucketList out{name(), 3, {}};
    for (std::uint32_t bucket = 0; bucket < 8; ++bucket) {
      if (coin()) out.buckets.push_back(bucket);
    }
    return out;
  };
  return {coin(), some(3, list)};
}

LeftOut left_out() { return coin() ? LeftOut{} : LeftOut{1 + number() / 2, number()}; }

Changes changes() {
  return {position(),        some(3, removal_block), some(3, row_block),
          some(3, conflict), maybe(scan_point),      maybe(checkpoint),
          number(),          maybe(refill),          left_out()};
}

Push push() {
  Push out{sequence(), some(4, [] { return bytes(below(30)); }), id<Hash>()};
  if (coin()) out.was = std::vector<Position>(out.bodies.size(), position());
  if (coin()) out.missing = id<Hash>();
  return out;
}

Ack ack() {
  return {sequence(), instant(),
          some(4,
               [] {
                 return Ack::Item{sequence(), draw_outcome()};
               }),
          position()};
}

SetEdit set_edit() {
  SetEdit edit;
  for (const char* element : {"disabled", "empty-nest", "left-behind", "special"}) {
    const std::size_t fate = below(3);
    if (fate == 1) edit.adds.emplace_back(element);
    if (fate == 2) edit.removes.emplace_back(element);
  }
  return edit;
}

Value fitting(const Column& column) {
  if (below(4) == 0) return {};
  if (column.policy == MergePolicy::set) return format_set(set_edit().adds);
  switch (column.type) {
    case ColumnType::uuid:
      return Value::blob(bytes(16));
    case ColumnType::boolean:
      return Value::integer(coin() ? 1 : 0);
    case ColumnType::real:
      return Value::real(static_cast<double>(integer()) / 8);
    case ColumnType::text:
      return Value::text(text());
    default:
      return Value::integer(integer());
  }
}

Decision decision() { return coin() ? Decision::none : static_cast<Decision>(below(3)); }

CellChange cell(const Table& table, ColumnId column, RowChange::Kind kind) {
  CellChange out{column, Value(), maybe(position)};
  if (kind == RowChange::Kind::remove) return out;
  switch (table.column(column).policy) {
    case MergePolicy::counter:
      out.edit = CounterDelta{integer()};
      break;
    case MergePolicy::set:
      out.edit = set_edit();
      break;
    default:
      out.edit = fitting(table.column(column));
      out.decision = decision();
      break;
  }
  return out;
}

Hello hello() {
  Hello out{small(),
            small(),
            id<DeviceId>(),
            id<Signature>(),
            id<Fingerprint>(),
            id<HubId>(),
            position(),
            id<CommitToken>(),
            sequence(),
            probe(),
            name(),
            number(),
            id<Fingerprint>(),
            id<Fingerprint>(),
            sequence(),
            maybe([] { return number(std::numeric_limits<std::int64_t>::max()); }),
            maybe([] { return number(); }),
            id<Hash>()};
  if (coin()) out.schema_held = out.schema;
  return out;
}

}  // namespace

Value draw_value() {
  switch (below(5)) {
    case 0:
      return {};
    case 1:
      return Value::integer(integer());
    case 2:
      return Value::real(static_cast<double>(integer()) / 16);
    case 3:
      return Value::text(text());
    default:
      return Value::blob(bytes(below(20)));
  }
}

std::vector<Value> draw_column() {
  const std::vector<Value> palette = {draw_value(), draw_value(), draw_value()};
  const std::size_t style = below(3);
  std::vector<Value> out(1 + below(12));
  std::int64_t count = integer();
  for (Value& value : out) {
    count ^= static_cast<std::int64_t>(below(100));
    if (style == 0) value = draw_value();
    if (style == 1) value = Value::integer(count);
    if (style == 2) value = palette[below(palette.size())];
  }
  return out;
}

constexpr std::size_t first_of_recognition = 23;

Message draw_message(std::size_t index) {
  switch (index) {
    case 0:
      return Challenge{small(),         small(),     id<HubId>(),
                       id<PublicKey>(), id<Nonce>(), id<Signature>()};
    case 1:
      return Enrol{small(),         small(),         bytes(below(20)), id<DeviceId>(),
                   id<PublicKey>(), id<Signature>(), probe()};
    case 2:
      return Enrolled{id<HubId>(), text(), text(), name(), scopes(), text(), instant()};
    case 3:
      return hello();
    case 4:
      return Welcome{small(),           number(), instant(),     sequence(), id<Hash>(), scopes(),
                     id<Fingerprint>(), number(), maybe(scopes), coin(),     text()};
    case 5:
      return push();
    case 6:
      return ack();
    case 7:
      return Pull{position(),
                  maybe(scan_point),
                  sequence(),
                  coin(),
                  small(),
                  id<Fingerprint>(),
                  scopes(),
                  some(4, new_column),
                  maybe([] { return some(3, bucket_sums); }),
                  maybe(refill),
                  coin()};
    case 8:
      return Credit{small(), maybe([] { return number(); })};
    case 9:
      return changes();
    case 10:
      return Busy{small()};
    case 11:
      return ErrorMessage{number(), text()};
    case 12:
      return Restart{coin()};
    case 13:
      return Salvage{sequence(), static_cast<std::uint32_t>(1 + below(3)),
                     static_cast<std::uint32_t>(3 + below(3)), number(), some(3, row_block)};
    case 14:
      return Salvaged{sequence(), static_cast<std::uint32_t>(below(64))};
    case 15:
      return Fork{id<DeviceId>(), id<PublicKey>(), id<Signature>()};
    case 16:
      return Forked{id<DeviceId>()};
    case 17:
      return Restored{number(), position(), id<CommitToken>(), sequence(), id<Hash>(), coin()};
    case 18:
      return Compare{number(), static_cast<Compare::Step>(below(3)), some(3, bucket_rows)};
    case 19:
      return Compared{number(), position(),         maybe([] { return some(3, bucket_sums); }),
                      number(), some(3, row_block), some(3, row_block),
                      number()};
    case 20:
      return Healed{sequence().value, some(3, table_difference)};
    case 21:
      return HealNoted{sequence().value};
    case 22:
      return OverBudget{number(), maybe([] { return number(); })};
    default:
      return draw::recognition(index - first_of_recognition);
  }
}

Transaction draw_transaction() {
  Transaction out{position(), {probe(), instant()}, id<Fingerprint>(), {}};
  std::set<RowKey> used;
  for (std::size_t left = below(12); left > 0; --left) {
    const TableId table_id{static_cast<std::uint16_t>(below(3))};
    const Table& table = village_schema().table(table_id);
    const RowId key = table.key_type == ColumnType::uuid
                          ? *RowId::from(bytes(16))
                          : *RowId::from("43122410" + std::to_string(below(5000)));
    if (!used.insert({table_id, key}).second) continue;
    RowChange change{table_id, key, static_cast<RowChange::Kind>(below(3)), maybe(position), {}};
    if (change.kind != RowChange::Kind::insert) change.decision = decision();
    for (std::uint16_t i = 0; i < table.columns.size(); ++i) {
      if (below(3) > 0) change.cells.push_back(cell(table, {i}, change.kind));
    }
    out.changes.push_back(std::move(change));
  }
  if (below(4) == 0) out.resends = id<Hash>();
  return out;
}

RowImage draw_image() {
  RowImage image;
  for (const Column& column : village_schema().table(TableId{0}).columns) {
    image.values.push_back(fitting(column));
  }
  return image;
}

StoredRow draw_exceptions() {
  StoredRow out;
  const Table& table = village_schema().table(TableId{0});
  for (std::uint16_t i = 0; i < table.columns.size(); ++i) {
    if (coin()) continue;
    CellState state{{i}, position(), {}, {}, {}};
    state.contributions = some(3, [&] {
      return Contribution{fitting(table.columns[i]), version()};
    });
    state.elements = some(3, [] { return ElementMark{text(), version()}; });
    if (coin()) state.decision = version();
    out.cells.push_back(std::move(state));
  }
  if (coin()) out.decision = version();
  out.overruled = some(3, [] { return version(); });
  out.taken_along = some(3, [] {
    return RowKey{TableId{static_cast<std::uint16_t>(below(3))}, row()};
  });
  if (coin()) out.merged_into = row();
  return out;
}

Outcome draw_outcome() {
  Outcome out;
  out.kind = static_cast<Outcome::Kind>(below(6));
  out.lost = some(3, [] { return LostCell{name(), row(), coin() ? name() : ""}; });
  if (coin()) out.reason = error(ErrorCode::parent_dead, text());
  out.depends_on = sequence();
  if (coin()) {
    out.broken = BrokenRule{name(), name(), row(), text(), {}};
    out.broken->values = some(3, [] { return std::pair(name(), Value::integer(instant().ms)); });
  }
  return out;
}

}  // namespace doorstep::test
