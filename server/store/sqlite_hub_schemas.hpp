// The schemas of a hub's database: ds_schema keeps the text of every one it ever had, and the
// statements that are made for a schema are kept as long as the store, so that a commit or snapshot
// speaks of the schema of its own moment while another process brings a newer one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include "server/store/sqlite_hub_connection.hpp"
#include "server/store/sqlite_hub_schema.hpp"

namespace doorstep {

class HubSchemas {
 public:
  using Load = std::function<Result<Schema>(std::string_view text)>;

  /// `load` makes a schema from its text; used under a lock.
  explicit HubSchemas(Load load) : load_(std::move(load)) {}

  /// What holds in the connection's open transaction; read from the database when it is new here.
  /// Thread-safe; valid as long as this object.
  [[nodiscard]] Result<const HubSql*> current(HubConnection& hub);
  /// The newest that current() has met. Precondition: it has met one. Thread-safe.
  [[nodiscard]] const HubSql& newest() const;
  /// A commit of this process brought schema `number`: it need not be read from its text.
  void know(std::int64_t number, const Schema& schema);

 private:
  [[nodiscard]] Result<std::unique_ptr<HubSql>> read(HubConnection& hub);

  Load load_;
  mutable std::mutex mutex_;                                          // guards what follows
  std::map<std::int64_t, std::unique_ptr<const HubSql>> statements_;  // by number of the newest
  std::map<std::int64_t, Schema> known_;
};

/// Records a schema and makes what it adds to the newest one. Inside a write transaction; the
/// caller has seen that it is additive. Gives its number.
[[nodiscard]] Result<std::int64_t> add_hub_schema(HubConnection& hub, const Schema& from,
                                                  const Schema& to, Position since, Instant now);

}  // namespace doorstep
