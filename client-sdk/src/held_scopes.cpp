#include "client-sdk/src/held_scopes.hpp"

#include <algorithm>
#include <string>

namespace doorstep {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view forget_scopes =
    "DELETE FROM ds_scope WHERE granted = 0 AND expected = 0 AND digest IS NULL";

Result<std::vector<ScopeId>> scopes_where(sqlite::Database& db, std::string_view condition) {
  DS_ASSIGN(const auto read, db.kept("SELECT scope FROM ds_scope WHERE " + std::string(condition) +
                                     " ORDER BY scope"));
  std::vector<ScopeId> scopes;
  for (;;) {
    DS_ASSIGN(const bool more, read->step());
    if (!more) return scopes;
    scopes.push_back(ScopeId{std::string(read->text(0))});
  }
}

}  // namespace

Status grant_scopes(sqlite::Database& db, const std::vector<ScopeId>& scopes) {
  DS_TRY(db.run("UPDATE ds_scope SET granted = 0"));
  DS_ASSIGN(const auto grant, db.kept("INSERT INTO ds_scope (scope, granted) VALUES (?1, 1)"
                                      " ON CONFLICT (scope) DO UPDATE SET granted = 1"));
  for (const ScopeId& scope : scopes) {
    grant->bind(1, std::string_view(scope.code));
    DS_TRY(grant->run());
  }
  return db.run(forget_scopes);
}

Status expect_scopes(sqlite::Database& db, const std::vector<ScopeId>& scopes) {
  DS_TRY(db.run("UPDATE ds_scope SET expected = 0"));
  DS_ASSIGN(const auto expect,
            db.kept("INSERT INTO ds_scope (scope, granted, expected) VALUES (?1, 0, 1)"
                    " ON CONFLICT (scope) DO UPDATE SET expected = 1"));
  for (const ScopeId& scope : scopes) {
    expect->bind(1, std::string_view(scope.code));
    DS_TRY(expect->run());
  }
  return db.run(forget_scopes);
}

Result<std::vector<ScopeId>> granted_scopes(sqlite::Database& db) {
  return scopes_where(db, "granted = 1");
}

Result<std::vector<ScopeId>> expected_scopes(sqlite::Database& db) {
  return scopes_where(db, "expected = 1");
}

Result<std::vector<ScopeId>> held_scopes(sqlite::Database& db) {
  return scopes_where(db, "digest IS NOT NULL");
}

Result<std::vector<NewColumn>> new_columns(sqlite::Database& db) {
  DS_ASSIGN(const auto read, db.kept("SELECT substr(key, 6, instr(key, '.') - 6),"
                                     " substr(key, instr(key, '.') + 1)"
                                     " FROM ds_meta WHERE key GLOB 'fill:*' ORDER BY 1, 2"));
  std::vector<NewColumn> columns;
  for (;;) {
    DS_ASSIGN(const bool more, read->step());
    if (!more) return columns;
    columns.push_back({std::string(read->text(0)), std::string(read->text(1))});
  }
}

Result<std::vector<Checkpoint::ScopeDigest>> held_digests(sqlite::Database& db) {
  DS_ASSIGN(const auto read, db.kept("SELECT scope, digest FROM ds_scope WHERE digest IS NOT NULL"
                                     " ORDER BY scope"));
  std::vector<Checkpoint::ScopeDigest> digests;
  for (;;) {
    DS_ASSIGN(const bool more, read->step());
    if (!more) return digests;
    std::array<std::uint8_t, 16> bytes{};
    const ByteView digest = read->blob(1);
    // Of a damaged file: then it is none that the hub knows, and it says all of them.
    if (digest.size() == bytes.size()) std::copy(digest.begin(), digest.end(), bytes.begin());
    digests.push_back({ScopeId{std::string(read->text(0))}, Digest::from(bytes)});
  }
}

std::vector<ScopeId> scopes_of(const std::vector<Checkpoint::ScopeDigest>& digests) {
  std::vector<ScopeId> scopes;
  for (const auto& one : digests) scopes.push_back(one.scope);
  std::sort(scopes.begin(), scopes.end());
  return scopes;
}

Status hold_scopes(sqlite::Database& db, const std::vector<Checkpoint::ScopeDigest>& digests) {
  for (const std::string_view sql : {"UPDATE ds_scope SET digest = NULL, expected = 0"sv,
                                     "DELETE FROM ds_meta WHERE key GLOB 'fill:*'"sv}) {
    DS_ASSIGN(const auto forget, db.kept(sql));
    DS_TRY(forget->run());
  }
  DS_ASSIGN(const auto put,
            db.kept("INSERT INTO ds_scope (scope, granted, expected, digest) VALUES (?1, 0, 1, ?2)"
                    " ON CONFLICT (scope) DO UPDATE SET expected = 1, digest = excluded.digest"));
  for (const auto& one : digests) {
    const auto bytes = one.digest.bytes();
    put->bind(1, std::string_view(one.scope.code));
    put->bind(2, ByteView(bytes));
    DS_TRY(put->run());
  }
  DS_ASSIGN(const auto forget, db.kept(forget_scopes));
  return forget->run();
}

}  // namespace doorstep
