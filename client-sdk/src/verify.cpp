#include "client-sdk/src/base_scan.hpp"
#include "client-sdk/src/replica_file.hpp"
#include "client-sdk/src/replica_reports.hpp"
#include "client-sdk/src/replica_state.hpp"

namespace doorstep {
namespace {

Status check_integrity(sqlite::Database& db, VerifyReport& report) {
  DS_ASSIGN(auto check, db.prepare("PRAGMA integrity_check"));
  for (;;) {
    DS_ASSIGN(const bool more, check.step());
    if (!more) return {};
    if (check.text(0) != "ok") report.problems.push_back("SQLite: " + std::string(check.text(0)));
  }
}

Status compare_scopes(sqlite::Database& db, const BaseDigests& found, VerifyReport& report) {
  DS_ASSIGN(
      auto scopes,
      db.prepare("SELECT scope, digest FROM ds_scope WHERE digest IS NOT NULL ORDER BY scope"));
  for (;;) {
    DS_ASSIGN(const bool more, scopes.step());
    if (!more) return {};
    const auto here = found.scopes.find(ScopeId{std::string(scopes.text(0))});
    const auto bytes = (here == found.scopes.end() ? Digest{} : here->second).bytes();
    if (text_of(ByteView(bytes)) != text_of(scopes.blob(1))) {
      report.problems.push_back("scope " + std::string(scopes.text(0)) +
                                ": the rows differ from the hub's");
    }
  }
}

}  // namespace

Result<VerifyReport> verify_replica(sqlite::Database& db, const Schema& schema) {
  VerifyReport report;
  DS_TRY(check_integrity(db, report));
  DS_ASSIGN(auto altered, altered_objects(db, schema));
  for (std::string& one : altered) report.problems.push_back(std::move(one));
  DS_ASSIGN(const ReplicaState state, load_state(db));
  DS_ASSIGN(const BaseDigests found, scan_base(db, schema));
  report.rows = found.rows;
  if (found.total != state.digest) {
    report.problems.emplace_back(
        "rows were changed without the SDK: the scan differs from the running digest");
  }
  DS_TRY(compare_scopes(db, found, report));
  return report;
}

}  // namespace doorstep
