// Everything that a MemoryHubStore holds at one position, and the questions that are asked of it. A
// commit works on a copy; items of the feed are shared between copies, because they are never
// changed in place.
#pragma once

#include <map>
#include <memory>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "engine/core/limits.hpp"
#include "engine/ports/feed_order.hpp"
#include "engine/ports/hub_store.hpp"
#include "engine/ports/memory_hub_duplicates.hpp"
#include "engine/ports/memory_hub_epochs.hpp"

namespace doorstep {

using MemoryFeedItem =
    std::variant<std::shared_ptr<const StoredRow>, std::shared_ptr<const Departure>,
                 std::shared_ptr<const Conflict>>;

struct MemoryHubState {
  std::shared_ptr<const SchemaHistory> schemas;
  Position head;
  std::map<Position, CommitToken> tokens;
  std::map<Position, Instant> times;  ///< of commits
  std::map<FeedKey, MemoryFeedItem> feed;
  /// Where in `feed` a row, departure or conflict stands.
  std::map<RowKey, FeedKey> rows;
  std::map<std::tuple<RowKey, Position, ScopeId>, FeedKey> departures;
  std::map<ConflictId, FeedKey> conflicts;
  std::uint64_t ordinals = 0;  ///< given so far

  std::map<DeviceId, DeviceRecord> devices;
  std::map<DeviceId, ComparisonRecord> comparisons;
  std::map<std::pair<DeviceId, Sequence>, TransactionRecord> transactions;
  std::vector<QuarantineRecord> quarantine;  ///< oldest first
  std::map<Hash, TransactionId> resent;      ///< by the hash of the one that was refused
  /// By epoch only those of sequence 0.
  std::map<std::tuple<DeviceId, Sequence, std::uint64_t, std::uint32_t>, Salvage> salvage;
  FallenRows fallen;
  std::map<DeviceId, std::vector<PastGrant>> past_grants;
  std::map<Hash, CodeRecord> codes;
  std::map<std::pair<ScopeId, TableId>, ColumnDigests> digests;
  std::map<RowKey, StoredRow> dead;  ///< collected
  std::map<ScopeId, Position> floors;
  std::int64_t horizon_ms = limits::horizon_ms_default;
  MemoryDuplicatesState duplicates;
  MemoryEpochsState epochs;

  [[nodiscard]] std::optional<DeviceRecord> device(const DeviceId& id) const;
  [[nodiscard]] std::optional<ComparisonRecord> comparison(const DeviceId& id) const;
  void put(const QuarantineRecord& record);
  [[nodiscard]] std::optional<QuarantineRecord> quarantined(const TransactionId& id) const;
  [[nodiscard]] std::optional<QuarantineRecord> quarantined(const Hash& hash) const;
  /// Newest first.
  [[nodiscard]] std::vector<QuarantineRecord> quarantined(const QuarantineQuery& query) const;
  void put(const DeviceId& device, const Salvage& salvage, Position commit);
  [[nodiscard]] std::vector<Salvage> salvage_of(const DeviceId& device, Sequence sequence) const;
  void remove_salvage(const DeviceId& device, Sequence sequence);
  void put(const Schema& schema, const StoredRow& row);
  void put(const Departure& departure);
  void put(const Conflict& conflict);
  /// Null when there is none.
  [[nodiscard]] const StoredRow* find(const RowKey& key) const;
  [[nodiscard]] std::vector<RowId> children(const Schema& schema, const ChildQuery& query) const;
  [[nodiscard]] const Conflict* find(const ConflictId& id) const;
  [[nodiscard]] std::vector<Conflict> conflicts_of(const RowKey& key) const;
  /// Newest first.
  [[nodiscard]] std::vector<Conflict> list(const ConflictQuery& query) const;
  [[nodiscard]] std::vector<Departure> departures_of(const RowKey& key) const;
  [[nodiscard]] Collected collect(const CollectRequest& request);
  void recount(const Schema& schema, std::span<const ScopeId> scopes);
  [[nodiscard]] FeedBatch read_feed(const FeedRequest& asked) const;
  [[nodiscard]] bool leaves_out(const FeedRequest& request, const MemoryFeedItem& item) const;
  [[nodiscard]] std::vector<ScopeId> feed_scopes() const;
  /// Everything that is held, in terms of a schema that adds to the newest one.
  void take_schema(const Schema& schema, Instant now, Position position);

 private:
  [[nodiscard]] bool may_go(const MemoryFeedItem& item, const CollectRequest& request) const;
  void take_away(const MemoryFeedItem& item, Collected& collected);
  FeedKey next_key(Position position, std::string_view part, const FeedKey* previous);
};

}  // namespace doorstep
