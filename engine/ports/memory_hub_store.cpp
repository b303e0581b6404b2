#include "engine/ports/memory_hub_store.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/schema_difference.hpp"
#include "engine/ports/memory_hub_snapshot.hpp"
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
    return work_.device(id);
  }
  Result<std::optional<ComparisonRecord>> comparison(const DeviceId& id) override {
    return work_.comparison(id);
  }
  Status put_comparison(const ComparisonRecord& record) override {
    work_.comparisons[record.device] = record;
    return {};
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
  return memory_hub_snapshot(shared_->state);
}

}  // namespace doorstep
