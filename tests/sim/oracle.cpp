#include "tests/sim/oracle.hpp"

#include <algorithm>
#include <set>

#include "engine/core/hash.hpp"
#include "engine/wire/codec.hpp"
#include "tests/sim/village.hpp"
#include "tests/support/history_difference.hpp"

namespace doorstep::sim {
namespace {

constexpr std::size_t conflicts_max = 1'000'000;

std::string row_name(const RowKey& key) {
  return village().table(key.table).name + " " + to_hex(key.row.view());
}

std::string text_of(const test::NaiveLoser& loser) {
  const auto& [table, row, column, value, author, position, state] = loser;
  return table + " " + to_hex({reinterpret_cast<const std::uint8_t*>(row.data()), row.size()}) +
         " " + column + "=" + value + " by " + author + " in " +
         std::to_string(Position{position}.number()) + ", " + state;
}

std::optional<std::int64_t> amount_of(const CellChange& cell) {
  if (const auto* delta = std::get_if<CounterDelta>(&cell.edit)) return delta->amount;
  const auto* value = std::get_if<Value>(&cell.edit);
  if (value == nullptr || value->kind() != Value::Kind::integer) return std::nullopt;
  return value->as_integer();
}

std::set<test::NaiveLoser> records_of(HubSnapshot& hub) {
  std::set<test::NaiveLoser> all;
  const auto records = hub.conflicts({{}, {}, conflicts_max}).value();
  for (const Conflict& conflict : records) {
    for (test::NaiveLoser& loser : test::losers_of(village(), conflict))
      all.insert(std::move(loser));
  }
  return all;
}

// Does it go on from what the hub has of the device? What does not is another's history.
bool continues(const PushRequest& request, const DeviceOnHub& device) {
  const Push& push = request.push;
  const bool gap = push.first > device.merged.next();
  if (push.first.value == 0 || (gap && !push.missing)) return false;
  // Of what went with a reset, or is missing, the hub knows the newest hash.
  const auto known = [&](Sequence sequence) {
    const auto found = device.taken.find(sequence);
    if (found != device.taken.end()) return std::optional(found->second);
    return sequence == device.merged ? std::optional(device.head) : std::nullopt;
  };
  std::optional<Hash> before = push.first.value == 1 ? Hash{} : push.missing;
  if (!gap && push.first.value > 1) before = known(Sequence{push.first.value - 1});
  if (!before) return false;
  Hash hash = *before;
  for (std::size_t i = 0; i < push.bodies.size(); ++i) {
    const Sequence sequence = push.number_of(i);
    hash = chain_hash(hash, request.device, sequence, push.bodies[i]);
    if (sequence <= device.merged && hash != known(sequence)) return false;
    if (sequence > device.merged && i + 1 == push.bodies.size() && hash != push.head) return false;
  }
  return true;
}

bool has_unknown_state(const Schema& schema, const Transaction& content) {
  for (const RowChange& change : content.changes) {
    for (const CellChange& cell : change.cells) {
      const Column& column = schema.table(change.table).column(cell.column);
      const auto* value = std::get_if<Value>(&cell.edit);
      if (column.policy != MergePolicy::ranked || value == nullptr || value->is_null()) continue;
      if (std::find(column.states.begin(), column.states.end(), value->as_text()) ==
          column.states.end())
        return true;
    }
  }
  return false;
}

bool waits_for_hub(const Schema& schema, const Result<Transaction>& content) {
  if (content) return has_unknown_state(schema, *content);
  const ErrorCode code = content.error().code;
  return code == ErrorCode::unknown_table || code == ErrorCode::unknown_column;
}

/// Of the schema that its author saw whole; a hub that never had it takes it for a newer one.
const SchemaView* view_on(std::uint32_t version, const Transaction& content) {
  for (std::uint32_t known = 1; known <= version; ++known) {
    if (village(known).fingerprint() == content.view) return &view_of(version, known);
  }
  return &view_of(version, version);
}

// Of one request; stamps rise with the sequence.
void add_new(const PushRequest& request, Instant hub_now, std::uint32_t version,
             DeviceOnHub& device, std::vector<Incoming>& out) {
  const Push& push = request.push;
  if (request.fork || !continues(request, device)) return;
  std::vector<Stamp> stamps;
  const std::size_t first = out.size();
  if (push.first > device.merged.next()) device.head = *push.missing;
  for (std::size_t i = 0; i < push.bodies.size(); ++i) {
    const Sequence sequence = push.number_of(i);
    if (sequence <= device.merged) continue;
    auto content = decode_transaction(village(version), push.bodies[i]);
    if (waits_for_hub(village(version), content)) break;
    device.head = chain_hash(device.head, request.device, sequence, push.bodies[i]);
    device.merged = sequence;
    device.taken[sequence] = device.head;
    if (!content) continue;
    Incoming one{{}, request.clock, request.clock_met, hub_now};
    one.transaction.id = {request.device, sequence, device.head};
    one.transaction.content = *std::move(content);
    one.transaction.view = view_on(version, one.transaction.content);
    stamps.push_back(stamp_of(one.transaction.content.time, request.clock, request.clock_met));
    out.push_back(std::move(one));
  }
  if (stamps.empty()) return;
  make_rising(stamps, device.last_stamp);
  for (std::size_t i = 0; i < stamps.size(); ++i) out[first + i].transaction.stamp = stamps[i];
  device.last_stamp = stamps.back();
}

}  // namespace

std::vector<Incoming> new_transactions(std::span<const PushRequest> requests, Instant hub_now,
                                       std::uint32_t version,
                                       std::map<DeviceId, DeviceOnHub>& devices) {
  std::vector<Incoming> all;
  for (const PushRequest& request : requests)
    add_new(request, hub_now, version, devices[request.device], all);
  return all;
}

Oracle::Oracle() : model_(village(1)) {}

void Oracle::grow(const Schema& schema, Position position) {
  if (!beyond_model_) model_.grow(schema, position);
}

void Oracle::take(std::span<const IncomingTransaction> accepted, Position position) {
  static const TableId supply = *village().find_table("supply");
  static const TableId fund = *village().find_table("fund_entry");
  for (const IncomingTransaction& one : accepted) {
    for (const RowChange& change : one.content.changes) {
      const RowKey key{change.table, change.row};
      if (change.decision != Decision::none) beyond_model_ = true;
      if (change.kind == RowChange::Kind::insert) note_place(key, change);
      for (const CellChange& cell : change.cells) {
        const auto amount = amount_of(cell);
        if (!amount) continue;
        if (key.table == supply) sums_[{key, cell.column}] += *amount;
        if (key.table == fund && change.kind == RowChange::Kind::insert) entries_[key] = *amount;
      }
    }
  }
  if (!beyond_model_) static_cast<void>(model_.commit(accepted, position));
}

// Where it was inserted, by what its scope comes from: the village, or the row that it hangs on.
void Oracle::note_place(const RowKey& key, const RowChange& change) {
  const auto dead = model_.rows().find(key);
  if (dead != model_.rows().end() && !dead->second.live) {
    // It lives anew. Whether what died with it may come back then, the model does not say.
    for (const auto& [other, row] : model_.rows()) {
      if (!row.live && row.death && row.death->root == key && other != key)
        strangers_.insert(other);
    }
  }
  const Table& table = village().table(key.table);
  if (table.scope.kind == ScopeRule::Kind::key) return;
  for (const CellChange& cell : change.cells) {
    const auto* here = std::get_if<Value>(&cell.edit);
    if (cell.column != table.scope.column || here == nullptr) continue;
    const auto known = model_.rows().find(key);
    const bool elsewhere =
        known != model_.rows().end() && model_.shown(key).values[table.scope.column.index] != *here;
    const auto [before, first] = inserted_in_.emplace(key, *here);
    if (elsewhere || (!first && before->second != *here)) strangers_.insert(key);
    before->second = *here;
  }
}

void Oracle::forget_collected(HubSnapshot& hub) {
  for (const auto& [key, row] : model_.rows()) {
    if (row.live || collected_.contains(key)) continue;
    const auto stored = hub.row(key).value();
    if (stored && stored->collected) collected_.insert(key);
  }
}

std::string Oracle::sums_differ(HubSnapshot& hub) const {
  for (const auto& [cell, sum] : sums_) {
    const auto& [key, column] = cell;
    const auto row = hub.row(key).value();
    const Value shown = row ? row->image.values[column.index] : Value::null();
    const std::int64_t found = shown.is_null() ? 0 : shown.as_integer();
    if (!row || !row->live || found != sum)
      return row_name(key) + " counts " + std::to_string(found) + " and not " + std::to_string(sum);
  }
  for (const auto& [key, amount] : entries_) {
    const auto row = hub.row(key).value();
    if (!row || !row->live || row->image.values[1] != Value::integer(amount))
      return row_name(key) + " is not in the fund as it was written";
  }
  return {};
}

std::string Oracle::losers_differ(HubSnapshot& hub) const {
  // What one author did to one cell in one hub commit is one record, also two deletes of one row.
  const auto all = model_.losers();
  const std::set<test::NaiveLoser> model(all.begin(), all.end());
  const std::set<test::NaiveLoser> records = records_of(hub);
  std::set<std::string> left_out;
  for (const RowKey& key : strangers_) left_out.emplace(key.row.text());
  const auto counts = [&](const test::NaiveLoser& loser) {
    return !left_out.contains(std::get<1>(loser));
  };
  for (const auto& loser : model) {
    if (counts(loser) && !records.contains(loser))
      return "a losing value is on no record: " + text_of(loser);
  }
  for (const auto& loser : records) {
    if (counts(loser) && !model.contains(loser))
      return "a record of a value that did not lose: " + text_of(loser);
  }
  return {};
}

std::string Oracle::difference(HubSnapshot& hub, bool with_losers) const {
  if (auto found = sums_differ(hub); !found.empty() || beyond_model_) return found;
  for (const auto& [key, expected] : model_.rows()) {
    const auto row = hub.row(key).value();
    if (!row) return "the hub does not know " + row_name(key);
    // Late edits do not bring back a row whose values were collected (docs/limitations.md), and
    // what is inserted under its id begins anew.
    if (row->collected || collected_.contains(key) || strangers_.contains(key)) continue;
    if (row->live != expected.live)
      return row_name(key) + (row->live ? " lives at the hub only" : " is dead at the hub only");
    if (!row->live) continue;
    if (row->scope != expected.scope) return row_name(key) + " is in scope " + row->scope.code;
    const RowImage image = model_.shown(key);
    if (image != row->image)
      return row_name(key) + "\n  should be " + test::text_of(image.values) + "\n  the hub   " +
             test::text_of(row->image.values);
  }
  return with_losers ? losers_differ(hub) : std::string();
}

}  // namespace doorstep::sim
