#include "client-sdk/src/base_scan.hpp"

#include <algorithm>

#include "client-sdk/src/pending_rows.hpp"
#include "client-sdk/src/row_table.hpp"
#include "engine/sqlite/ddl.hpp"

namespace doorstep {
namespace {

class Scan {
 public:
  using Visit = std::function<void(const RowKey&, const RowImage&, const ScopeId&)>;

  Scan(sqlite::Database& db, const Schema& schema, Visit visit)
      : db_(&db),
        schema_(&schema),
        visit_(std::move(visit)),
        pending_(db, schema),
        tables_(db, schema, RowAccess::read) {}

  /// `touched`: what stands in place of ds_pending.
  Status run(const std::map<RowKey, std::optional<RowImage>>& touched) {
    DS_ASSIGN(const auto keys, pending_.keys());
    for (const RowKey& key : keys) {
      DS_ASSIGN(const auto row, pending_.find(key));
      bases_[key] = row ? row->base : std::nullopt;
    }
    for (const auto& [key, base] : touched) bases_[key] = base;
    for (std::size_t i = 0; i < schema_->tables().size(); ++i) {
      DS_TRY(read_table(TableId{static_cast<std::uint16_t>(i)}));
    }
    for (const auto& [key, base] : bases_) {
      if (base) DS_TRY(visit(key, *base));
    }
    return {};
  }

 private:
  Status read_table(TableId id) {
    const Table& table = schema_->table(id);
    DS_ASSIGN(auto read, db_->prepare("SELECT " + sqlite::column_list(table) + " FROM " +
                                      sqlite::quote_identifier(table.name)));
    for (;;) {
      DS_ASSIGN(const bool more, read.step());
      if (!more) return {};
      DS_ASSIGN(const RowId row, key_of(table, read.value(0)));
      if (bases_.contains({id, row})) continue;
      RowImage image;
      for (int i = 1; i < read.column_count(); ++i) image.values.push_back(read.value(i));
      DS_TRY(visit({id, row}, image));
    }
  }

  Status visit(const RowKey& key, const RowImage& image) {
    DS_ASSIGN(const ScopeId scope, scope_of(key, image, 0));
    visit_(key, image, scope);
    return {};
  }

  Result<std::optional<RowImage>> base_of(const RowKey& key) {
    if (const auto pending = bases_.find(key); pending != bases_.end()) return pending->second;
    DS_ASSIGN(RowTable* const table, tables_.of(key.table));
    return table->read(key.row);
  }

  Result<ScopeId> scope_of(const RowKey& key, const RowImage& image, std::size_t depth) {
    const Table& table = schema_->table(key.table);
    if (table.scope.kind == ScopeRule::Kind::key) return ScopeId{std::string(key.row.text())};
    const Value& value = image.values[table.scope.column.index];
    if (table.scope.kind == ScopeRule::Kind::column) {
      return value.kind() == Value::Kind::text ? ScopeId{std::string(value.as_text())} : ScopeId{};
    }
    const Column& column = table.column(table.scope.column);
    if (!column.references || depth >= limits::via_depth_max) return ScopeId{};
    const auto parent = key_of(schema_->table(*column.references), value);
    if (!parent) return ScopeId{};
    const RowKey parent_key{*column.references, *parent};
    if (const auto known = scopes_.find(parent_key); known != scopes_.end()) return known->second;
    DS_ASSIGN(const auto row, base_of(parent_key));
    ScopeId scope;
    if (row) {
      DS_ASSIGN(scope, scope_of(parent_key, *row, depth + 1));
    }
    scopes_[parent_key] = scope;
    return scope;
  }

  sqlite::Database* db_;
  const Schema* schema_;
  Visit visit_;
  PendingRows pending_;
  RowTables tables_;
  std::map<RowKey, std::optional<RowImage>> bases_;  // of rows with unconfirmed own writes
  std::map<RowKey, ScopeId> scopes_;                 // of parents met so far
};

}  // namespace

Result<BaseDigests> scan_base(sqlite::Database& db, const Schema& schema) {
  BaseDigests found;
  Scan scan(db, schema, [&](const RowKey& key, const RowImage& image, const ScopeId& scope) {
    const Digest digest = digest_of_row(schema.table(key.table), key.row, image);
    found.total += digest;
    found.scopes[scope] += digest;
    ++found.rows;
  });
  DS_TRY(scan.run({}));
  return found;
}

Status visit_base(sqlite::Database& db, const Schema& schema,
                  const std::function<void(const RowKey&, const RowImage&)>& visit) {
  Scan scan(db, schema,
            [&](const RowKey& key, const RowImage& image, const ScopeId&) { visit(key, image); });
  return scan.run({});
}

Result<std::map<ScopeId, std::set<RowKey>>> rows_in_scopes(sqlite::Database& db,
                                                           const Schema& schema,
                                                           const DeviceOverlay& overlay,
                                                           const std::set<ScopeId>& scopes) {
  std::map<ScopeId, std::set<RowKey>> found;
  Scan scan(db, schema, [&](const RowKey& key, const RowImage&, const ScopeId& scope) {
    if (scopes.contains(scope)) found[scope].insert(key);
  });
  DS_TRY(scan.run(overlay.touched_bases()));
  return found;
}

Result<std::vector<BucketSums>> scan_buckets(sqlite::Database& db, const Schema& schema) {
  std::vector<BucketSums> tables;
  for (const Table& table : schema.tables()) {
    DS_ASSIGN(const auto count,
              db.one("SELECT count(*) FROM " + sqlite::quote_identifier(table.name)));
    const std::int64_t rows = count ? count->as_integer() : 0;
    BucketSums& sums = tables.emplace_back();
    sums.table = table.name;
    sums.bits = bucket_bits_for(static_cast<std::uint64_t>(rows));
    sums.sums.resize(std::size_t{1} << sums.bits);
  }
  Scan scan(db, schema, [&](const RowKey& key, const RowImage& image, const ScopeId&) {
    add_to_bucket(schema.table(key.table), key.row, image, tables[key.table.index]);
  });
  DS_TRY(scan.run({}));
  return tables;
}

Result<std::set<RowKey>> rows_in_buckets(sqlite::Database& db, const Schema& schema,
                                         const RefillCover& cover) {
  std::set<RowKey> found;
  Scan scan(db, schema, [&](const RowKey& key, const RowImage&, const ScopeId&) {
    if (cover.covers(key)) found.insert(key);
  });
  DS_TRY(scan.run({}));
  return found;
}

Result<std::vector<ScopeId>> compare_digests(sqlite::Database& db, const Schema& schema,
                                             const std::vector<Checkpoint::ScopeDigest>& digests,
                                             ReplicaState& state) {
  Digest sum;
  for (const auto& one : digests) sum += one.digest;
  state.digest_matched = sum == state.digest;
  std::vector<ScopeId> differing;
  if (state.digest_matched) return differing;
  DS_ASSIGN(const BaseDigests found, scan_base(db, schema));
  for (const auto& one : digests) {
    const auto here = found.scopes.find(one.scope);
    if ((here == found.scopes.end() ? Digest{} : here->second) != one.digest)
      differing.push_back(one.scope);
  }
  for (const auto& here : found.scopes) {
    const bool spoken_for = std::any_of(digests.begin(), digests.end(),
                                        [&](const auto& one) { return one.scope == here.first; });
    if (!spoken_for && here.second != Digest{}) differing.push_back(here.first);
  }
  state.digest = found.total;
  state.digest_matched = differing.empty();
  return differing;
}

}  // namespace doorstep
