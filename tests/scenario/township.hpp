// What a scenario plays in: a township hub as a real process, and volunteers' phones on the public
// SDK. Everything checks itself: a call that fails ends the test with its reason.
#pragma once

#include <doorstep/enrol.hpp>
#include <doorstep/replica.hpp>
#include <doorstep/sync.hpp>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "engine/ports/clock.hpp"
#include "tests/support/cast.hpp"

namespace doorstep::test {

inline const std::string qiaojiang = "431224103";  ///< 桥江镇, the township of the pilot village
inline const std::string next_village = "431224103201";  ///< another village of the same township

/// A serving hub in a scratch folder of its own. `schema_file` empty: the village schema.
class Township {
 public:
  explicit Township(const std::string& name, const std::string& schema_file = {});

  [[nodiscard]] TownshipHub& hub() { return hub_; }
  [[nodiscard]] const TownshipHub& hub() const { return hub_; }
  /// doorstepd ARGS; must succeed. Gives its standard output.
  std::string command(const std::vector<std::string>& arguments) const;
  /// The same, as JSON lines.
  [[nodiscard]] std::vector<Json> lines(std::vector<std::string> arguments) const;
  /// First column of the first row of the hub's own database, by plain sqlite3.
  [[nodiscard]] std::string read(const std::string& select) const;
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.file(name); }

 private:
  ScratchFolder folder_;
  TownshipHub hub_;
};

/// A volunteer with an enrolled phone, through the public SDK only.
class Volunteer {
 public:
  /// `clock`: what the phone takes for the time; null: the system's. Outlives the volunteer.
  Volunteer(Township& township, const std::string& name, const std::string& scopes = dushi,
            const std::string& role = "volunteer", const Clock* clock = nullptr);

  /// One local transaction; works without a hub.
  void write(const std::string& sql, const Bindings& bindings = {});
  /// Syncs until up to date.
  SyncReport sync();
  /// All rows of one SELECT: values joined by '|', rows by line breaks, ids in hexadecimal.
  [[nodiscard]] std::string read(const std::string& select);
  /// A new id, in hexadecimal, for rows that the story names.
  [[nodiscard]] std::string new_id();
  [[nodiscard]] ReplicaStatus status();
  [[nodiscard]] std::vector<ConflictInfo> conflicts();
  /// "3 on this phone, 1 need attention"; empty when every record is simply at the township.
  [[nodiscard]] std::string receipts();
  /// Where one record is, by its receipt: the name of the state. One at the township also says
  /// since which position and when, or the test fails.
  [[nodiscard]] std::string receipt(const std::string& table, const std::string& id);
  [[nodiscard]] Replica& replica() { return *replica_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& role() const { return role_; }
  [[nodiscard]] const Enrolment& enrolment() const { return enrolment_; }

 private:
  std::string name_;
  std::string role_;
  std::string file_;
  const Clock* clock_;
  Enrolment enrolment_;
  std::shared_ptr<Replica> replica_;
};

/// Each syncs, in this order, twice: what one sent, the others have.
void all_sync(std::initializer_list<Volunteer*> volunteers);

/// Every replica has nothing pending and no receipt that waits, is up to date and verifies; the
/// digests that two of one role hold of one scope are equal, and equal the hub's by scan.
void check_all_equal(const Township& township, std::initializer_list<Volunteer*> volunteers);

}  // namespace doorstep::test
