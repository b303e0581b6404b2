#include "engine/ports/memory_hub_store.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/schema_difference.hpp"
#include "engine/ports/memory_hub_state.hpp"

namespace doorstep {

struct MemoryHubStore::Shared {
  /// All that ever were: references to them stay valid.
  std::vector<std::shared_ptr<const SchemaHistory>> schemas;
  HubIdentity identity;
  Rules rules;
  std::shared_ptr<const MemoryHubState> state;
  bool open_commit = false;
};

namespace {

std::optional<DeviceRecord> find_device(const MemoryHubState& state, const DeviceId& id) {
  const auto found = state.devices.find(id);
  return found == state.devices.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

class MemoryHubStore::Commit final : public HubCommit {
 public:
  explicit Commit(std::shared_ptr<Shared> shared)
      : shared_(std::move(shared)),
        work_(*shared_->state),
        position_(Position::of(work_.epochs.epochs.back().epoch, work_.head.number() + 1)) {
    shared_->open_commit = true;
  }
  ~Commit() override { end(); }
  Commit(const Commit&) = delete;
  Commit& operator=(const Commit&) = delete;

  Position position() const override { return position_; }
  const SchemaHistory& schemas() const override { return *shared_->state->schemas; }
  Status put_schema(const Schema& schema, Instant now) override {
    DS_ASSERT(difference_of(schemas().newest(), schema).is_additive());
    work_.take_schema(schema, now, position_);
    return {};
  }

  Result<std::optional<DeviceRecord>> device(const DeviceId& id) override {
    return find_device(work_, id);
  }
  Status put_device(const DeviceRecord& device) override {
    work_.devices[device.id] = device;
    return {};
  }
  Result<std::vector<std::optional<StoredRow>>> fetch(TableId table,
                                                      std::span<const RowId> ids) override {
    std::vector<std::optional<StoredRow>> rows;
    rows.reserve(ids.size());
    for (const RowId& id : ids) {
      const StoredRow* row = work_.find({table, id});
      rows.push_back(row != nullptr ? std::optional(*row) : std::nullopt);
    }
    return rows;
  }
  Result<std::vector<RowId>> children(const ChildQuery& query) override {
    return work_.children(schemas().newest(), query);
  }
  Result<std::vector<Conflict>> conflicts_of(const RowKey& key) override {
    return work_.conflicts_of(key);
  }
  Result<std::vector<Departure>> departures(const RowKey& key) override {
    return work_.departures_of(key);
  }
  Result<std::vector<PastGrant>> past_grants(const DeviceId& device) override {
    const auto found = work_.past_grants.find(device);
    return found != work_.past_grants.end() ? found->second : std::vector<PastGrant>();
  }
  Status put_past_grant(const DeviceId& device, const PastGrant& grant) override {
    work_.past_grants[device].push_back(grant);
    return {};
  }
  Result<std::optional<TransactionRecord>> transaction(const DeviceId& device,
                                                       Sequence sequence) override {
    const auto found = work_.transactions.find({device, sequence});
    if (found == work_.transactions.end()) return std::optional<TransactionRecord>();
    return std::optional(found->second);
  }
  Status put_rows(std::span<const StoredRow> rows) override {
    for (const StoredRow& row : rows) work_.put(schemas().newest(), row);
    return {};
  }
  Status put_departures(std::span<const Departure> departures) override {
    for (const Departure& departure : departures) work_.put(departure);
    return {};
  }
  Status put_conflicts(std::span<const Conflict> conflicts) override {
    for (const Conflict& conflict : conflicts) work_.put(conflict);
    return {};
  }
  Status put_transactions(std::span<const TransactionRecord> transactions) override {
    for (const TransactionRecord& record : transactions) {
      work_.transactions[{record.id.device, record.id.sequence}] = record;
    }
    return {};
  }
  Status put_quarantine(const QuarantineRecord& record) override {
    work_.put(record);
    return {};
  }
  Result<std::optional<QuarantineRecord>> quarantined(const TransactionId& id) override {
    return work_.quarantined(id);
  }
  Result<std::optional<QuarantineRecord>> quarantined(const Hash& hash) override {
    return work_.quarantined(hash);
  }
  Result<std::optional<TransactionId>> resent(const Hash& original) override {
    const auto found = work_.resent.find(original);
    return found == work_.resent.end() ? std::nullopt : std::optional(found->second);
  }
  Status put_resent(const Hash& original, const TransactionId& by) override {
    work_.resent.insert_or_assign(original, by);
    return {};
  }
  Result<std::vector<Hash>> quarantined_hashes(const DeviceId& device, Sequence sequence) override {
    std::vector<Hash> hashes;
    for (const QuarantineRecord& held : work_.quarantine) {
      const bool asked = held.id.device == device && held.id.sequence == sequence;
      if (asked) hashes.push_back(held.id.hash);
    }
    return hashes;
  }
  Status put_salvage(const DeviceId& device, const Salvage& salvage) override {
    work_.put(device, salvage, position_);
    return {};
  }
  Status remove_salvage(const DeviceId& device, Sequence sequence) override {
    work_.remove_salvage(device, sequence);
    return {};
  }
  Result<std::vector<Salvage>> salvage(const DeviceId& device, Sequence sequence) override {
    return work_.salvage_of(device, sequence);
  }
  Status add_digests(const DigestChanges& changes) override {
    for (const auto& [place, added] : changes.sums()) {
      ColumnDigests& sums = work_.digests[place];
      sums.resize(std::max(sums.size(), added.size()));
      for (std::size_t i = 0; i < added.size(); ++i) sums[i] += added[i];
    }
    return {};
  }
  Status recount_digests(std::span<const ScopeId> scopes) override {
    work_.recount(schemas().newest(), scopes);
    return {};
  }
  Result<Collected> collect(const CollectRequest& request) override {
    return work_.collect(request);
  }
  Status put_horizon(std::int64_t horizon_ms) override {
    work_.horizon_ms = horizon_ms;
    return {};
  }
  Result<std::optional<BrokenRule>> check_rules(std::span<const RowKey> written) override {
    if (!shared_->rules) return std::optional<BrokenRule>();
    return shared_->rules(*this, written);
  }
  Result<std::vector<FallenRow>> fallen(const DeviceId& device) override {
    std::vector<FallenRow> rows;
    for (auto at = work_.fallen.lower_bound({device, RowKey{}});
         at != work_.fallen.end() && at->first.first == device; ++at) {
      rows.push_back({device, at->first.second, at->second});
    }
    return rows;
  }
  Status put_fallen(std::span<const FallenRow> rows) override {
    for (const FallenRow& row : rows) {
      if (row.root) {
        work_.fallen.insert_or_assign({row.author, row.key}, *row.root);
      } else {
        work_.fallen.erase({row.author, row.key});
      }
    }
    return {};
  }
  Status put_code(const CodeRecord& code) override {
    work_.codes[code.secret_hash] = code;
    return {};
  }
  Result<std::optional<CodeRecord>> take_code(const Hash& secret_hash, Instant now) override {
    std::erase_if(work_.codes, [&](const auto& held) { return held.second.expires <= now; });
    const auto found = work_.codes.find(secret_hash);
    if (found == work_.codes.end()) return std::optional<CodeRecord>();
    std::optional<CodeRecord> code(std::move(found->second));
    work_.codes.erase(found);
    return code;
  }
  HubDuplicates& duplicates() override { return duplicates_; }
  HubEpochs& epochs() override { return epochs_; }
  Status savepoint(const std::function<Status()>& work) override {
    MemoryHubState before = work_;
    Status status = work();
    if (!status) work_ = std::move(before);
    return status;
  }

  Status commit(Instant now, const CommitToken& token) override {
    DS_ASSERT(open_);
    work_.times[position_] = now;
    work_.head = position_;
    work_.tokens[position_] = token;
    if (work_.schemas != shared_->schemas.back()) shared_->schemas.push_back(work_.schemas);
    shared_->identity.epoch = position_.epoch();
    shared_->state = std::make_shared<const MemoryHubState>(std::move(work_));
    end();
    return {};
  }

 private:
  void end() {
    if (std::exchange(open_, false)) shared_->open_commit = false;
  }

  std::shared_ptr<Shared> shared_;
  MemoryHubState work_;
  MemoryHubDuplicates duplicates_{work_.duplicates};
  Position position_;
  MemoryHubEpochs epochs_{work_.epochs, position_};
  bool open_ = true;
};

class MemoryHubStore::Snapshot final : public HubSnapshot {
 public:
  explicit Snapshot(std::shared_ptr<const Shared> shared)
      : shared_(std::move(shared)), state_(shared_->state) {}

  Position head() const override { return state_->head; }
  const SchemaHistory& schemas() const override { return *state_->schemas; }
  Result<std::optional<CommitToken>> token(Position position) override {
    const auto found = state_->tokens.find(position);
    if (found == state_->tokens.end()) return std::optional<CommitToken>();
    return std::optional(found->second);
  }
  Result<FeedBatch> feed(const FeedRequest& request) override { return state_->read_feed(request); }
  using HubSnapshot::digests;
  Result<std::vector<Digest>> digests(std::span<const ScopeId> scopes,
                                      const SchemaView& view) override {
    std::vector<Digest> sums(scopes.size());
    for (std::size_t i = 0; i < scopes.size(); ++i) {
      for (auto at = state_->digests.lower_bound({scopes[i], TableId{}});
           at != state_->digests.end() && at->first.first == scopes[i]; ++at) {
        sums[i] += sum_shown(at->second, at->first.second, view);
      }
    }
    return sums;
  }
  Result<std::vector<Digest>> scan_digests(std::span<const ScopeId> scopes) override {
    std::map<ScopeId, Digest> sums;
    each_live_row([&](const StoredRow& row) {
      sums[row.scope] += digest_of_row(schemas().newest().table(row.table), row.id, row.image);
    });
    std::vector<Digest> out;
    for (const ScopeId& scope : scopes) {
      const auto found = sums.find(scope);
      out.push_back(found != sums.end() ? found->second : Digest{});
    }
    return out;
  }
  Result<std::optional<DeviceRecord>> device(const DeviceId& id) override {
    return find_device(*state_, id);
  }
  Result<std::vector<DeviceRecord>> devices() override {
    std::vector<DeviceRecord> out;
    for (const auto& [id, device] : state_->devices) out.push_back(device);
    return out;
  }
  Result<std::vector<TransactionRecord>> transactions(const DeviceId& device, Sequence after,
                                                      Sequence through) override {
    std::vector<TransactionRecord> out;
    for (auto at = state_->transactions.upper_bound({device, after});
         at != state_->transactions.end() && at->first.first == device &&
         at->first.second <= through;
         ++at) {
      out.push_back(at->second);
    }
    return out;
  }
  Result<std::vector<Conflict>> conflicts(const ConflictQuery& query) override {
    return state_->list(query);
  }
  Result<std::optional<Conflict>> conflict(const ConflictId& id) override {
    const Conflict* found = state_->find(id);
    return found != nullptr ? std::optional(*found) : std::nullopt;
  }
  Result<std::vector<Conflict>> conflicts_of(const RowKey& key) override {
    return state_->conflicts_of(key);
  }
  Result<std::vector<QuarantineRecord>> quarantine(const QuarantineQuery& query) override {
    return state_->quarantined(query);
  }
  Result<std::vector<Salvage>> salvage(const DeviceId& device, Sequence sequence) override {
    return state_->salvage_of(device, sequence);
  }
  Result<std::optional<Instant>> committed_at(Position position) override {
    const auto found = state_->times.find(position);
    return found == state_->times.end() ? std::nullopt : std::optional(found->second);
  }
  Result<std::vector<Duplicate>> duplicates(bool only_open, std::size_t count_max) override {
    return state_->duplicates.list(only_open, count_max);
  }
  Result<std::vector<std::pair<ScopeId, ScopeId>>> scope_tree() override {
    std::vector<std::pair<ScopeId, ScopeId>> tree;
    const auto& declared = schemas().newest().tree();
    if (!declared) return tree;
    each_live_row([&](const StoredRow& row) {
      if (row.table != declared->table) return;
      const Value& parent = row.image.values[declared->parent.index];
      tree.emplace_back(ScopeId{std::string(row.id.text())},
                        ScopeId{parent.is_null() ? std::string() : std::string(parent.as_text())});
    });
    return tree;
  }
  Result<std::vector<ScopeId>> scopes() override {
    std::vector<ScopeId> out;
    each_live_row([&](const StoredRow& row) { out.push_back(row.scope); });
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }
  Result<std::optional<StoredRow>> row(const RowKey& key) override {
    const StoredRow* found = state_->find(key);
    return found != nullptr ? std::optional(*found) : std::nullopt;
  }

  Status scan(TableId table, std::span<const ScopeId> scopes,
              const std::function<bool(const RowId&)>& wanted,
              const std::function<Status(StoredRow)>& visit) override {
    std::vector<StoredRow> found;
    each_live_row([&](const StoredRow& row) {
      const bool inside = std::find(scopes.begin(), scopes.end(), row.scope) != scopes.end();
      if (row.table == table && inside && wanted(row.id)) found.push_back(row);
    });
    for (StoredRow& row : found) DS_TRY(visit(std::move(row)));
    return {};
  }
  Result<std::vector<ScopeId>> feed_scopes() override { return state_->feed_scopes(); }
  Result<Position> floor(std::span<const ScopeId> scopes) override {
    Position highest;
    for (const ScopeId& scope : scopes) {
      const auto found = state_->floors.find(scope);
      if (found != state_->floors.end()) highest = std::max(highest, found->second);
    }
    return highest;
  }
  Result<Position> committed_by(Instant time) override {
    Position newest;
    for (const auto& [position, at] : state_->times) {
      if (at > time) break;
      newest = position;
    }
    return newest;
  }
  Result<std::int64_t> horizon_ms() override { return state_->horizon_ms; }
  Result<std::vector<EpochRecord>> epochs() override { return state_->epochs.epochs; }
  Result<std::vector<GapRecord>> gaps(const DeviceId& device) override {
    return state_->epochs.gaps_of(device);
  }
  Result<Position> backed_up() override { return state_->epochs.backed_up; }

 private:
  template <class Visit>
  void each_live_row(const Visit& visit) const {
    for (const auto& [key, place] : state_->rows) {
      const StoredRow& row = *std::get<std::shared_ptr<const StoredRow>>(state_->feed.at(place));
      if (row.live) visit(row);
    }
  }

  std::shared_ptr<const Shared> shared_;
  std::shared_ptr<const MemoryHubState> state_;
};

MemoryHubStore::MemoryHubStore(Schema schema, HubIdentity identity)
    : shared_(std::make_shared<Shared>()) {
  shared_->schemas.push_back(std::make_shared<const SchemaHistory>(
      std::vector<SchemaHistory::Entry>{{std::move(schema), Position{}, Instant{}}}));
  shared_->identity = std::move(identity);
  MemoryHubState empty;
  empty.schemas = shared_->schemas.back();
  empty.epochs.epochs.push_back({shared_->identity.epoch});
  shared_->state = std::make_shared<const MemoryHubState>(std::move(empty));
}

MemoryHubStore::~MemoryHubStore() = default;
MemoryHubStore::MemoryHubStore(const MemoryHubStore& other)
    : shared_(std::make_shared<Shared>(*other.shared_)) {}

void MemoryHubStore::set_rules(Rules rules) { shared_->rules = std::move(rules); }

const Schema& MemoryHubStore::schema() const { return shared_->schemas.back()->newest(); }
const HubIdentity& MemoryHubStore::identity() const { return shared_->identity; }

Result<std::unique_ptr<HubCommit>> MemoryHubStore::begin() {
  if (shared_->open_commit) return error(ErrorCode::busy, "another commit is open");
  return std::unique_ptr<HubCommit>(std::make_unique<Commit>(shared_));
}

Result<std::unique_ptr<HubSnapshot>> MemoryHubStore::snapshot() {
  return std::unique_ptr<HubSnapshot>(std::make_unique<Snapshot>(shared_));
}

}  // namespace doorstep
