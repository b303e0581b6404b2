// A replica: the app's own tables in a plain SQLite file, written with ordinary SQL. Every commit
// through this class is captured, kept in an outbox and sent by a sync; work never waits for a
// network.
//
//   auto replica = doorstep::Replica::open("village.db");
//   replica.value()->execute("UPDATE household SET phone = :phone WHERE id = uuid(:id)",
//                            {{"phone", doorstep::Value::text("13800000000")},
//                             {"id",
//                             doorstep::Value::text("018f3a6e-0000-7000-8000-000000000001")}});
//   replica.value()->query("SELECT head_name, phone FROM household");
//
// SQL functions on every connection: uuid7() makes a new 16-byte id, uuid(text) reads one from text
// (NULL when it is none), uuid_text(blob) writes one as text.
//
// Threads: a Replica may be used from any threads. Writers wait for each other, in this process and
// in others, up to ReplicaOptions::busy_timeout_ms (error busy); readers wait only for readers of
// the same Replica and see the last commit. No call waits for the network.
//
// Durability: with Synchronous::full (the default) a commit that returned success survives power
// loss. With normal it survives a crash of the app, but the last commits before a power cut may be
// gone, whole transactions from the newest backwards; the file stays sound either way.
//
// Errors are values (engine/core/result.hpp); nothing throws. A failed write changed nothing.
#pragma once

#include <doorstep/form.hpp>
#include <doorstep/receipts.hpp>
#include <doorstep/rejected.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/core/bucket.hpp"
#include "engine/core/digest.hpp"
#include "engine/core/ids.hpp"
#include "engine/core/outcome.hpp"
#include "engine/core/result.hpp"
#include "engine/core/time.hpp"
#include "engine/core/value.hpp"
#include "engine/session/traffic.hpp"

namespace doorstep {

enum class Synchronous : std::uint8_t { full, normal };

/// What open() does when this process has loaded a second SQLite library. Two copies on one file in
/// one process lose committed data silently, because POSIX locks are let go by either.
enum class SecondSqlite : std::uint8_t { warn, refuse };

struct ReplicaOptions {
  Synchronous synchronous = Synchronous::full;
  int busy_timeout_ms = 10'000;  ///< how long a write waits for other writers
  SecondSqlite second_sqlite = SecondSqlite::warn;
  /// Called on the writing thread after a commit that has something to send. Must not call the
  /// Replica.
  std::function<void()> committed;
};

/// A value for one parameter of a statement: by name (":note", written "note") or, without a name,
/// for the next parameter that has no name or was not named.
struct Binding {
  std::string name;
  Value value;
};
using Bindings = std::vector<Binding>;

/// The rows of one SELECT (or RETURNING), in order. Values are copies.
struct ResultSet {
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;
};

/// What the statements of one call gave.
struct SqlResult {
  std::vector<ResultSet> sets;    ///< one for each statement that returns rows
  std::int64_t rows_changed = 0;  ///< by INSERT, UPDATE and DELETE, without those of triggers
};

/// One local write transaction. It holds the replica's write lock from begin() until commit() or
/// its end, so keep it short. One thread at a time. It keeps the replica alive.
class ReplicaTransaction {
 public:
  virtual ~ReplicaTransaction() = default;  ///< rolls back unless committed

  /// Runs one or more statements; SAVEPOINT, ROLLBACK TO and RELEASE are allowed. Reads see what
  /// this transaction wrote. When a statement fails, it alone is undone and those before it stay;
  /// commit() is still possible, unless the statement ended the transaction (OR ROLLBACK). Errors:
  /// sql_error, sql_refused, disk_full, io_error, corrupt.
  [[nodiscard]] virtual Result<SqlResult> run(std::string_view sql,
                                              const Bindings& bindings = {}) = 0;

  /// Writes what the form changed, among the statements of this transaction, all of it or nothing.
  /// The form stays as it is: after the commit, refresh() it before it is used again. Errors:
  /// form_outdated (columns, or the row itself, that this device has changed since the form was
  /// read), and those of run().
  [[nodiscard]] virtual Status save(const Form& form) = 0;

  /// Commits rows and outbox together, durable as the options say. Errors of capture: bad_value,
  /// bad_key, role_denied, append_only, hub_column, ranked_back, transaction_too_large; nothing is
  /// written then, and the transaction is over.
  [[nodiscard]] virtual Status commit() = 0;
};

/// What a newer schema brought.
struct SchemaUpgrade {
  std::uint32_t from = 0;  ///< versions
  std::uint32_t to = 0;
  std::vector<std::string> added;  ///< "column health_check.mood"; empty when it was here already
};

struct ScopeStatus {
  ScopeId scope;
  Digest digest;  ///< the hub's at the last checkpoint
};

struct ReplicaStatus {
  DeviceId device;
  /// Who this phone was before it turned out to be a copy of another; oldest first. What they wrote
  /// by then is its own.
  std::vector<DeviceId> earlier_devices;
  std::string device_name;
  HubId hub;
  std::string hub_name;
  std::string hub_url;
  std::uint64_t epoch = 0;
  Position cursor;
  std::uint64_t pending = 0;            ///< transactions not yet durable at the hub
  bool up_to_date = false;              ///< as of the last checkpoint whose digest matched
  std::vector<std::string> reasons;     ///< why not, for people; empty when up to date
  std::optional<Instant> last_sync_at;  ///< on the hub's clock
  std::vector<ScopeStatus> scopes;
  std::uint64_t conflicts_open = 0;
  std::uint64_t rejected = 0;
  std::uint64_t departed = 0;  ///< notes of rows and scopes that left
  std::optional<std::int64_t>
      clock_offset_ms;  ///< this device's wall clock minus the hub's, when last seen
  /// Bytes that may still be written on the storage that the replica is on; the township is told
  /// at each call. Empty: not known.
  std::optional<std::uint64_t> free_bytes;
  std::vector<std::string> warnings;
  /// The last time that rows here were compared with the hub's bucket by bucket (after a long
  /// absence, or because a digest did not match), and how they had differed.
  std::optional<Instant> reconciled_at;
  std::vector<TableDifference> healed;
  /// Rows that such comparisons have put right, ever, and when they last did.
  std::uint64_t healed_rows = 0;
  std::optional<Instant> healed_at;
  std::uint32_t schema_version = 0;
  std::optional<std::uint32_t>
      newer_schema;                   ///< the hub has this version; upgrade_schema() takes it
  std::uint64_t columns_to_fill = 0;  ///< came with an upgrade; the next sync fills them
  /// The last time that the hub was found to have been restored from a backup, or begun anew, on
  /// the hub's clock; and how much this phone had to offer then.
  struct HubLoss {
    Instant at;
    bool reset = false;         ///< begun anew: nothing is offered to it again
    std::uint64_t unsent = 0;   ///< transactions offered again, or for the first time
    std::uint64_t waiting = 0;  ///< refused because it was begun anew, and still waiting here
  };
  std::optional<HubLoss> hub_loss;
  /// Bytes that syncs have carried, by what they were for, as of the last connection that ended:
  /// today (UTC, by this device's clock) and ever.
  Traffic traffic_today;
  Traffic traffic;
};

/// A row of ds_conflict: a value that lost, beside the one that stood.
struct ConflictInfo {
  ConflictId id;
  std::string table;
  Value row;           ///< its key
  std::string column;  ///< empty: the delete of the row
  std::string policy;
  Value winner;
  Value loser;
  DeviceId winner_author;
  DeviceId loser_author;
  std::string winner_time;  ///< RFC 3339, on the hub's clock
  std::string loser_time;
  bool order_uncertain = false;
  std::string state;                   ///< auto, open or decided
  std::optional<DeviceId> decided_by;  ///< set exactly when decided
  std::string decided_time;            ///< RFC 3339, on the hub's clock; empty while not confirmed
  bool pending = false;  ///< decided or undone on this device, and not yet confirmed by the hub
};

/// Which conflicts. What is left empty matches every one.
struct ConflictFilter {
  std::string state;  ///< auto, open or decided
  std::string table;
  std::optional<Value> row;  ///< its key
  std::string column;
  std::size_t limit = 0;  ///< at most so many; zero: all
};

/// Which side of a conflict is to stand.
enum class Keep : std::uint8_t { winner, loser };
/// What a person decides: one of the two sides, or a third value; a text is read as the column
/// wants it ("128" for a number).
using Choice = std::variant<Keep, Value>;

/// A value that this device knows of for one cell, and where it comes from.
struct Candidate {
  Value value;
  std::string place;  ///< shown, pending (written here, not yet confirmed), lost or stood
  std::optional<DeviceId> author;
  std::string time;          ///< on the hub's clock, RFC 3339; empty when not known
  std::string claimed_time;  ///< what this device's clock said; own unconfirmed writes only
  std::optional<ConflictInfo> conflict;
};

/// Why a cell shows what it shows, as far as this device knows. The hub knows more
/// (`doorstepd explain`).
struct Explanation {
  std::string table;
  Value row;
  std::string column;
  std::string policy;
  bool live = false;  ///< false: the row is not on this device
  Value shown;
  Value hub_value;            ///< what the hub says; differs while own writes are unconfirmed
  std::uint64_t pending = 0;  ///< own unconfirmed transactions that touch the row
  std::optional<DeviceId> decided_by;
  std::string decided_time;
  std::vector<Candidate> candidates;  ///< the shown value first, then own unconfirmed writes in
                                      ///< order, then what lost, newest first
};

/// Rows that left this replica without being deleted: one that moved to a scope which it does not
/// hold, or all of a scope that it holds no more.
struct DepartedInfo {
  std::string table;  ///< empty: a whole scope
  Value row;          ///< its key; NULL for a whole scope
  ScopeId from;
  ScopeId to;         ///< empty for a whole scope
  Position position;  ///< of the checkpoint that took it
  std::string time;   ///< of that, RFC 3339, on the hub's clock
  std::string why;    ///< "moved" or "scope_lost"
  std::uint64_t rows = 1;
};
using DepartedList = std::vector<DepartedInfo>;

struct VerifyReport {
  std::uint64_t rows = 0;
  std::vector<std::string> problems;  ///< empty: everything is as it should be
  bool rows_differ = false;           ///< rows are not the hub's: a sync that verifies heals them
  std::uint64_t healed_rows = 0;      ///< as in ReplicaStatus
  std::optional<Instant> healed_at;
  [[nodiscard]] bool ok() const { return problems.empty(); }
};

class Replica {
 public:
  /// Opens an existing replica (made by enrolment). Errors: not_a_replica, replica_version,
  /// guard_missing (a table or guard was altered outside the SDK), second_sqlite, read_only,
  /// corrupt, io_error, busy.
  [[nodiscard]] static Result<std::shared_ptr<Replica>> open(const std::string& path,
                                                             ReplicaOptions options = {});
  virtual ~Replica() = default;

  /// begin(), run(), commit() in one: all statements or none.
  [[nodiscard]] virtual Result<SqlResult> execute(std::string_view sql,
                                                  const Bindings& bindings = {}) = 0;

  /// Waits for the write lock. Error busy when another process holds it too long. A thread that
  /// already holds a transaction of this replica would wait for itself: it gets busy after the
  /// time-out.
  [[nodiscard]] virtual Result<std::unique_ptr<ReplicaTransaction>> begin() = 0;

  /// Reads the last commit on a read-only connection; several statements see one state of the
  /// database. Errors: sql_error, sql_refused for anything that writes.
  [[nodiscard]] virtual Result<SqlResult> query(std::string_view sql,
                                                const Bindings& bindings = {}) = 0;

  /// One row for a person to read and to type over, with what was read of it. `id` as in the table:
  /// a blob of 16 bytes or a text. Errors: unknown_table, bad_key, not_found.
  [[nodiscard]] virtual Result<Form> open_form(std::string_view table, const Value& id) = 0;
  /// A form of a row that is not there yet; NULL for `id` makes a new one, where keys are uuids.
  /// Errors: unknown_table, bad_key.
  [[nodiscard]] virtual Result<Form> new_form(std::string_view table, const Value& id) = 0;
  /// Saves what the form changed as a transaction of its own; nothing when nothing was changed.
  /// What was saved is then what the form shows, and it may be typed over and saved again. What
  /// came in for other columns meanwhile it does not show: refresh() does.
  /// A row that was deleted or moved away elsewhere is edited all the same: it is shown again, as
  /// the form showed it, until the hub has answered (docs/merge-rules.md, "Forms"). Errors:
  /// form_outdated, those of begin() and commit(), sql_error; the form is then as it was.
  [[nodiscard]] virtual Status save(Form& form) = 0;
  /// What of the form is not so any more; changes nothing. Error unknown_table.
  [[nodiscard]] virtual Result<FormNews> news(const Form& form) = 0;
  /// The same, and the form shows what is so from here on: what was typed stays (of counters and
  /// sets the difference), and a save says that it was typed over what the form shows now. When the
  /// row is gone the form stays as it was. Error unknown_table.
  [[nodiscard]] virtual Result<FormNews> refresh(Form& form) = 0;

  [[nodiscard]] virtual Result<ReplicaStatus> status() = 0;

  /// Takes a newer schema, which may only add to the one in use: tables, nullable columns, states,
  /// roles, rules. Unsent work stays as it was written. What is new is empty until the next sync
  /// fills it from the hub, and a write there erases nothing that others have written. Other
  /// connections, here and in other processes, go on with the new schema; a sync that is running
  /// connects again. Atomic and durable. Errors: schema_invalid, schema_refused (the detail says
  /// every reason), busy.
  [[nodiscard]] virtual Result<SchemaUpgrade> apply_schema(std::string_view text) = 0;
  /// The same with the newest schema that the hub has sent; not_found when that is none.
  [[nodiscard]] virtual Result<SchemaUpgrade> upgrade_schema() = 0;
  /// Newest first.
  [[nodiscard]] virtual Result<std::vector<ConflictInfo>> conflicts(
      const ConflictFilter& filter) = 0;
  [[nodiscard]] Result<std::vector<ConflictInfo>> conflicts() {
    return conflicts(ConflictFilter{});
  }
  /// Settles a conflict: the value becomes the cell's, here at once and everywhere with the next
  /// syncs, and the record becomes decided. A decision is a local write like any: it waits in the
  /// outbox, and the hub may refuse it. About a delete that met an edit: the edit's side keeps the
  /// row, the delete's lets it go. Errors: not_found (no such conflict, its row is not here, or
  /// there is nothing to decide), bad_value (also a third value for a delete), and those of begin()
  /// and commit().
  [[nodiscard]] virtual Status decide(const ConflictId& conflict, const Choice& choice) = 0;
  /// Takes a decision back, whoever made it: the record is open again and the value what it was
  /// before, unless somebody went on from the decision. Errors: as decide; not_found also when it
  /// is not decided.
  [[nodiscard]] virtual Status undo(const ConflictId& conflict) = 0;
  /// Decides all open conflicts (or those of the filter's state) in one transaction; how many.
  /// What cannot be decided here is left out. Of several conflicts of one cell the newest decides.
  [[nodiscard]] virtual Result<std::uint64_t> decide_all(const ConflictFilter& filter,
                                                         Keep keep) = 0;
  /// Errors: unknown_table, unknown_column, bad_key.
  [[nodiscard]] virtual Result<Explanation> explain(std::string_view table, const Value& row,
                                                    std::string_view column) = 0;
  /// Those that wait for a person; ascending by sequence.
  [[nodiscard]] virtual Result<std::vector<RejectedInfo>> rejected() = 0;
  /// One of them row by row, also when it is closed. Error not_found.
  [[nodiscard]] virtual Result<RejectedDetail> rejected_detail(Sequence sequence) = 0;
  /// Writes a rejected transaction once more, on the rows as they are now, as a new transaction
  /// with a new sequence; the old record is closed and names it. What depended on the same
  /// transaction follows in order, each as a transaction of its own. `corrections` is SQL that runs
  /// in the transaction of `sequence`, after its changes. Errors: not_found (no such record, it is
  /// closed, or a row that it changed is gone), those of run() and commit(); nothing is written
  /// then. When one that follows fails, those before it stay and the report says where it stopped.
  [[nodiscard]] virtual Result<RetryReport> retry(Sequence sequence,
                                                  std::string_view corrections = {},
                                                  const Bindings& bindings = {}) = 0;
  /// Gives a rejected transaction up, and with it those that depend on it. The records stay for a
  /// while (limits::acked_kept_ms), closed. Error not_found.
  [[nodiscard]] virtual Status discard(Sequence sequence) = 0;

  /// Where the newest own change of a record is, or what it waits for. `id` as in the table: a blob
  /// of 16 bytes or a text. Error not_found, unknown_table.
  [[nodiscard]] virtual Result<Receipt> receipt(std::string_view table, const Value& id) = 0;
  /// The same of one own transaction. Error not_found when this replica never wrote it.
  [[nodiscard]] virtual Result<Receipt> receipt(Sequence transaction) = 0;
  /// The records that are not at the township yet or that need attention.
  [[nodiscard]] virtual Result<RecordReceipts> receipts() = 0;
  /// Newest first; the newest limits::departed_notes_max are kept. A note goes when its row is
  /// back.
  [[nodiscard]] virtual Result<DepartedList> departed() = 0;
  /// Reads everything: SQLite's integrity check, guards, and the digest of the hub's rows by scan
  /// against the running sum and the hub's own. Takes time in proportion to the file; writers go
  /// on.
  [[nodiscard]] virtual Result<VerifyReport> verify() = 0;

 protected:
  Replica() = default;
};

}  // namespace doorstep
