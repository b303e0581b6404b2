// Looks into a phone's file from outside, past all faults: what the checks read.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "client-sdk/src/base_scan.hpp"
#include "client-sdk/src/held_scopes.hpp"
#include "client-sdk/src/replica_state.hpp"
#include "engine/core/row.hpp"
#include "engine/sqlite/database.hpp"
#include "tests/sim/sim_disk.hpp"

namespace doorstep::sim {

class PhoneWindow {
 public:
  /// Of a damaged file everything may be an error.
  PhoneWindow(SimDisk& disk, const std::string& path);
  ~PhoneWindow();
  PhoneWindow(const PhoneWindow&) = delete;
  PhoneWindow& operator=(const PhoneWindow&) = delete;

  [[nodiscard]] Result<ReplicaState> state();
  /// Of the village's schema that it is on.
  [[nodiscard]] std::uint32_t version();
  /// The hub's values, by reading every row.
  [[nodiscard]] Result<BaseDigests> base();
  [[nodiscard]] Result<std::map<RowKey, RowImage>> shown();
  /// How many rows have unconfirmed own writes.
  [[nodiscard]] Result<std::size_t> overlay_rows();
  /// The scopes of its last checkpoint.
  [[nodiscard]] Result<std::vector<ScopeId>> held();
  struct Own {
    Sequence sequence;
    Hash hash;
    Bytes body;
    bool waits = false;  ///< not rejected
  };
  /// Own transactions after `after`, as far as they are kept; ascending.
  [[nodiscard]] Result<std::vector<Own>> written(Sequence after);
  [[nodiscard]] Result<std::int64_t> number(const std::string& sql);

 private:
  SimDisk& disk_;
  std::optional<sqlite::Database> db_;  ///< none: the file cannot be opened
  std::uint32_t version_ = 1;           ///< that was read last
};

}  // namespace doorstep::sim
