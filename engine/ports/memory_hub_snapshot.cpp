#include "engine/ports/memory_hub_snapshot.hpp"

#include <algorithm>
#include <utility>

namespace doorstep {
namespace {

class MemoryHubSnapshot final : public HubSnapshot {
 public:
  explicit MemoryHubSnapshot(std::shared_ptr<const MemoryHubState> state)
      : state_(std::move(state)) {}

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
    return state_->device(id);
  }
  Result<std::optional<ComparisonRecord>> comparison(const DeviceId& id) override {
    return state_->comparison(id);
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
  Result<std::optional<std::string>> signed_by(Position position) override {
    const auto found = state_->epochs.signed_by.find(position);
    if (found == state_->epochs.signed_by.end()) return std::optional<std::string>();
    return std::optional(found->second);
  }

 private:
  template <class Visit>
  void each_live_row(const Visit& visit) const {
    for (const auto& [key, place] : state_->rows) {
      const StoredRow& row = *std::get<std::shared_ptr<const StoredRow>>(state_->feed.at(place));
      if (row.live) visit(row);
    }
  }

  std::shared_ptr<const MemoryHubState> state_;
};

}  // namespace

std::unique_ptr<HubSnapshot> memory_hub_snapshot(std::shared_ptr<const MemoryHubState> state) {
  return std::make_unique<MemoryHubSnapshot>(std::move(state));
}

}  // namespace doorstep
