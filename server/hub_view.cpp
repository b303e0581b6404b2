#include "server/hub_view.hpp"

#include <utility>

namespace doorstep {
namespace {

constexpr int attempts_max = 100;
// A county's figures are made from large parts, and the file system's cache holds none of these.
constexpr const char* pragmas = "PRAGMA cache_size = -131072; PRAGMA temp_store = MEMORY";

}  // namespace

// Two connections see one state when nothing was committed between their beginnings.
Result<HubView> HubView::open(SqliteHubStore& store, const std::filesystem::path& database) {
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    sqlite::OpenOptions options;
    options.read_only = true;
    DS_ASSIGN(auto db, sqlite::Database::open(database.string(), options));
    DS_TRY(db.run(pragmas));
    DS_TRY(db.run("BEGIN"));
    DS_ASSIGN(const auto newest, db.one("SELECT max(position) FROM ds_commit"));
    DS_ASSIGN(auto snapshot, store.snapshot());
    const bool none = !newest || newest->kind() != Value::Kind::integer;
    const std::uint64_t head = none ? 0 : static_cast<std::uint64_t>(newest->as_integer());
    if (head != snapshot->head().value) continue;
    return HubView(std::move(snapshot), std::move(db), store.identity());
  }
  return error(ErrorCode::busy, "the hub commits faster than it can be read");
}

}  // namespace doorstep
