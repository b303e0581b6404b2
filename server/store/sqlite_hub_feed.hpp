// The feed of a hub (FeedRequest) read from SQLite in two passes over one snapshot: first the keys
// alone, from the (scope, position) indexes of every part, cut down to the nearest that the request
// has room for; then the items themselves, in order. So no statement stays open for each of a
// thousand scopes, and no row is read that is not sent.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/ports/feed_order.hpp"
#include "server/store/sqlite_hub_connection.hpp"
#include "server/store/sqlite_hub_schema.hpp"

namespace doorstep {

class SqliteHubFeed {
 public:
  /// `head` is the snapshot's. All references outlive the reader.
  SqliteHubFeed(HubConnection& hub, const HubSql& sql, const FeedRequest& request, Position head);

  /// Once.
  [[nodiscard]] Result<FeedBatch> read();

 private:
  struct Key {
    Position position;
    std::uint32_t part =
        0;  // index into HubSql::feed_parts, which stand in the order of their names
    std::int64_t row = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  // Items of a part are wanted strictly after (position, row).
  struct Start {
    std::int64_t position = 0;
    std::int64_t row = 0;
  };

  struct Scope {
    std::int64_t number = 0;
    ScopeId code;
  };

  [[nodiscard]] static Start after_scan(const HubFeedPart& part, const ScanPoint& scan);
  [[nodiscard]] Start start_of(const HubFeedPart& part, const Scope& scope,
                               const ScanPoint& scan) const;
  [[nodiscard]] const Scope* find_scope(std::int64_t number) const;
  [[nodiscard]] Status find_scopes();
  [[nodiscard]] Status collect_keys();
  [[nodiscard]] Status collect(std::uint32_t part, const Scope& scope);
  [[nodiscard]] Status find_author();
  [[nodiscard]] Status collect_but_own(std::uint32_t part, const Scope& scope);
  [[nodiscard]] Status collect_own_conflicts();
  [[nodiscard]] Status collect_own_conflicts(const PastIdentity& loser);
  void add(Key key);
  [[nodiscard]] Status take(const Key& key, FeedBatch& batch);
  [[nodiscard]] Result<std::uint64_t> count_after(const ScanPoint& scan);
  [[nodiscard]] Result<std::uint64_t> still_to_come(const ScanPoint& scan, std::size_t taken);
  void bind_keys(const HubQuery& query, const HubFeedPart& part, std::int64_t scope, Start start,
                 std::int64_t count_max) const;

  HubConnection& hub_;
  const HubSql& sql_;
  const FeedRequest& request_;
  Position head_;
  Position removals_after_;
  std::vector<Scope> scopes_;  // ascending by number
  std::vector<Key> keys_;
  std::size_t
      room_;  // keys worth having: one more than the batch holds, to know that there is more
  std::int64_t last_wanted_;  // keys of a later position are surely not among them
  std::size_t bytes_ = 0;
  std::optional<std::int64_t> author_;  // whose own inserts are left out
  LeftOut own_left_out_;
};

}  // namespace doorstep
