#include "server/explain.hpp"

#include <algorithm>
#include <utility>

#include "engine/core/group.hpp"
#include "engine/core/merge_cell.hpp"
#include "engine/core/policy.hpp"
#include "engine/session/commit_merge.hpp"

namespace doorstep {
namespace {

Result<std::optional<TransactionRecord>> record_at(HubSnapshot& snapshot, const DeviceId& device,
                                                   std::uint64_t sequence) {
  DS_ASSIGN(auto found, snapshot.transactions(device, Sequence{sequence - 1}, Sequence{sequence}));
  if (found.empty()) return std::optional<TransactionRecord>();
  return std::optional(std::move(found.front()));
}

/// The first sequence whose transaction came in `position` or later. Positions rise with sequences;
/// what is no longer on record is older than all that is.
Result<std::uint64_t> first_from(HubSnapshot& snapshot, const DeviceRecord& device,
                                 Position position) {
  std::uint64_t low = 1;
  std::uint64_t high = device.merged.value + 1;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    DS_ASSIGN(const auto record, record_at(snapshot, device.id, middle));
    if (record && record->position >= position) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

bool is_same(const CellVersion& a, const CellVersion& b) {
  return a.author == b.author && a.position == b.position;
}

class Explainer {
 public:
  Explainer(HubSnapshot& snapshot, const HubIdentity& identity, const Column& column)
      : snapshot_(snapshot), identity_(identity), column_(column) {}

  Status add_standing(const Cell& cell, CellExplanation& out);
  Status add_records(const std::vector<Conflict>& records, CellExplanation& out);

 private:
  Status add(HubCandidate candidate, CellExplanation& out);
  Status add_record_side(const Contribution& side, const Conflict* record, CellExplanation& out);

  HubSnapshot& snapshot_;
  const HubIdentity& identity_;
  const Column& column_;
};

Status Explainer::add(HubCandidate candidate, CellExplanation& out) {
  DS_ASSIGN(candidate.author, author_name(snapshot_, identity_, candidate.version));
  DS_ASSIGN(const auto writer, writer_of(snapshot_, candidate.version));
  if (writer) candidate.claimed = writer->claimed;
  out.candidates.push_back(std::move(candidate));
  return {};
}

Status Explainer::add_standing(const Cell& cell, CellExplanation& out) {
  const PolicyRules& rules = rules_of(column_.policy);
  for (const Contribution& one : cell.state.contributions) {
    HubCandidate candidate;
    candidate.value = one.value;
    candidate.version = one.version;
    candidate.standing = true;
    candidate.shown =
        rules.shape != PolicyRules::Shape::assignments || rules.stands(one, cell.shown);
    DS_TRY(add(std::move(candidate), out));
  }
  for (const ElementMark& mark : cell.state.elements) {
    HubCandidate candidate;
    candidate.value = Value::text(mark.element);
    candidate.version = mark.version;
    candidate.standing = candidate.shown = true;
    DS_TRY(add(std::move(candidate), out));
  }
  return {};
}

Status Explainer::add_record_side(const Contribution& side, const Conflict* record,
                                  CellExplanation& out) {
  const auto known =
      std::find_if(out.candidates.begin(), out.candidates.end(), [&](const HubCandidate& one) {
        return is_same(one.version, side.version) && one.value == side.value;
      });
  if (known != out.candidates.end()) {
    if (record != nullptr) known->conflict = *record;
    return {};
  }
  HubCandidate candidate;
  candidate.value = side.value;
  candidate.version = side.version;
  if (record != nullptr) candidate.conflict = *record;
  return add(std::move(candidate), out);
}

Status Explainer::add_records(const std::vector<Conflict>& records, CellExplanation& out) {
  for (const Conflict& record : records) {
    if (record.column != out.column) continue;
    DS_TRY(add_record_side(record.loser, &record, out));
    DS_TRY(add_record_side(record.winner, nullptr, out));
  }
  return {};
}

}  // namespace

Result<std::string> author_name(HubSnapshot& snapshot, const HubIdentity& identity,
                                const CellVersion& version) {
  if (version.author == hub_author(identity)) {
    DS_ASSIGN(const auto person, snapshot.signed_by(version.position));
    return person.value_or(identity.name);
  }
  DS_ASSIGN(const auto device, snapshot.device(version.author));
  return device && !device->name.empty() ? device->name : version.author.hex();
}

Result<std::optional<TransactionRecord>> writer_of(HubSnapshot& snapshot,
                                                   const CellVersion& version) {
  DS_ASSIGN(const auto device, snapshot.device(version.author));
  if (!device) return std::optional<TransactionRecord>();
  DS_ASSIGN(const std::uint64_t first, first_from(snapshot, *device, version.position));
  // A push may have brought several transactions into one commit: the last one that is not newer
  // than the cell's stamp, which only ever was raised.
  std::optional<TransactionRecord> writer;
  for (std::uint64_t sequence = first; sequence <= device->merged.value; ++sequence) {
    DS_ASSIGN(auto record, record_at(snapshot, device->id, sequence));
    if (!record || record->position != version.position) break;
    if (writer && (!record->corrected || *record->corrected > version.stamp.latest())) break;
    writer = std::move(record);
  }
  return writer;
}

Result<CellExplanation> explain_cell(HubSnapshot& snapshot, const Schema& schema,
                                     const HubIdentity& identity, const RowKey& key,
                                     ColumnId column) {
  const Table& table = schema.table(key.table);
  DS_ASSIGN(const auto row, snapshot.row(key));
  if (!row) return error(ErrorCode::not_found, "no row of " + table.name + " has this id");
  const Cell cell = open_cell(table, *row, lead_of(table, column));
  CellExplanation out;
  out.key = key;
  out.column = column;
  out.live = row->live;
  out.scope = row->scope;
  out.shown = cell.shown;
  out.changed = cell.state.changed;
  out.decision = cell.state.decision;
  if (out.decision) {
    DS_ASSIGN(out.decided_by, author_name(snapshot, identity, *out.decision));
  }
  Explainer explainer(snapshot, identity, table.column(column));
  DS_TRY(explainer.add_standing(cell, out));
  DS_ASSIGN(const auto records, snapshot.conflicts_of(key));
  DS_TRY(explainer.add_records(records, out));
  return out;
}

}  // namespace doorstep
