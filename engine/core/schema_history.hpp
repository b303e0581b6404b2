// Every schema that a hub ever had. Devices work on older ones for as long as they like: the
// history says what each of them knows of the newest. Immutable; safe to share between threads.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/schema.hpp"
#include "engine/core/schema_view.hpp"
#include "engine/core/time.hpp"

namespace doorstep {

class SchemaHistory {
 public:
  struct Entry {
    Schema schema;
    Position since;        ///< the commit that brought it; zero for the one that the hub began with
    Instant applied;       ///< when, on the hub's clock
    SchemaView view = {};  ///< what it knows of the newest
  };

  /// Oldest first, at least one.
  explicit SchemaHistory(std::vector<Entry> entries);

  [[nodiscard]] const Schema& newest() const { return entries_.back().schema; }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  /// The newest one with this fingerprint; null when this hub never had one.
  [[nodiscard]] const Entry* find(const Fingerprint& fingerprint) const;
  /// What somebody on that schema knows of the newest. Everything for one that this hub never had:
  /// it is newer, and schemas only grow.
  [[nodiscard]] const SchemaView& view_of(const Fingerprint& fingerprint) const;

 private:
  std::vector<Entry> entries_;
};

}  // namespace doorstep
