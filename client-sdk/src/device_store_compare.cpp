// What a replica tells its hub of its rows, when somebody there asks, and of what was healed.
#include "client-sdk/src/base_scan.hpp"
#include "client-sdk/src/heal_notes.hpp"
#include "client-sdk/src/pending_rows.hpp"
#include "client-sdk/src/sqlite_device_store.hpp"
#include "engine/ports/compared_rows.hpp"

namespace doorstep {

namespace {

Result<Compared> read_compared(sqlite::Database& db, const Schema& schema, RowTables& tables,
                               const Compare& asked) {
  DS_ASSIGN(const ReplicaState state, load_state(db));
  PendingRows pending(db, schema);
  DS_ASSIGN(const auto keys, pending.keys());
  if (asked.step == Compare::Step::sums) {
    Compared said{asked.number, state.cursor};
    DS_ASSIGN(said.sums, scan_buckets(db, schema));
    said.pending = keys.size();
    return said;
  }
  ComparedRows rows(schema, asked);
  DS_TRY(visit_base(db, schema,
                    [&](const RowKey& key, const RowImage& image) { rows.hold(key, image); }));
  for (const RowKey& key : keys) {
    DS_ASSIGN(RowTable* const table, tables.of(key.table));
    DS_ASSIGN(const auto shown, table->read(key.row));
    rows.show(key, shown);
  }
  return rows.take(state.cursor);
}

}  // namespace

// The app may write meanwhile; this reads one moment.
Result<Compared> SqliteDeviceStore::compare(const Compare& asked) {
  DS_TRY(file_.db.run("BEGIN"));
  auto said = read_compared(file_.db, file_.schema, tables_, asked);
  static_cast<void>(file_.db.run("ROLLBACK"));
  return said;
}

Result<std::optional<Healed>> SqliteDeviceStore::heal_report() { return unnoted_heal(file_.db); }

Status SqliteDeviceStore::heal_noted(const HealNoted& noted) {
  DS_ASSIGN(auto transaction, sqlite::WriteTransaction::begin(file_.db));
  DS_TRY(note_heal_noted(file_.db, noted.total));
  return transaction.commit();
}

}  // namespace doorstep
