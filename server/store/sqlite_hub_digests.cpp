#include "server/store/sqlite_hub_digests.hpp"

#include <algorithm>

#include "server/store/sqlite_hub_rows.hpp"

namespace doorstep {

namespace {

constexpr std::size_t sum_bytes = 16;

Result<ColumnDigests> sums_of(ByteView blob) {
  if (blob.size() % sum_bytes != 0) return error(ErrorCode::corrupt, "ds_digest holds half a sum");
  ColumnDigests sums;
  for (std::size_t at = 0; at < blob.size(); at += sum_bytes) {
    std::array<std::uint8_t, sum_bytes> bytes{};
    std::copy_n(blob.begin() + static_cast<std::ptrdiff_t>(at), sum_bytes, bytes.begin());
    sums.push_back(Digest::from(bytes));
  }
  return sums;
}

Bytes blob_of(const ColumnDigests& sums) {
  Bytes blob;
  blob.reserve(sums.size() * sum_bytes);
  for (const Digest& sum : sums) {
    const auto bytes = sum.bytes();
    blob.insert(blob.end(), bytes.begin(), bytes.end());
  }
  return blob;
}

Result<ColumnDigests> read_sums(HubConnection& hub, std::int64_t scope, std::string_view table) {
  DS_ASSIGN(const HubQuery find,
            hub.query("SELECT sums FROM ds_digest WHERE ds_scope = ?1 AND table_name = ?2"));
  find->bind(1, scope);
  find->bind(2, table);
  DS_ASSIGN(const bool found, find->step());
  if (!found) return ColumnDigests();
  return sums_of(find->blob(0));
}

template <class Visit>
Status each_live_row(HubConnection& hub, const HubSql& sql, std::int64_t scope,
                     const Visit& visit) {
  for (std::size_t i = 0; i < sql.tables.size(); ++i) {
    const TableId table{static_cast<std::uint16_t>(i)};
    DS_ASSIGN(const HubQuery all, hub.query(sql.tables[i].select_scope));
    all->bind(1, scope);
    for (;;) {
      DS_ASSIGN(const bool found, all->step());
      if (!found) break;
      DS_ASSIGN(const StoredRow row, live_row_at(hub, sql, table, *all));
      visit(row);
    }
  }
  return {};
}

}  // namespace

Status add_to_digests(HubConnection& hub, const HubSql& sql, const DigestChanges& changes) {
  for (const auto& [place, added] : changes.sums()) {
    const std::string& table = sql.schema.table(place.second).name;
    DS_ASSIGN(const std::int64_t scope, hub.number_of(place.first));
    DS_ASSIGN(ColumnDigests sums, read_sums(hub, scope, table));
    sums.resize(std::max(sums.size(), added.size()));
    for (std::size_t i = 0; i < added.size(); ++i) sums[i] += added[i];
    const Bytes blob = blob_of(sums);
    DS_ASSIGN(
        const HubQuery put,
        hub.query(
            "INSERT OR REPLACE INTO ds_digest (ds_scope, table_name, sums) VALUES (?1, ?2, ?3)"));
    put->bind(1, scope);
    put->bind(2, std::string_view(table));
    put->bind(3, ByteView(blob));
    DS_TRY(put->run());
  }
  return {};
}

Result<Digest> digest_of_scope(HubConnection& hub, const HubSql& sql, const ScopeId& scope,
                               const SchemaView& view) {
  Digest sum;
  DS_ASSIGN(const std::optional<std::int64_t> number, hub.find_scope(scope));
  if (!number) return sum;
  DS_ASSIGN(const HubQuery all,
            hub.query("SELECT table_name, sums FROM ds_digest WHERE ds_scope = ?1"));
  all->bind(1, *number);
  for (;;) {
    DS_ASSIGN(const bool found, all->step());
    if (!found) return sum;
    const auto table = sql.schema.find_table(all->text(0));
    if (!table) return error(ErrorCode::corrupt, "ds_digest names an unknown table");
    DS_ASSIGN(const ColumnDigests sums, sums_of(all->blob(1)));
    sum += sum_shown(sums, *table, view);
  }
}

Result<Digest> scan_digest_of_scope(HubConnection& hub, const HubSql& sql, const ScopeId& scope) {
  Digest sum;
  DS_ASSIGN(const std::optional<std::int64_t> number, hub.find_scope(scope));
  if (!number) return sum;
  DS_TRY(each_live_row(hub, sql, *number, [&](const StoredRow& row) {
    sum += digest_of_row(sql.schema.table(row.table), row.id, row.image);
  }));
  return sum;
}

Status recount_digests_of_scope(HubConnection& hub, const HubSql& sql, const ScopeId& scope) {
  DS_ASSIGN(const std::optional<std::int64_t> number, hub.find_scope(scope));
  if (!number) return {};
  {
    DS_ASSIGN(const HubQuery drop, hub.query("DELETE FROM ds_digest WHERE ds_scope = ?1"));
    drop->bind(1, *number);
    DS_TRY(drop->run());
  }
  DigestChanges sums;
  DS_TRY(each_live_row(hub, sql, *number,
                       [&](const StoredRow& row) { sums.replace(sql.schema, nullptr, &row); }));
  return add_to_digests(hub, sql, sums);
}

}  // namespace doorstep
