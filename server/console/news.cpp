#include "server/console/news.hpp"

#include "engine/core/json_line.hpp"
#include "server/console/answers.hpp"

namespace doorstep::console {
namespace {

Result<std::int64_t> number(sqlite::Database& db, std::string_view sql) {
  DS_ASSIGN(const auto found, db.one(sql));
  const bool whole = found && found->kind() == Value::Kind::integer;
  return whole ? found->as_integer() : std::int64_t{0};
}

}  // namespace

Status News::count(sqlite::Database& db) {
  // All from one state.
  DS_TRY(db.run("BEGIN"));
  const auto read = [&]() -> Status {
    DS_ASSIGN(const auto newest, number(db, "SELECT max(position) FROM ds_commit"));
    const Position position{static_cast<std::uint64_t>(newest)};
    if (position_ == position) return {};
    DS_ASSIGN(conflicts_, number(db,
                                 "SELECT count(*) FROM ds_conflict"
                                 " WHERE state = 'open' AND withdrawn = 0"));
    DS_ASSIGN(duplicates_, number(db, "SELECT count(*) FROM ds_duplicate WHERE state = 'open'"));
    DS_ASSIGN(quarantined_,
              number(db, "SELECT count(*) FROM ds_quarantine WHERE state = 'waiting'"));
    position_ = position;
    return {};
  };
  Status done = read();
  DS_TRY(db.run("COMMIT"));
  return done;
}

Result<std::string> News::read(const ConsolePorts& ports) {
  if (!db_) {
    sqlite::OpenOptions options;
    options.read_only = true;
    DS_ASSIGN(auto db, sqlite::Database::open(ports.folder.database_file().string(), options));
    db_.emplace(std::move(db));
  }
  DS_TRY(count(*db_));
  const std::size_t connected = ports.connected == nullptr ? 0 : ports.connected->all().size();
  return JsonLine()
      .number("position", position_.value_or(Position()).number())
      .number("connected", std::uint64_t{connected})
      .number("conflicts", conflicts_)
      .number("duplicates", duplicates_)
      .number("quarantined", quarantined_)
      .done();
}

Result<ConsoleAnswer> answer_events(ConsoleCall& call) {
  DS_TRY(call.query().done());
  News news;
  DS_ASSIGN(auto json, news.read(call.ports));
  return ConsoleAnswer::json(std::move(json));
}

}  // namespace doorstep::console
