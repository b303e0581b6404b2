#include <algorithm>
#include <ostream>

#include "engine/core/json_line.hpp"
#include "engine/wire/salvage_rows.hpp"
#include "server/commands/command.hpp"
#include "server/commands/find_device.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/os_random.hpp"
#include "server/text_table.hpp"

namespace doorstep::commands {
namespace {

constexpr std::size_t waiting_listed_max = 100'000;

/// A row as a phone had it from the lost hub, and not as it is here.
struct LostRow {
  RowKey key;
  RowImage held;
  std::string at_hub;  ///< "unknown", "deleted" or "differs"
};

struct Returned {
  DeviceRecord device;
  std::uint64_t offered = 0;  ///< transactions that are here because they were offered again
  std::uint64_t waiting = 0;  ///< and wait for rows, or a person
  std::vector<GapRecord> gaps;
  std::vector<LostRow> rows;
};

Result<std::vector<LostRow>> lost_rows(HubSnapshot& snapshot, const DeviceId& device) {
  DS_ASSIGN(const auto parts, snapshot.salvage(device, Sequence{}));
  DS_ASSIGN(const HeldRows held, rows_of(snapshot.schemas().newest(), parts));
  std::vector<LostRow> rows;
  for (const auto& [key, image] : held) {
    DS_ASSIGN(const auto stored, snapshot.row(key));
    if (stored && stored->live && stored->image == image) continue;
    rows.push_back({key, image, !stored ? "unknown" : stored->live ? "differs" : "deleted"});
  }
  return rows;
}

Result<std::vector<Returned>> look(HubSnapshot& snapshot) {
  DS_ASSIGN(const auto devices, snapshot.devices());
  DS_ASSIGN(const auto quarantine, snapshot.quarantine({waiting_listed_max, true}));
  std::vector<Returned> all;
  for (const DeviceRecord& device : devices) {
    if (device.cut_epoch == 0) continue;
    Returned& one = all.emplace_back();
    one.device = device;
    DS_ASSIGN(const auto records, snapshot.transactions(device.id, Sequence{}, device.cut_through));
    for (const TransactionRecord& record : records) {
      if (record.position.epoch() >= device.cut_epoch) ++one.offered;
    }
    for (const QuarantineRecord& record : quarantine) {
      if (record.id.device == device.id && record.id.sequence <= device.cut_through) ++one.waiting;
    }
    DS_ASSIGN(one.gaps, snapshot.gaps(device.id));
    DS_ASSIGN(one.rows, lost_rows(snapshot, device.id));
  }
  return all;
}

std::string json_of(const EpochRecord& epoch) {
  JsonLine line;
  line.number("epoch", epoch.epoch);
  if (epoch.parent) {
    line.number("parent", *epoch.parent).number("parent_position", epoch.parent_position.value);
  } else {
    line.null("parent");
  }
  line.boolean("announced", epoch.announced);
  if (epoch.noticed != Instant{}) line.text("began_at", to_rfc3339(epoch.noticed));
  return line.done();
}

std::string json_of(const Returned& one) {
  std::string gaps;
  for (const GapRecord& gap : one.gaps) {
    gaps += (gaps.empty() ? "[" : ",[") + std::to_string(gap.from.value) + "," +
            std::to_string(gap.through.value) + "]";
  }
  return JsonLine()
      .text("device", one.device.id.hex())
      .text("name", one.device.name)
      .number("offered_again", one.offered)
      .number("waiting", one.waiting)
      .raw("gaps", "[" + gaps + "]")
      .number("rows", std::uint64_t{one.rows.size()})
      .done();
}

std::string json_of(const Schema& schema, const Returned& one, const LostRow& row) {
  const Table& table = schema.table(row.key.table);
  JsonLine values;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!row.held.values[i].is_null()) values.value(table.columns[i].name, row.held.values[i]);
  }
  return JsonLine()
      .text("table", table.name)
      .value("row", value_of_key(table, row.key.row))
      .text("at_hub", row.at_hub)
      .text("device", one.device.id.hex())
      .text("name", one.device.name)
      .raw("held", values.done())
      .done();
}

std::string_view how(const EpochRecord& epoch) {
  if (!epoch.announced) return "a phone knew more";
  if (epoch.parent) return "restored";
  return epoch.epoch == 1 ? "made" : "begun anew";
}

std::string text_of(const Schema& schema, const LostRow& row) {
  const Table& table = schema.table(row.key.table);
  std::string text;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (row.held.values[i].is_null()) continue;
    text += (text.empty() ? "" : " ") + table.columns[i].name + "=" + row.held.values[i].display();
  }
  return text;
}

void show(const std::vector<EpochRecord>& epochs, const std::vector<Returned>& all,
          const Schema& schema, std::ostream& out) {
  TextTable history({"EPOCH", "GOES ON FROM", "BEGAN", "HOW"});
  for (const EpochRecord& epoch : epochs) {
    const std::string from = epoch.parent
                                 ? "epoch " + std::to_string(*epoch.parent) + ", position " +
                                       std::to_string(epoch.parent_position.number())
                                 : "nothing";
    history.add({std::to_string(epoch.epoch), from,
                 epoch.noticed == Instant{} ? "-" : to_rfc3339(epoch.noticed),
                 std::string(how(epoch))});
  }
  out << history.text();
  if (all.empty()) return;
  TextTable phones(
      {"NAME", "OFFERED AGAIN", "WAITING", "LOST NUMBERS", "ROWS ONLY THERE", "DEVICE"});
  TextTable rows({"TABLE", "ROW", "HERE", "FROM", "AS THE PHONE HAD IT"});
  bool any = false;
  for (const Returned& one : all) {
    std::string gaps;
    for (const GapRecord& gap : one.gaps) {
      gaps += (gaps.empty() ? "" : " ") + std::to_string(gap.from.value) + "-" +
              std::to_string(gap.through.value);
    }
    phones.add({one.device.name, std::to_string(one.offered), std::to_string(one.waiting), gaps,
                std::to_string(one.rows.size()), one.device.id.hex()});
    for (const LostRow& row : one.rows) {
      any = true;
      const Table& table = schema.table(row.key.table);
      rows.add({table.name, value_of_key(table, row.key.row).display(), row.at_hub, one.device.name,
                text_of(schema, row)});
    }
  }
  out << '\n' << phones.text();
  if (any) out << '\n' << rows.text();
}

Status discard(const RestoredOptions& options, HubStore& store, const Terminal& terminal) {
  DS_ASSIGN(const auto snapshot, store.snapshot());
  DS_ASSIGN(const DeviceRecord device, find_device(*snapshot, options.discard));
  DS_ASSIGN(const auto rows, lost_rows(*snapshot, device.id));
  OsRandom random;
  DS_ASSIGN(const auto commit, store.begin());
  DS_TRY(commit->remove_salvage(device.id, Sequence{}));
  DS_TRY(commit->commit(SystemTime().now(), random.id<CommitToken>()));
  if (options.json) {
    terminal.out << JsonLine()
                        .text("discarded", device.id.hex())
                        .number("rows", std::uint64_t{rows.size()})
                        .done()
                 << '\n';
  } else if (terminal.chinese) {
    terminal.out << "已作废 " << device.name << " 的 " << rows.size() << " 行，不再列出。\n";
  } else {
    terminal.out << rows.size() << " rows of " << device.name << " are not listed any more.\n";
  }
  return {};
}

}  // namespace

Status restored(const RestoredOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  if (!options.discard.empty()) return discard(options, folder.store(), terminal);
  DS_ASSIGN(const auto snapshot, folder.store().snapshot());
  DS_ASSIGN(const auto epochs, snapshot->epochs());
  DS_ASSIGN(const auto all, look(*snapshot));
  const Schema& schema = snapshot->schemas().newest();
  if (!options.json) {
    show(epochs, all, schema, terminal.out);
    return {};
  }
  for (const EpochRecord& epoch : epochs) terminal.out << json_of(epoch) << '\n';
  for (const Returned& one : all) {
    terminal.out << json_of(one) << '\n';
    for (const LostRow& row : one.rows) terminal.out << json_of(schema, one, row) << '\n';
  }
  return {};
}

}  // namespace doorstep::commands
