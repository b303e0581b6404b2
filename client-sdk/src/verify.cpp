#include <algorithm>
#include <array>

#include "client-sdk/src/base_scan.hpp"
#include "client-sdk/src/heal_notes.hpp"
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

// The sum first: a row whose parent was deleted has a scope that only the hub knows, so one scope's
// digest can be told from another's only roughly.
Status compare_scopes(sqlite::Database& db, const BaseDigests& found, VerifyReport& report) {
  DS_ASSIGN(
      auto read,
      db.prepare("SELECT scope, digest FROM ds_scope WHERE digest IS NOT NULL ORDER BY scope"));
  std::vector<std::pair<ScopeId, Digest>> wanted;
  Digest sum;
  for (;;) {
    DS_ASSIGN(const bool more, read.step());
    if (!more) break;
    std::array<std::uint8_t, 16> bytes{};
    const ByteView digest = read.blob(1);
    if (digest.size() != bytes.size()) return error(ErrorCode::corrupt, "ds_scope");
    std::copy(digest.begin(), digest.end(), bytes.begin());
    wanted.emplace_back(ScopeId{std::string(read.text(0))}, Digest::from(bytes));
    sum += wanted.back().second;
  }
  if (wanted.empty() || sum == found.total) return {};
  for (const auto& [scope, digest] : wanted) {
    const auto here = found.scopes.find(scope);
    if ((here == found.scopes.end() ? Digest{} : here->second) != digest) {
      report.rows_differ = true;
      report.problems.push_back("scope " + scope.code + ": the rows differ from the hub's");
    }
  }
  return {};
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
    report.rows_differ = true;
    report.problems.emplace_back(
        "rows were changed without the SDK: the scan differs from the running digest");
  }
  DS_TRY(compare_scopes(db, found, report));
  DS_ASSIGN(const auto healed, read_healed(db));
  if (healed) {
    report.healed_rows = healed->total;
    report.healed_at = healed->healed_at;
  }
  return report;
}

}  // namespace doorstep
