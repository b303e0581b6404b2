#include <chrono>

#include "engine/core/json_line.hpp"
#include "server/console/answers.hpp"
#include "server/console/overview.hpp"

namespace doorstep::console {
namespace {

// So long one question may count villages before it is answered with what there is.
constexpr std::chrono::milliseconds counting_time{1'500};
constexpr std::chrono::milliseconds counting_slice{300};

void add_number_or_null(JsonLine& line, std::string_view key,
                        const std::optional<VillageWork>& work, std::int64_t VillageWork::*member) {
  if (work) {
    line.number(key, (*work).*member);
  } else {
    line.null(key);
  }
}

std::string weeks_json(const std::optional<VillageWork>& work, const WorkFigures& figures) {
  JsonList weeks;
  for (std::size_t i = 0; i < weeks_shown; ++i) {
    JsonLine week;
    week.text("week", figures.weeks()[i]);
    if (work) {
      week.number("visits", work->visits[i]);
    } else {
      week.null("visits");
    }
    weeks.raw(week.done());
  }
  return weeks.done();
}

std::string unit_json(const UnitNow& now, const WorkFigures& figures) {
  JsonLine line;
  line.text("code", now.unit.code).text("name", now.unit.name).text("level", now.unit.level);
  if (now.unit.parent.empty()) {
    line.null("parent");
  } else {
    line.text("parent", now.unit.parent);
  }
  line.number("devices", now.devices)
      .number("silent", now.silent)
      .number("connected", now.connected)
      .time("last_contact_at", now.last_contact)
      .number("lag", now.lag)
      .number("pending", now.pending)
      .number("conflicts", now.conflicts)
      .number("duplicates", now.duplicates)
      .number("quarantined", now.quarantined);
  if (now.work) {
    line.number("visits", now.work->visits.back());
  } else {
    line.null("visits");
  }
  add_number_or_null(line, "must_due", now.work, &VillageWork::must_due);
  add_number_or_null(line, "must_done", now.work, &VillageWork::must_done);
  return line.raw("weeks", weeks_json(now.work, figures)).done();
}

/// The unit that was asked for; without one, the hub as a whole.
Result<OrgUnit> head_of(ConsoleCall& call, const std::optional<std::string>& scope,
                        const std::vector<OrgUnit>& units) {
  if (!scope && !units.empty() && units_below(units, units.front().code).size() == units.size()) {
    return units.front();
  }
  if (!scope) return OrgUnit{"", call.store().identity().name, "", "", 0};
  const auto below = units_below(units, *scope);
  if (below.empty()) return call.blame("scope", error(ErrorCode::not_found, "scope " + *scope));
  return below.front();
}

}  // namespace

Status count_some_work(ConsolePorts& ports) {
  sqlite::OpenOptions options;
  options.read_only = true;
  DS_ASSIGN(auto db, sqlite::Database::open(ports.folder.database_file().string(), options));
  DS_ASSIGN(const auto units, read_units(db, ports.folder.store().schema()));
  return ports.work.refresh(ports.folder, units, ports.time.now(), counting_slice);
}

Result<ConsoleAnswer> answer_overview(ConsoleCall& call) {
  FieldReader query = call.query();
  const auto scope = query.optional_text("scope");
  DS_TRY(query.done());
  DS_ASSIGN(auto db, call.read_database());
  DS_ASSIGN(const auto units, read_units(db, call.store().schema()));
  DS_ASSIGN(const auto head, head_of(call, scope, units));
  WorkFigures& work = call.ports.work;
  const Instant now = call.ports.time.now();
  DS_TRY(work.refresh(call.ports.folder, units, now, counting_time));

  OverviewQuestion question{head.code.empty() ? units : units_below(units, head.code), {}, now};
  if (call.ports.connected != nullptr) question.connected = call.ports.connected->all();
  DS_ASSIGN(auto overview, overview_of(call.store(), db, question, work));
  overview.totals.unit = head;
  JsonList list;
  for (const UnitNow& unit : overview.units) list.raw(unit_json(unit, work));
  return ConsoleAnswer::json(JsonLine()
                                 .number("position", overview.position.number())
                                 .text("at", to_rfc3339(now))
                                 .text("week", work.weeks().back())
                                 .number("counting", std::uint64_t{work.left()})
                                 .raw("totals", unit_json(overview.totals, work))
                                 .raw("units", list.done())
                                 .done());
}

}  // namespace doorstep::console
