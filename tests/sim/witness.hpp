// What the checks know: everything that was said to be so, kept outside of the machines that may
// forget it. The rule that a check holds stands beside it as a sentence.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/core/digest.hpp"
#include "engine/ports/hub_store.hpp"
#include "engine/session/merge_pushes.hpp"
#include "tests/sim/context.hpp"
#include "tests/sim/oracle.hpp"
#include "tests/sim/phone_window.hpp"
#include "tests/sim/village.hpp"

namespace doorstep {
struct Applied;
struct Imported;
struct RescuedWork;
}  // namespace doorstep

namespace doorstep::sim {

class SimDisk;
class SimPhone;

class Witness {
 public:
  explicit Witness(Context& context) : context_(context) {}

  // What phones tell.
  void wrote(SimPhone& phone);    ///< after a local write
  void started(SimPhone& phone);  ///< its process opened the replica
  void acknowledged(SimPhone& phone, const Ack& ack);
  void checkpoint(SimPhone& phone, const Applied& applied);
  void up_to_date(SimPhone& phone);
  /// An image of its disk was taken, to which it or a copy may go back.
  void image_taken(const SimPhone& phone);
  /// `phone` has the disk of the newest image of `from` and knows nothing else.
  void became_image(const SimPhone& phone, const SimPhone& from);
  /// A value on it is not what was written: until a reconcile it may differ from the hub.
  void rotted(const SimPhone& phone);
  [[nodiscard]] bool is_rotten(const SimPhone& phone);
  /// Own rows that the hub left out are as many as here and not the same.
  void own_differed(SimPhone& phone);
  /// Its file is damaged; `silently`: work may be gone that nothing on it speaks of any more.
  void damaged(const SimPhone& phone, bool silently);
  [[nodiscard]] bool is_damaged(const SimPhone& phone) const;
  [[nodiscard]] bool loses_silently(const SimPhone& phone) const;
  /// A sealed file of its work was found.
  void sealed(const SimPhone& phone, const RescuedWork& work);
  /// It was rescued or found sound, and opens, with the rows that it had or with none.
  void looked_after(SimPhone& phone, bool with_rows);
  /// There is no replica any more.
  void lost_its_keys(const SimPhone& phone);
  /// Its app has taken a newer schema.
  void upgraded(SimPhone& phone);
  /// It is enrolled as a new device with an empty replica.
  void began_anew(const SimPhone& phone);
  /// It called the hub as it is now.
  void connected(SimPhone& phone);
  /// The hub told it that it has lost something.
  void heard_of_loss(SimPhone& phone);

  // What the hub tells.
  void merging(std::span<const PushRequest> requests, Instant hub_now);
  void merged(HubStore& hub);         ///< or not: nothing of it then
  void hub_committed(HubStore& hub);  ///< something else
  void hub_started(HubStore& hub);
  void pair_was_decided() { oracle_.goes_beyond_model(); }
  void took_in(const RescuedWork& work, const Imported& done);
  void hub_stopped() { hub_ = nullptr; }
  /// Of the village's schema that the hub is on.
  [[nodiscard]] std::uint32_t hub_version() const { return hub_version_; }
  void watch_hub(SimDisk& disk) { hub_disk_ = &disk; }
  /// Its files were copied; copies count from zero.
  void hub_backed_up();
  /// They are those of that copy. `sure`: it knows that, and gives no position once more.
  void hub_went_back(std::size_t copy, bool sure);
  /// It has no rows any more, and was told so.
  void hub_began_anew();
  [[nodiscard]] bool hub_lost_something() const { return generation_ > 0; }
  [[nodiscard]] bool hub_is_faulty() const;
  /// Its clock was set: what it says of times is not asked any more.
  void hub_clock_was_set() { hub_time_is_true_ = false; }

  /// What the phone differs in from the hub, with the hub up; empty when in nothing.
  [[nodiscard]] std::string difference(SimPhone& phone);
  /// With everything healed and equal: does the hub show what it should?
  void compare_hub();

 private:
  struct Written {
    TransactionId id;  ///< as the hub counts
    std::optional<std::int64_t> true_ms;
    BootId boot;
  };
  /// What a replica was told and holds. Numbers are its own: a copy counts on (SEMANTICS C5).
  struct Phone {
    std::map<Sequence, Written> written;
    Sequence last;
    Sequence acked;
    Sequence included;  ///< by a checkpoint
    Position cursor;
    bool rotten = false;
    bool damaged = false;
    bool loses_silently = false;
    std::uint64_t reported_lost = 0;  ///< by rescues since it was damaged
    std::uint32_t version = 0;        ///< of its schema; zero: it was not started yet
    std::uint32_t filled = 0;         ///< the version of which a checkpoint has brought everything
    std::uint64_t connected = 0;      ///< the generation of the hub that it called last
    std::uint64_t generation = 0;     ///< that told it what it knows
    bool catches_up = false;          ///< until a reconcile, after the hub lost something
    Sequence unheld;                  ///< through there it keeps nothing (SEMANTICS G1)
    Sequence lost_after;              ///< it knows that those in (lost_after, lost] are missing
    Sequence lost;
    std::map<RowKey, RowImage> held;  ///< the hub's rows when it heard that the hub lost something
    std::set<RowKey> last_copies;     ///< of them it had to hand over
    Sequence thrown_away;             ///< through there its work went with a hub that was reset
  };
  /// Digests by scope, for each version of the schema what a phone on it can see.
  using ViewSums = std::array<std::map<ScopeId, Digest>, village_versions>;
  /// What the hub has of an identity; copies of a phone share one.
  struct Device {
    std::int64_t late_ms = 0;  ///< the longest that a Hello was under way
    DeviceOnHub hub;
    Instant corrected;  ///< of its newest transaction at the hub
    Position passed;    ///< the furthest cursor of those that go by it
    Sequence acked;     ///< of what is merged
    std::map<Sequence, Hash> refused;
    std::map<Sequence, Position> merged_in;
    std::set<Hash> set_aside;  ///< of copies, kept for a person
    bool lost_at_hub = false;
    bool wrote_unseen = false;                        ///< on a damaged file
    std::map<Position, std::vector<ScopeId>> grants;  ///< from which position on
    std::set<RowKey> fallen_rows;  ///< that only refused transactions would have made
  };
  /// What goes back with the hub's files.
  struct HubPast {
    std::map<DeviceId, Device> devices;
    std::map<Position, std::int64_t> committed_ms;
    std::map<Position, CommitToken> line;
    std::map<ScopeId, Position> floors;
    Oracle oracle;
    std::vector<Incoming> pending;
    std::map<DeviceId, DeviceOnHub> after_pending;
    std::vector<Incoming> waiting;
    std::map<DeviceId, std::vector<GapRecord>> gaps;
    Position head;
  };
  struct Once {
    Position position;
    std::int64_t ms = 0;
  };
  void record(SimPhone& phone, bool just_now);
  void record_on_damaged(SimPhone& phone, bool just_now);
  void note_written(SimPhone& phone, const ReplicaState& state, const PhoneWindow::Own& one,
                    bool just_now);
  [[nodiscard]] static bool follows(const Phone& own, const ReplicaState& state,
                                    std::span<const PhoneWindow::Own> all,
                                    const PhoneWindow::Own& one);
  void account_for_loss(const SimPhone& phone, const std::set<Hash>& here, Sequence last);
  void look_back(SimPhone& phone, const ReplicaState& state);
  void look_at_reset(SimPhone& phone, const ReplicaState& state);
  void check_kept(SimPhone& phone, const ReplicaState& state);
  [[nodiscard]] bool is_listed(const TransactionId& id);
  /// One that the hub has taken; true: it stands.
  bool note_taken(const Incoming& one, const TransactionRecord& found, HubSnapshot& snapshot);
  [[nodiscard]] bool is_loss_excused(const Phone& own, const TransactionId& id, Sequence sequence);
  void check_again(const Incoming& one, const Outcome& outcome);
  void check_opened(SimPhone& phone);
  void note_refused(const Phone& own, const ReplicaState& state, const Ack& ack);
  void look_at_rows(SimPhone& phone, const ReplicaState& state);
  /// Rows that it changes or hangs something on.
  [[nodiscard]] static std::vector<RowKey> builds_on(const Transaction& transaction);
  [[nodiscard]] std::string waits_in_vain(HubSnapshot& snapshot);
  [[nodiscard]] std::string rows_lost(HubSnapshot& snapshot);
  void take_whole(HubSnapshot& snapshot);
  void take_parts(HubSnapshot& snapshot);
  void look_at_waiting(HubSnapshot& snapshot);
  [[nodiscard]] bool is_on_line(const std::pair<Position, CommitToken>& at) const;
  void note_commits(HubSnapshot& snapshot, const ViewSums& rows);
  void forget_hub();
  void check_carry(SimPhone& phone, std::span<const PhoneWindow::Own> own, Sequence included);
  void check_told(SimPhone& phone, const ReplicaState& state);
  void check_unseen(SimPhone& phone, const Phone& own, ByteView body);
  void check_version(SimPhone& phone, const ReplicaState& state);
  void note_hub_version(HubSnapshot& snapshot);
  [[nodiscard]] ViewSums sums_by_view(HubSnapshot& snapshot,
                                      const std::map<ScopeId, Digest>& whole);
  /// The hub has the transaction: merged or refused under its hash, or set aside.
  [[nodiscard]] bool has(const TransactionId& id);
  [[nodiscard]] std::string lost_work();
  void look_at_set_aside(HubSnapshot& snapshot);
  void check_fate(const Incoming& one, const Outcome& outcome, HubSnapshot& snapshot);
  [[nodiscard]] static std::vector<TransactionRecord> records_of(HubSnapshot& snapshot,
                                                                 const Incoming& one);
  void look_at_hub(HubSnapshot& snapshot);
  void check_rights(const Incoming& one, const Outcome& outcome, HubSnapshot& snapshot);
  void look_at_devices(HubSnapshot& snapshot);
  void check_floor(HubSnapshot& snapshot);
  void check_times(const Incoming& one, const TransactionRecord& record);
  [[nodiscard]] std::string rows_differ(SimPhone& phone, HubSnapshot& snapshot,
                                        std::span<const ScopeId> visible);

  Context& context_;
  std::map<std::string, Phone> phones_;
  std::map<std::string, Phone> images_;
  std::map<Hash, Written> written_;  ///< by anybody
  std::set<Hash> sealed_;            ///< in files that volunteers hold
  std::map<DeviceId, Device> devices_;
  std::map<DeviceId, std::string> names_;
  /// Of the hub's rows, by scan; of what it lost too.
  std::map<std::pair<Position, CommitToken>, ViewSums> history_;
  std::map<Position, CommitToken> line_;  ///< the commits that it has
  std::map<Position, std::int64_t> committed_ms_;
  std::uint64_t collections_ = 0;
  std::map<ScopeId, Position> floors_;
  Oracle oracle_;
  std::vector<Incoming> pending_;  ///< given to the merge, not known to be in
  std::map<DeviceId, DeviceOnHub> after_pending_;
  Position head_;
  HubStore* hub_ = nullptr;
  SimDisk* hub_disk_ = nullptr;
  std::uint32_t hub_version_ = 1;
  bool hub_time_is_true_ = true;
  std::vector<HubPast> pasts_;
  bool in_parts_ = false;             ///< what is pending may have come in more than one commit
  std::uint64_t generation_ = 0;      ///< rises whenever the hub loses something
  std::uint64_t unsure_through_ = 0;  ///< positions of these epochs may mean two things
  Position backed_up_;                ///< the furthest that phones were told of
  std::map<Hash, Once> once_;         ///< when the hub first had it
  std::set<Hash> told_refused_;       ///< the author was told that it is refused
  bool is_begun_anew_ = false;        ///< and was not set back since
  std::set<Hash> thrown_away_;        ///< it had them when it was reset
  std::set<Hash> unasked_;            ///< phones that had called it had them unsent then
  std::vector<Incoming> waiting_;     ///< in quarantine, maybe for a row
  std::map<DeviceId, std::vector<GapRecord>> gaps_;  ///< that the hub lists
};

}  // namespace doorstep::sim
