#include "engine/ports/memory_device_store.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "engine/core/digest.hpp"
#include "engine/core/limits.hpp"
#include "engine/core/schema_difference.hpp"
#include "engine/ports/feed_order.hpp"
#include "engine/ports/meant_rows.hpp"
#include "engine/ports/outcome_kinds.hpp"
#include "engine/wire/codec.hpp"

namespace doorstep {
namespace {

std::vector<const RowChange*> changes_in(const std::vector<ObservedChange>& observed) {
  std::vector<const RowChange*> changes;
  changes.reserve(observed.size());
  for (const ObservedChange& one : observed) changes.push_back(one.change);
  return changes;
}

}  // namespace

MemoryDeviceStore::MemoryDeviceStore(const Schema& schema, const Identity& identity)
    : schema_(&schema), view_(schema.fingerprint()), identity_(identity) {}

// Own changes of one row that are in the overlay, with sequence in (after, through].
std::vector<ObservedChange> MemoryDeviceStore::unconfirmed(const RowKey& key, Sequence after,
                                                           Sequence through) const {
  std::vector<ObservedChange> found;
  for (auto it = own_.upper_bound(std::max(after, included_)); it != own_.end(); ++it) {
    if (it->first > through) break;
    if (it->second.refused || it->second.offered_again) continue;
    for (const RowChange& change : it->second.content.changes) {
      if (RowKey{change.table, change.row} == key) {
        found.push_back({&change, it->second.content.observed});
      }
    }
  }
  return found;
}

std::vector<RowKey> MemoryDeviceStore::unconfirmed_rows() const {
  std::set<RowKey> keys;
  for (auto it = own_.upper_bound(included_); it != own_.end(); ++it) {
    if (it->second.refused || it->second.offered_again) continue;
    for (const RowChange& change : it->second.content.changes)
      keys.insert({change.table, change.row});
  }
  return {keys.begin(), keys.end()};
}

// The hub's value, or the last copy of it, with the own changes up to `through` folded in.
std::optional<RowImage> MemoryDeviceStore::folded(const RowKey& key, Sequence through) const {
  std::optional<RowImage> image = base(key);
  if (const auto copy = last_copies_.find(key); !image && copy != last_copies_.end()) {
    image = copy->second.image;
  }
  return fold(schema_->table(key.table), std::move(image),
              changes_in(unconfirmed(key, included_, through)));
}

std::optional<RowImage> MemoryDeviceStore::row(const RowKey& key) const {
  return folded(key, newest);
}

std::map<RowKey, RowImage> MemoryDeviceStore::rows() const {
  std::map<RowKey, RowImage> shown;
  for (const auto& [key, base_row] : base_) shown[key] = base_row.image;
  for (const RowKey& key : unconfirmed_rows()) {
    if (auto image = row(key)) {
      shown[key] = std::move(*image);
    } else {
      shown.erase(key);
    }
  }
  return shown;
}

std::optional<RowImage> MemoryDeviceStore::base(const RowKey& key) const {
  const auto found = base_.find(key);
  if (found == base_.end()) return std::nullopt;
  return found->second.image;
}

Digest MemoryDeviceStore::digest(const ScopeId& scope) const { return digest_in(base_, scope); }

Digest MemoryDeviceStore::digest_in(const BaseRows& rows, const ScopeId& scope) const {
  Digest sum;
  for (const auto& [key, base_row] : rows) {
    if (base_row.scope == scope) {
      sum += digest_of_row(schema_->table(key.table), key.row, base_row.image);
    }
  }
  return sum;
}

std::size_t MemoryDeviceStore::overlay_rows() const { return unconfirmed_rows().size(); }

const Transaction& MemoryDeviceStore::transaction(Sequence sequence) const {
  const auto found = own_.find(sequence);
  DS_ASSERT(found != own_.end());
  return found->second.content;
}

// SEMANTICS B2: a reference to a row that was removed under pending writes was made to its last
// copy.
void MemoryDeviceStore::carry_references(RowChange& change) const {
  const Table& table = schema_->table(change.table);
  for (CellChange& cell : change.cells) {
    const Column& column = table.column(cell.column);
    const auto* value = std::get_if<Value>(&cell.edit);
    if (!column.references || value == nullptr || value->is_null() || cell.observed) continue;
    const auto target = key_of(schema_->table(*column.references), *value);
    if (!target) continue;
    const auto copy = last_copies_.find({*column.references, *target});
    if (copy != last_copies_.end() && copy->second.cursor != cursor_)
      cell.observed = copy->second.cursor;
  }
}

std::optional<RowChange> MemoryDeviceStore::captured(const RowKey& key,
                                                     const std::optional<RowImage>& after) const {
  const Table& table = schema_->table(key.table);
  auto change = net_change(table, key.table, key.row, row(key), after);
  if (!change) return change;
  const auto copy = last_copies_.find(key);
  const Position seen = copy == last_copies_.end() ? cursor_ : copy->second.cursor;
  const auto earlier = unconfirmed(key, included_, newest);
  Carry carry = carry_of(earlier);
  if (copy != last_copies_.end()) carry_unseen(table, copy->second.unseen, carry);
  apply_carry(table, carry, seen, *change);
  if (seen != cursor_ && !change->observed) change->observed = seen;
  carry_references(*change);
  mark_unseen(table, new_columns_, *change);
  return change;
}

Result<std::optional<Sequence>> MemoryDeviceStore::write(std::span<const RowWrite> rows,
                                                         const ClockProbe& clock) {
  Transaction transaction;
  transaction.observed = cursor_;
  transaction.time = {clock, hub_seen_};
  transaction.view = view_;
  std::set<RowKey> done;
  for (const RowWrite& first : rows) {
    if (!done.insert(first.key).second) continue;
    std::optional<RowImage> after;
    for (const RowWrite& write : rows) {
      if (write.key == first.key) after = write.image;
    }
    if (auto change = captured(first.key, after)) transaction.changes.push_back(std::move(*change));
  }
  if (transaction.changes.empty()) return std::optional<Sequence>{};
  OwnTransaction own;
  DS_ASSIGN(own.body, encode_within_limits(*schema_, transaction));
  own.content = std::move(transaction);
  const Sequence sequence = last().next();
  const Hash previous = last() == earlier_ ? Hash{} : own_.rbegin()->second.hash;
  own.hash = chain_hash(previous, identity_.device, told(sequence), own.body);
  own_.emplace(sequence, std::move(own));
  return std::optional<Sequence>{sequence};
}

Result<DeviceState> MemoryDeviceStore::state() {
  DeviceState state;
  state.device = identity_.device;
  state.keys = identity_.keys;
  state.hub = identity_.hub;
  state.hub_key = identity_.hub_key;
  state.epoch = cursor_.epoch();
  state.cursor = cursor_;
  state.token = token_;
  state.last = told(last());
  state.acknowledged = told(acknowledged_);
  state.included = told(included_);
  state.unheld = told(std::max(unheld_, earlier_));
  state.pending = last().value - acknowledged_.value;
  state.successor = successor_;
  state.scopes = scopes_;
  state.held = held_;
  state.expected = expected_;
  state.hub_schema = hub_schema_;
  state.new_columns = new_columns_;
  if (!staged_.empty()) {
    state.staged = staged_.back().next;
    for (const Changes& batch : staged_) state.staged_rows += rows_in(batch);
    state.refill = staged_.front().refill;
  }
  state.differs = differs_;
  state.restoring = recovery_ != Recovery::none;
  if (recovery_ == Recovery::restored && recovering_ > earlier_)
    state.recovering = told(recovering_);
  return state;
}

Result<Push> MemoryDeviceStore::outbox(Sequence after, std::size_t bytes_max) {
  Push push;
  std::size_t bytes = 0;
  if (has_gap() && here(after) == lost_) push.missing = own_.at(lost_).hash;
  for (auto it = own_.upper_bound(std::max(here(after), unheld_)); it != own_.end(); ++it) {
    if (!push.bodies.empty() &&
        (bytes >= bytes_max || push.bodies.size() >= limits::push_transactions_max)) {
      break;
    }
    if (push.bodies.empty()) push.first = told(it->first);
    bytes += it->second.body.size();
    push.bodies.push_back(it->second.body);
    push.was.push_back(position_to_tell(it->second, it->first));
    push.head = it->second.hash;
  }
  const auto never = [](Position was) { return was.value == 0; };
  if (std::all_of(push.was.begin(), push.was.end(), never)) push.was.clear();
  if (push.bodies.empty()) push.missing.reset();
  return push;
}

Status MemoryDeviceStore::acknowledge(const Ack& ack) {
  const Sequence through = here(ack.through);
  if (through > last())
    return error(ErrorCode::unexpected_message, "ack of an unwritten transaction");
  for (const Ack::Item& item : ack.items) {
    const auto own = own_.find(here(item.sequence));
    if (own == own_.end()) continue;
    if (item.outcome.kind == Outcome::Kind::accepted) continue;
    Outcome& outcome = outcomes_[own->first] = item.outcome;
    if (outcome.depends_on.value != 0) outcome.depends_on = here(outcome.depends_on);
    DS_TRY(keep_salvage(item, own->second));
    if (changed_nothing(item.outcome.kind)) own->second.refused = true;
  }
  take_back(ack);
  for (auto it = outcomes_.begin(); it != outcomes_.end() && it->first <= through;) {
    // A verdict that was put off has come after all.
    it = it->second.kind == Outcome::Kind::not_yet ? outcomes_.erase(it) : std::next(it);
  }
  acknowledged_ = std::max(acknowledged_, through);
  hub_seen_ = std::max(hub_seen_, ack.now);
  drop_idle_copies();
  return {};
}

Status MemoryDeviceStore::keep_salvage(const Ack::Item& item, const OwnTransaction& own) {
  if (own.refused || !lacks_row(item.outcome)) return {};
  const auto held = [this](const RowKey& key) -> Result<std::optional<RowImage>> {
    if (auto image = base(key)) return image;
    const auto copy = last_copies_.find(key);
    return copy == last_copies_.end() ? std::optional<RowImage>() : copy->second.image;
  };
  DS_ASSIGN(const HeldRows rows, meant_rows(*schema_, own.content, held));
  const std::vector<Salvage> parts = salvage_of(*schema_, item.sequence, rows);
  if (!parts.empty()) salvage_[here(item.sequence)] = {parts, 0};
  return {};
}

Status MemoryDeviceStore::stage(Changes changes) {
  if (!changes.next || changes.checkpoint) {
    return error(ErrorCode::unexpected_message, "a batch with a checkpoint cannot be staged");
  }
  const auto staged = staged_.empty() ? std::nullopt : staged_.back().next;
  const bool fits = changes.refill || continues(*changes.next, cursor_, staged);
  if (changes.from != cursor_ || !fits) {
    return error(ErrorCode::unexpected_message, "a batch that does not continue the cursor");
  }
  if (changes.refill) staged_.clear();
  staged_.push_back(std::move(changes));
  return {};
}

void MemoryDeviceStore::drop_idle_copies() {
  std::erase_if(last_copies_, [&](const auto& entry) {
    return unconfirmed(entry.first, included_, newest).empty();
  });
}

Result<std::vector<BucketSums>> MemoryDeviceStore::bucket_sums() {
  std::vector<BucketSums> tables;
  const std::map<RowKey, RowImage> shown = rows();
  for (std::size_t i = 0; i < schema_->tables().size(); ++i) {
    const TableId id{static_cast<std::uint16_t>(i)};
    const Table& table = schema_->table(id);
    const auto mine = [&](const auto& entry) { return entry.first.table == id; };
    BucketSums sums{table.name, 0, {}};
    sums.bits = bucket_bits_for(
        static_cast<std::uint64_t>(std::count_if(shown.begin(), shown.end(), mine)));
    sums.sums.resize(std::size_t{1} << sums.bits);
    for (const auto& [key, row] : base_) {
      if (key.table == id) add_to_bucket(table, key.row, row.image, sums);
    }
    tables.push_back(std::move(sums));
  }
  return tables;
}

void MemoryDeviceStore::damage(const RowKey& key, const std::optional<RowImage>& image) {
  if (!image) {
    base_.erase(key);
  } else {
    base_[key].image = *image;
  }
}

Status MemoryDeviceStore::drop_staged() {
  staged_.clear();
  return {};
}

Status MemoryDeviceStore::note_welcome(const Welcome& welcome, const ClockProbe& /*at*/) {
  scopes_ = welcome.scopes;
  if (!welcome.schema_text.empty()) hub_schema_ = welcome.schema;
  if (welcome.visible) expected_ = *welcome.visible;
  hub_seen_ = std::max(hub_seen_, welcome.now);
  return {};
}

void MemoryDeviceStore::take_schema(const Schema& schema) {
  const SchemaDifference difference = difference_of(*schema_, schema);
  DS_ASSERT(difference.is_additive());
  schema_ = &schema;
  new_columns_.insert(new_columns_.end(), difference.columns.begin(), difference.columns.end());
  std::sort(new_columns_.begin(), new_columns_.end());
  staged_.clear();  // of a pull that did not ask for what is new
  for (auto& [key, row] : base_) row.image.values.resize(schema.table(key.table).columns.size());
  for (auto& [key, copy] : last_copies_)
    copy.image.values.resize(schema.table(key.table).columns.size());
}

}  // namespace doorstep
