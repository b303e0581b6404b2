#include "tests/client/two_stores.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "client-sdk/src/base_scan.hpp"
#include "client-sdk/src/pending_rows.hpp"
#include "engine/session/merge_pushes.hpp"
#include "engine/sqlite/database.hpp"
#include "tests/support/test_link.hpp"

namespace doorstep::test {
namespace {

bool changed_nothing(const Outcome& outcome) {
  return outcome.kind == Outcome::Kind::rejected || outcome.kind == Outcome::Kind::depends_on ||
         outcome.kind == Outcome::Kind::quarantined;
}

std::string difference_of(const DeviceState& a, const DeviceState& b) {
  if (a.device != b.device || a.hub != b.hub) return "identity";
  if (a.hub_key != b.hub_key) return "the hub's fingerprint";
  if (a.epoch != b.epoch || a.cursor != b.cursor || a.token != b.token) return "cursor";
  if (a.last != b.last) return "last";
  if (a.acknowledged != b.acknowledged) return "acknowledged";
  if (a.included != b.included) return "included";
  if (a.pending != b.pending) return "pending";
  if (a.scopes != b.scopes) return "scopes";
  return a.staged == b.staged ? "" : "staged";
}

}  // namespace

TwoStores::TwoStores(std::uint64_t seed) : world_(seed), random_(seed * 104'729 + 1) {
  for (const char* scope : {"X", "Y", "T"})
    others_.push_back(&world_.add_phone(std::string("other ") + scope, {scope}));
  own_ = &world_.add_phone("own", {"X"});
  const DeviceState state = own_->store->state().value();
  file_ = std::make_unique<VillageReplica>(
      MemoryDeviceStore::Identity{state.device, state.keys, state.hub, state.hub_key});
}

Value TwoStores::text() { return Value::text(std::to_string(random_.below(100))); }

SyncWorld::Write TwoStores::edited_house(const RowId& id, const RowImage& image) {
  switch (random_.below(6)) {
    case 0:
      return {"household", id,
              with(world_.schema, "household", image,
                   {{"village_code", Value::text(random_.below(2) == 0 ? "X" : "Y")}})};
    case 1:
      return {"household", id, std::nullopt};
    case 2:
      return {
          "household", id,
          with(world_.schema, "household", image,
               {{"boxes", random_.below(4) == 0
                              ? Value::null()
                              : Value::integer(static_cast<int>(random_.below(50)))},
                {"tags", random_.below(2) == 0 ? Value::text(R"(["elder"])") : Value::null()}})};
    default:
      return {"household", id,
              with(world_.schema, "household", image,
                   {{"phone", text()},
                    {"note", text()},
                    {"claimed_by", random_.below(3) == 0 ? Value::null() : text()}})};
  }
}

SyncWorld::Write TwoStores::random_row(const MemoryDeviceStore& store) {
  std::vector<std::pair<RowKey, RowImage>> rows;
  for (const auto& row : store.rows()) {
    const std::string& table = world_.schema.table(row.first.table).name;
    if (table == "household" || table == "resident") rows.push_back(row);
  }
  const std::uint64_t choice = random_.below(10);
  if (choice == 0 || houses_.empty()) {
    const RowId id = numbered(++next_);
    houses_.insert(id);
    return {"household", id,
            image_of(world_.schema, "household",
                     {{"village_code", Value::text(random_.below(5) == 0 ? "Y" : "X")}})};
  }
  if (choice < 4 || rows.empty()) {
    // Any house that ever was: moved away and deleted ones too.
    const RowId house =
        *std::next(houses_.begin(), static_cast<std::ptrdiff_t>(random_.below(houses_.size())));
    const char* const table = choice == 1 ? "visit" : "resident";
    return {table, numbered(++next_),
            image_of(world_.schema, table, {{"household_id", key_value(house)}})};
  }
  const auto& [key, image] = rows[random_.below(rows.size())];
  if (world_.schema.table(key.table).name == "household") return edited_house(key.row, image);
  if (random_.below(5) == 0) return {"resident", key.row, std::nullopt};
  return {"resident", key.row,
          with(world_.schema, "resident", image,
               {{"phone", text()},
                {"pressure", Value::integer(static_cast<int>(random_.below(200)))}})};
}

std::vector<SyncWorld::Write> TwoStores::random_rows(const MemoryDeviceStore& store) {
  std::vector<SyncWorld::Write> rows;
  for (std::uint64_t i = 1 + random_.below(3); i > 0; --i) {
    SyncWorld::Write row = random_row(store);
    if (row.table == "household" && !row.image) return with_all_below(store, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

/// A file takes what hangs on a household along by itself; the store of plain maps is told.
std::vector<SyncWorld::Write> TwoStores::with_all_below(const MemoryDeviceStore& store,
                                                        const SyncWorld::Write& house) {
  std::vector<SyncWorld::Write> rows;
  for (const auto& [key, image] : store.rows()) {
    const Table& table = world_.schema.table(key.table);
    if (table.scope.kind != ScopeRule::Kind::via) continue;
    if (image.values[table.scope.column.index] == key_value(house.id))
      rows.push_back({table.name, key.row, std::nullopt});
  }
  rows.push_back(house);
  return rows;
}

void TwoStores::write() {
  const auto rows = random_rows(*own_->store);
  world_.write(*own_, rows);
  file_->write(rows);
}

void TwoStores::others_write() {
  Phone& other = *others_[random_.below(others_.size())];
  sync(world_, other);
  world_.write(other, random_rows(*other.store));
  if (random_.below(3) != 0) sync(world_, other);
}

// Some refusals reach the phone as those of a hub that has lost the row: it keeps what it held.
void TwoStores::acknowledge(Ack ack) {
  for (Ack::Item& item : ack.items) {
    met_.rejected += item.outcome.kind == Outcome::Kind::rejected ? 1U : 0U;
    met_.dependent += item.outcome.kind == Outcome::Kind::depends_on ? 1U : 0U;
    if (item.outcome.kind != Outcome::Kind::rejected || item.sequence.value % 2 == 0) continue;
    item.outcome = {};
    item.outcome.kind = Outcome::Kind::quarantined;
    item.outcome.reason = error(ErrorCode::row_unknown);
  }
  if (!own_->store->acknowledge(ack) || !file_->store().acknowledge(ack)) broken_ = "acknowledge";
}

void TwoStores::hand_over() {
  const auto salvage = own_->store->salvage().value();
  if (!salvage) return;
  ++met_.salvaged;
  const Salvaged confirmed{salvage->sequence, salvage->part};
  const bool both = own_->store->salvaged(confirmed) && file_->store().salvaged(confirmed);
  if (!both) broken_ = "salvaged";
}

void TwoStores::push(bool whole) {
  const DeviceState state = own_->store->state().value();
  const std::size_t bytes = whole ? ~std::size_t{0} : random_.below(600);
  const Push sent = own_->store->outbox(state.acknowledged, bytes).value();
  if (sent.bodies.empty()) return;
  const std::vector<PushRequest> requests{{state.device, sent, world_.clocks(*own_), world_.now}};
  const auto results =
      merge_pushes(*world_.hub, world_.log, requests, world_.now, world_.new_token());
  if (!results.front()) {
    broken_ = "push: " + results.front().error().text();
  } else if (whole || random_.below(3) != 0) {  // else the answer is lost
    acknowledge(results.front()->ack);
  }
}

void TwoStores::take(const Changes& changes) {
  if (changes.next) {
    if (!own_->store->stage(changes) || !file_->store().stage(changes)) broken_ = "stage";
    return;
  }
  const auto model = own_->store->apply(changes);
  const auto made = file_->store().apply(changes);
  if (!model || !made) {
    broken_ = "apply: " + (made ? model.error() : made.error()).text();
    return;
  }
  const bool equal = model->rows_removed == made->rows_removed &&
                     model->rows_written == made->rows_written &&
                     model->conflicts == made->conflicts && model->differing == made->differing &&
                     model->reconciled == made->reconciled && model->own_needed == made->own_needed;
  if (!equal) broken_ = "what a checkpoint did";
  if (!made->differing.empty()) broken_ = "digest of " + made->differing.front().code;
  met_.conflicts += made->conflicts;
  met_.own_taken += !made->own_needed && changes.own_left_out.rows > 0 ? 1U : 0U;
  own_needed_ = made->own_needed;
}

// What the hub would be told by a comparison.
void TwoStores::compare_stores(const std::vector<BucketSums>& sums) {
  Compare rows{1, Compare::Step::rows};
  for (const BucketSums& table : sums) {
    BucketRows all{{table.table, table.bits, {}}, {}, {}};
    for (std::uint32_t i = 0; i < table.sums.size(); ++i) all.list.buckets.push_back(i);
    rows.tables.push_back(std::move(all));
  }
  for (const Compare& one : {Compare{1, Compare::Step::sums}, rows}) {
    if (own_->store->compare(one).value() != file_->store().compare(one).value())
      broken_ = "a comparison";
  }
}

// Both sum up the same rows; what differs from the hub is then stated anew.
void TwoStores::begin_reconcile(Pull& asked) {
  REQUIRE(own_->store->drop_staged().ok());
  REQUIRE(file_->store().drop_staged().ok());
  asked.scan.reset();
  asked.refill.reset();
  asked.new_scopes.clear();
  asked.new_columns.clear();
  asked.sums = own_->store->bucket_sums().value();
  if (asked.sums != file_->store().bucket_sums().value()) broken_ = "the sums of buckets";
  ++met_.reconciles;
  compare_stores(*asked.sums);
}

void TwoStores::pull(bool whole) {
  DeviceState state = own_->store->state().value();
  auto snapshot = world_.hub->snapshot().value();
  const DeviceRecord record = snapshot->device(state.device).value().value();
  Welcome welcome;
  welcome.scopes = record.scopes;
  welcome.now = world_.now;
  const auto visible = visible_scopes(record.scopes, snapshot->scope_tree().value());
  if (state.expected != visible) welcome.visible = visible;
  const ClockProbe clock = world_.clocks(*own_);
  REQUIRE(own_->store->note_welcome(welcome, clock).ok());
  REQUIRE(file_->store().note_welcome(welcome, clock).ok());
  if (welcome.visible && state.staged) {
    REQUIRE(own_->store->drop_staged().ok());
    REQUIRE(file_->store().drop_staged().ok());
  }
  state = own_->store->state().value();
  if (state.staged) ++met_.resumed;
  Pull asked = next_pull(state);
  asked.credit = 1;
  if (std::exchange(own_needed_, false)) {
    asked.own_left_out = false;
    ++met_.own_needed;
  }

  HubPull pull({1 + random_.below(6), 1 << 20});
  if (random_.below(whole ? 2 : 5) == 0) begin_reconcile(asked);
  Hello hello;
  hello.device = state.device;
  hello.cursor = state.cursor;
  hello.schema = world_.schema.fingerprint();
  pull.begin(hello, visible, record.merged, state.acknowledged);
  REQUIRE(pull.on_pull(asked).ok());
  std::uint64_t messages = whole ? ~std::uint64_t{0} : random_.below(8);
  for (; messages > 0 && broken_.empty(); --messages) {
    const auto question = pull.next_question();
    if (!question) return;
    const auto answer = answer_feed(*world_.hub->snapshot().value(), *question);
    REQUIRE(answer.ok());
    const HubPull::Said said = pull.on_answer(*answer, world_.now);
    if (said.ack) acknowledge(*said.ack);
    if (!whole && said.ack && random_.below(3) == 0) return;  // cut between the two
    if (said.changes) take(*said.changes);
    if (own_needed_) return this->pull(whole);
    pull.on_credit(1);
    if (!whole && random_.below(5) == 0) others_write();
  }
}

void TwoStores::step() {
  world_.pass(static_cast<std::int64_t>(random_.below(60'000)));
  file_->clock.now = world_.clocks(*own_);
  const std::uint64_t choice = random_.below(20);
  if (choice < 9) {
    write();
  } else if (choice < 13) {
    others_write();
  } else if (choice < 15) {
    push(false);
  } else if (choice < 19) {
    pull(false);
    if (random_.below(2) == 0) hand_over();
  } else {
    file_->restart();
  }
}

void TwoStores::settle() {
  for (Phone* other : others_) sync(world_, *other);
  push(true);
  pull(true);
  push(true);
  pull(true);
}

std::string TwoStores::difference() {
  if (!broken_.empty()) return broken_;
  MemoryDeviceStore& model = *own_->store;
  const DeviceState state = model.state().value();
  const DeviceState other = file_->store().state().value();
  if (auto found = difference_of(state, other); !found.empty()) return found;
  if (model.rows() != file_->rows()) return "rows shown";
  const auto kept = model.outbox(state.included, ~std::size_t{0}).value();
  if (kept != file_->store().outbox(state.included, ~std::size_t{0}).value()) return "the outbox";
  if (model.salvage().value() != file_->store().salvage().value()) return "rows kept for the hub";
  const auto conflicts = file_->number("SELECT count(*) FROM ds_conflict");
  if (static_cast<std::size_t>(conflicts) != model.conflicts().size()) return "conflicts";
  const auto refused = std::count_if(model.outcomes().begin(), model.outcomes().end(),
                                     [](const auto& one) { return changed_nothing(one.second); });
  if (file_->number("SELECT count(*) FROM ds_rejected") != refused) return "rejected transactions";
  met_.copies += file_->number("SELECT copies FROM ds_state") > 0 ? 1U : 0U;
  auto db = sqlite::Database::open(file_->path(), {}).value();
  const auto overlay = PendingRows(db, world_.schema).keys().value();
  if (overlay.size() != model.overlay_rows()) return "rows in the overlay";
  const BaseDigests digests = scan_base(db, world_.schema).value();
  // A file does not know the scope of a row whose parent was deleted.
  const bool orphans = digests.scopes.contains(ScopeId{});
  Digest total;
  for (const char* code : {"T", "X", "Y"}) {
    const Digest wanted = model.digest(ScopeId{code});
    total += wanted;
    const auto found = digests.scopes.find(ScopeId{code});
    const Digest made = found == digests.scopes.end() ? Digest{} : found->second;
    if (!orphans && made != wanted) return std::string("the digest of ") + code;
  }
  return total == digests.total ? "" : "the digest";
}

std::string TwoStores::difference_from_hub() {
  const auto report = file_->replica().verify();
  if (!report || !report->ok()) return "verify";
  if (!file_->replica().status().value().up_to_date) return "not up to date";
  return world_.difference(*own_);
}

}  // namespace doorstep::test
