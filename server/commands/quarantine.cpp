#include <ostream>
#include <utility>

#include "engine/core/json_line.hpp"
#include "engine/session/settle_quarantine.hpp"
#include "server/commands/command.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"
#include "server/quarantine_text.hpp"
#include "server/text_table.hpp"

namespace doorstep::commands {
namespace {

// More than a person reads; the newest come first.
constexpr std::size_t quarantine_listed_max = 100'000;
// A transaction is named by its hash or the beginning of it.
constexpr std::size_t quarantine_digits_min = 4;

using Action = QuarantineOptions::Action;

Status list_waiting(const QuarantineOptions& options, HubStore& store, const Terminal& terminal) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(auto records, snapshot->quarantine({quarantine_listed_max, !options.all}));
  TextTable table({"ID", "NAME", "WRITTEN", "ARRIVED", "STATE", "ROWS HELD", "WHY"});
  for (QuarantineRecord& record : records) {
    DS_ASSIGN(const QuarantinedWork work, look_at(*snapshot, std::move(record)));
    if (options.json) {
      terminal.out << json_of(work).done() << '\n';
      continue;
    }
    const QuarantineRecord& kept = work.record;
    std::string state(name_of(kept.state));
    if (kept.state != QuarantineState::waiting) state += " by " + kept.settled_by;
    table.add({kept.id.hash.hex(), work.name, work.written ? to_rfc3339(*work.written) : "-",
               work.arrived ? to_rfc3339(*work.arrived) : "-", state,
               std::to_string(work.held.size()), kept.reason.text()});
  }
  if (!options.json) terminal.out << table.text();
  return {};
}

Result<QuarantineRecord> find_record(const std::vector<QuarantineRecord>& records,
                                     const std::string& wanted) {
  const QuarantineRecord* found = nullptr;
  for (const QuarantineRecord& record : records) {
    if (!record.id.hash.hex().starts_with(wanted)) continue;
    if (found != nullptr) return error(ErrorCode::usage, wanted + " fits several transactions");
    found = &record;
  }
  if (wanted.size() < quarantine_digits_min) {
    return error(ErrorCode::usage,
                 "ID is what 'doorstepd quarantine' shows, or at least its first " +
                     std::to_string(quarantine_digits_min) + " digits");
  }
  if (found == nullptr) return error(ErrorCode::not_found, "quarantined transaction " + wanted);
  return *found;
}

Result<std::vector<QuarantineRecord>> find_all(const QuarantineOptions& options, HubStore& store) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(const auto records, snapshot->quarantine({quarantine_listed_max, false}));
  std::vector<QuarantineRecord> found;
  for (const std::string& id : options.ids) {
    DS_ASSIGN(QuarantineRecord one, find_record(records, id));
    found.push_back(std::move(one));
  }
  return found;
}

Status show_each(const QuarantineOptions& options, HubStore& store, const Terminal& terminal) {
  DS_ASSIGN(auto records, find_all(options, store));
  DS_ASSIGN(const auto snapshot, store.snapshot());
  for (QuarantineRecord& record : records) {
    DS_ASSIGN(const QuarantinedWork work, look_at(*snapshot, std::move(record)));
    if (options.json) {
      DS_ASSIGN(const std::string line, json_in_full(*snapshot, work));
      terminal.out << line << '\n';
    } else {
      DS_ASSIGN(const std::string text, text_in_full(*snapshot, work, terminal.chinese));
      terminal.out << text;
    }
  }
  return {};
}

Status settle(const QuarantineOptions& options, HubStore& store, const Terminal& terminal) {
  DS_ASSIGN(const auto records, find_all(options, store));
  OsRandom random;
  QuarantineDecision decision{{},
                              options.by.empty() ? store.identity().name : options.by,
                              SystemTime().now(),
                              random.id<CommitToken>()};
  for (const QuarantineRecord& record : records) decision.ids.push_back(record.id);
  const bool admits = options.action == Action::admit;
  Admitted done;
  if (admits) {
    DS_ASSIGN(done, admit_quarantined(store, decision));
  } else {
    DS_ASSIGN(done.position, discard_quarantined(store, decision));
    done.ids = decision.ids;
  }
  for (std::size_t i = 0; options.json && i < done.ids.size(); ++i) {
    JsonLine line;
    line.text(admits ? "admitted" : "discarded", done.ids[i].hash.hex());
    if (admits) line.text("outcome", name_of(done.outcomes[i].kind));
    terminal.out << line.number("position", done.position.value).done() << '\n';
  }
  if (options.json) return {};
  const std::string count = std::to_string(done.ids.size());
  if (terminal.chinese) {
    terminal.out << (admits ? "已接收 " + count + " 项；手机同步后都会看到。\n"
                            : "已作废 " + count + " 项，不再列出。\n");
  } else {
    terminal.out << count
                 << (admits ? " admitted; every phone sees it with its next sync.\n"
                            : " discarded; not listed any more.\n");
  }
  return {};
}

}  // namespace

Status quarantine(const QuarantineOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  switch (options.action) {
    case Action::list:
      return list_waiting(options, folder.store(), terminal);
    case Action::show:
      return show_each(options, folder.store(), terminal);
    case Action::admit:
    case Action::discard:
      break;
  }
  return settle(options, folder.store(), terminal);
}

}  // namespace doorstep::commands
