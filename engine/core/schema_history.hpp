// Every schema that a hub ever had. Devices work on older ones for as long as they like: the
// history says what each of them knows of the newest, and what of that its role lets it see.
// Immutable; safe to share between threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/schema.hpp"
#include "engine/core/schema_view.hpp"
#include "engine/core/time.hpp"

namespace doorstep {

class SchemaHistory {
 public:
  struct Entry {
    Schema schema;
    Position since;   ///< the commit that brought it; zero for the one that the hub began with
    Instant applied;  ///< when, on the hub's clock
  };

  /// Oldest first, at least one.
  explicit SchemaHistory(std::vector<Entry> entries);

  [[nodiscard]] const Schema& newest() const { return entries_.back().schema; }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  /// The newest one with this fingerprint; null when this hub never had one.
  [[nodiscard]] const Entry* find(const Fingerprint& fingerprint) const;
  /// What somebody of that role on that schema sees of the newest. A schema that this hub never had
  /// counts as the newest: schemas only grow.
  [[nodiscard]] const SchemaView& view_of(const Fingerprint& fingerprint,
                                          std::string_view role) const;
  /// What that role may see and write of the newest.
  [[nodiscard]] const RoleRights& rights_of(std::string_view role) const;

 private:
  struct OfRole {
    std::string name;
    RoleRights rights;
    std::vector<SchemaView> views;  // as entries_
  };
  [[nodiscard]] const OfRole& find_role(std::string_view role) const;

  std::vector<Entry> entries_;
  std::vector<OfRole> roles_;  // the last one is of those that the newest does not name
};

}  // namespace doorstep
