#include <algorithm>
#include <utility>

#include "engine/core/json_line.hpp"
#include "engine/session/settle_quarantine.hpp"
#include "server/console/content.hpp"
#include "server/console/page.hpp"
#include "server/quarantine_text.hpp"

namespace doorstep::console {
namespace {

// More than a hub ever has.
constexpr std::size_t records_max = 100'000;

Result<std::vector<QuarantineRecord>> all_records(HubSnapshot& snapshot) {
  return snapshot.quarantine({records_max, false});
}

const QuarantineRecord* find(const std::vector<QuarantineRecord>& records, std::string_view hash) {
  const auto found =
      std::find_if(records.begin(), records.end(),
                   [&](const QuarantineRecord& record) { return record.id.hash.hex() == hash; });
  return found == records.end() ? nullptr : &*found;
}

Error unknown(const std::string& id) {
  return error(ErrorCode::not_found, "quarantined transaction " + id);
}

}  // namespace

Result<ConsoleAnswer> answer_quarantine(ConsoleCall& call) {
  FieldReader query = call.query();
  const bool only_waiting = query.choice("state", {"waiting", "all"}, "waiting") == "waiting";
  DS_ASSIGN(const Page page, read_page(query, call.field));
  DS_TRY(query.done());
  DS_ASSIGN(const auto snapshot, call.store().snapshot());
  DS_ASSIGN(auto records, all_records(*snapshot));
  const auto waits = [](const QuarantineRecord& record) {
    return record.state == QuarantineState::waiting;
  };
  const auto waiting = std::count_if(records.begin(), records.end(), waits);
  // What is settled meanwhile stays on record, so the last entry is found again.
  bool reached = !page.after;
  PageOf entries(page.limit);
  for (QuarantineRecord& record : records) {
    const std::string hash = record.id.hash.hex();
    if (!reached) {
      reached = hash == page.after->id;
      continue;
    }
    if (only_waiting && !waits(record)) continue;
    if (entries.is_full()) {
      entries.more();
      break;
    }
    const PageEnd end{record.position.value, hash};
    DS_ASSIGN(const QuarantinedWork work, look_at(*snapshot, std::move(record)));
    entries.add(json_of(work).done(), end);
  }
  return ConsoleAnswer::json(JsonLine()
                                 .raw("transactions", entries.entries())
                                 .number("waiting", static_cast<std::int64_t>(waiting))
                                 .raw("next", entries.next())
                                 .done());
}

Result<ConsoleAnswer> answer_quarantined(ConsoleCall& call) {
  DS_TRY(call.query().done());
  const std::string& id = call.request.parts[0];
  DS_ASSIGN(const auto snapshot, call.store().snapshot());
  DS_ASSIGN(const auto records, all_records(*snapshot));
  const QuarantineRecord* found = find(records, id);
  if (found == nullptr) return unknown(id);
  DS_ASSIGN(const QuarantinedWork work, look_at(*snapshot, *found));
  DS_ASSIGN(const std::string json, json_in_full(*snapshot, work));
  return ConsoleAnswer::json(json);
}

Result<ConsoleAnswer> answer_settle(ConsoleCall& call) {
  FieldReader body = call.body();
  const auto ids = body.texts("ids", limits::console_page_max);
  const bool admits = body.choice("action", {"admit", "discard"}) == "admit";
  DS_TRY(body.done());
  QuarantineDecision decision{
      {}, call.who(), call.ports.time.now(), call.ports.random.id<CommitToken>()};
  {
    DS_ASSIGN(const auto snapshot, call.store().snapshot());
    DS_ASSIGN(const auto records, all_records(*snapshot));
    for (const std::string& id : ids) {
      const QuarantineRecord* found = find(records, id);
      if (found == nullptr) return call.blame("ids", unknown(id));
      decision.ids.push_back(found->id);
    }
  }
  Admitted done;
  if (admits) {
    DS_ASSIGN(done, admit_quarantined(call.store(), decision));
  } else {
    DS_ASSIGN(done.position, discard_quarantined(call.store(), decision));
    done.ids = decision.ids;
  }
  JsonList results;
  for (std::size_t i = 0; i < done.ids.size(); ++i) {
    results.raw(JsonLine()
                    .text("id", done.ids[i].hash.hex())
                    .text("outcome", admits ? name_of(done.outcomes[i].kind) : "discarded")
                    .number("position", done.position.number())
                    .done());
  }
  return ConsoleAnswer::json(JsonLine().raw("results", results.done()).done());
}

}  // namespace doorstep::console
