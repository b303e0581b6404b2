// A phone of the village for the SDK's tests: a replica file in a folder of its own, clocks that a
// test sets, and a small schema with one column of each policy.
#pragma once

#include <memory>
#include <string>

#include "client-sdk/src/replica_internal.hpp"
#include "engine/core/change.hpp"
#include "tests/client/folder.hpp"
#include "tests/client/set_clock.hpp"

namespace doorstep::test {

/// household (with a column of the hub), visit (append-only), supply (a counter) and request (a
/// claim of two columns).
[[nodiscard]] const std::string& small_schema_text();
[[nodiscard]] const Schema& small_schema();

/// What enrolment would have given; scope "v1" and its ancestor "t1".
[[nodiscard]] NewReplica enrolment(std::uint64_t seed = 1);

/// Not the Phone of simulated villages (tests/support/sync_world.hpp): another class, another name.
class ReplicaPhone {
 public:
  explicit ReplicaPhone(std::string path, std::uint64_t seed = 1, ReplicaOptions options = {});
  /// Closes the replica, as a kill would leave it but for what SQLite tidies up, and opens it
  /// again.
  void restart();
  void close();

  /// Each fails the running test with the error's text.
  SqlResult run(const std::string& sql, const Bindings& bindings = {});
  /// Rows as "a|b\nc|d", NULL as "-", blobs in hex.
  std::string read(const std::string& sql);
  /// The error that the statement must give.
  Error refused(const std::string& sql, const Bindings& bindings = {});
  /// Own transactions after `after`, decoded.
  std::vector<Transaction> sent(Sequence after = {});
  [[nodiscard]] ReplicaStatus status();
  /// SQL on the file by an ordinary connection without the SDK; the error, or empty.
  std::string outside(const std::string& sql) const;

  [[nodiscard]] ReplicaSeams seams();
  [[nodiscard]] Replica& replica() { return *replica_; }
  [[nodiscard]] DeviceStore& store();
  [[nodiscard]] const std::string& path() const { return path_; }

  SetClock clock;
  SeededRandom random;
  std::int64_t pages_max = 0;  ///< from the next restart on: a full disk

 private:
  void open();
  std::string path_;
  ReplicaOptions options_;
  std::shared_ptr<Replica> replica_;
  std::unique_ptr<DeviceStore> store_;
};

using Phone = ReplicaPhone;

/// Rows of all sets of a result, as Phone::read prints them.
[[nodiscard]] std::string print(const SqlResult& result);
/// A row's 16-byte id made of one number.
[[nodiscard]] RowId row_id(std::uint8_t number);
/// The same as a binding ":id" and others by name.
[[nodiscard]] Binding id_binding(std::uint8_t number, std::string name = "id");

}  // namespace doorstep::test
