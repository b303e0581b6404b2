// The log of merges, of sqlite_hub_duplicates.hpp.
#include <algorithm>
#include <utility>

#include "engine/wire/codec.hpp"
#include "server/store/sqlite_hub_duplicates.hpp"
#include "server/store/sqlite_hub_rows.hpp"
#include "server/store/sqlite_hub_values.hpp"

namespace doorstep {

namespace {

constexpr std::string_view select_redirect =
    "SELECT survivor, pair, merged_position, image, ds_scope, ds_position, ds_since,"
    " ds_base_position, ds_author, ds_stamp, ds_stamp_lo, ds_cells FROM ds_redirect"
    " WHERE table_name = ?1 AND loser = ?2";

constexpr std::string_view put_redirect_sql =
    "INSERT OR REPLACE INTO ds_redirect (table_name, loser, survivor, pair, merged_position, image,"
    " ds_scope, ds_position, ds_since, ds_base_position, ds_author, ds_stamp, ds_stamp_lo, "
    "ds_cells)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

constexpr std::string_view put_reference_sql =
    "INSERT OR IGNORE INTO ds_redirected_reference"
    " (table_name, loser, row_table, row_key, column_name, author, position)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

constexpr std::string_view put_write_sql =
    "INSERT INTO ds_redirected_write (table_name, loser, author, position, stamp, stamp_lo, body)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

}  // namespace

Result<std::optional<Redirect>> SqliteHubDuplicates::redirect(const RowKey& loser) {
  return attempt([&]() -> Result<std::optional<Redirect>> {
    DS_ASSIGN(const HubQuery find, about(select_redirect, loser));
    DS_ASSIGN(const bool found, find->step());
    if (!found) return std::optional<Redirect>();
    const Table& table = sql_->schema.table(loser.table);
    Redirect redirect;
    redirect.loser = loser;
    DS_ASSIGN(redirect.survivor, row_id_at(*find, 0));
    redirect.pair = find->id<DuplicateId>(1);
    redirect.position = find->position(2);
    StoredRow& before = redirect.survivor_before;
    before.table = loser.table;
    before.id = redirect.survivor;
    DS_ASSIGN(before.image, decode_image(table, find->blob(3)));
    DS_TRY(read_versions(hub_, sql_->schema, *find, 4, before));
    return std::optional(std::move(redirect));
  });
}

Status SqliteHubDuplicates::put_redirect(const Redirect& redirect) {
  return attempt([&]() -> Status {
    const Table& table = sql_->schema.table(redirect.loser.table);
    const StoredRow& before = redirect.survivor_before;
    const Bytes image = encode_image(table, before.image);
    const Bytes cells = encode_exceptions(sql_->schema, before);
    DS_ASSIGN(const HubQuery put, about(put_redirect_sql, redirect.loser));
    bind_key(*put, 3, table, redirect.survivor);
    put->bind(4, redirect.pair.view());
    put->bind(5, redirect.position);
    put->bind(6, ByteView(image));
    DS_TRY(bind_versions(hub_, *put, 7, before, cells));
    return put->run();
  });
}

Status SqliteHubDuplicates::end_redirect(const RowKey& loser) {
  return attempt([&]() -> Status {
    for (const std::string_view sql :
         {"DELETE FROM ds_redirect WHERE table_name = ?1 AND loser = ?2",
          "DELETE FROM ds_redirected_reference WHERE table_name = ?1 AND loser = ?2",
          "DELETE FROM ds_redirected_write WHERE table_name = ?1 AND loser = ?2"}) {
      DS_ASSIGN(const HubQuery remove, about(sql, loser));
      DS_TRY(remove->run());
    }
    return {};
  });
}

Status SqliteHubDuplicates::put_references(std::span<const RedirectedReference> references) {
  return attempt([&]() -> Status {
    for (const RedirectedReference& one : references) {
      const Table& table = sql_->schema.table(one.row.table);
      DS_ASSIGN(const std::int64_t author, hub_.number_of(one.author));
      DS_ASSIGN(const HubQuery put, about(put_reference_sql, one.loser));
      put->bind(3, std::string_view(table.name));
      bind_key(*put, 4, table, one.row.row);
      put->bind(5, std::string_view(table.column(one.column).name));
      put->bind(6, author);
      put->bind(7, one.position);
      DS_TRY(put->run());
    }
    return {};
  });
}

Result<std::vector<RedirectedReference>> SqliteHubDuplicates::references(const RowKey& loser) {
  return attempt([&]() -> Result<std::vector<RedirectedReference>> {
    DS_ASSIGN(const HubQuery find,
              about("SELECT row_table, row_key, column_name, author, position FROM"
                    " ds_redirected_reference WHERE table_name = ?1 AND loser = ?2",
                    loser));
    std::vector<RedirectedReference> references;
    for (;;) {
      DS_ASSIGN(const bool found, find->step());
      if (!found) break;
      RedirectedReference& one = references.emplace_back();
      one.loser = loser;
      DS_ASSIGN(one.row.table, table_at(sql_->schema, *find, 0));
      DS_ASSIGN(one.row.row, row_id_at(*find, 1));
      const auto column = sql_->schema.table(one.row.table).find_column(find->text(2));
      if (!column) return error(ErrorCode::corrupt, "a reference names an unknown column");
      one.column = *column;
      DS_ASSIGN(one.author, hub_.device_of(find->integer(3)));
      one.position = find->position(4);
    }
    std::sort(references.begin(), references.end());
    return references;
  });
}

Status SqliteHubDuplicates::put_writes(std::span<const RedirectedWrite> writes) {
  return attempt([&]() -> Status {
    for (const RedirectedWrite& one : writes) {
      const Bytes body = encode_transaction(sql_->schema, one.content);
      DS_ASSIGN(const std::int64_t author, hub_.number_of(one.version.author));
      DS_ASSIGN(const HubQuery put, about(put_write_sql, one.loser));
      put->bind(3, author);
      put->bind(4, one.version.position);
      bind_stamp(*put, 5, one.version.stamp);
      put->bind(7, ByteView(body));
      DS_TRY(put->run());
    }
    return {};
  });
}

Result<std::vector<RedirectedWrite>> SqliteHubDuplicates::writes(const RowKey& loser) {
  return attempt([&]() -> Result<std::vector<RedirectedWrite>> {
    DS_ASSIGN(const HubQuery find,
              about("SELECT author, position, stamp, stamp_lo, body FROM ds_redirected_write"
                    " WHERE table_name = ?1 AND loser = ?2 ORDER BY number",
                    loser));
    std::vector<RedirectedWrite> writes;
    for (;;) {
      DS_ASSIGN(const bool found, find->step());
      if (!found) return writes;
      RedirectedWrite& one = writes.emplace_back();
      one.loser = loser;
      DS_ASSIGN(one.version.author, hub_.device_of(find->integer(0)));
      one.version.position = find->position(1);
      one.version.stamp = stamp_at(*find, 2);
      DS_ASSIGN(one.content, decode_transaction(sql_->schema, find->blob(4)));
    }
  });
}

}  // namespace doorstep
