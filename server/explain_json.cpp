#include "server/explain_json.hpp"

#include "engine/core/json_line.hpp"

namespace doorstep {
namespace {

std::string json_of(const HubCandidate& candidate) {
  JsonLine line;
  line.value("value", candidate.value)
      .text("author", candidate.version.author.hex())
      .text("name", candidate.author)
      .boolean("shown", candidate.shown)
      .boolean("standing", candidate.standing)
      .text("at", to_rfc3339(candidate.version.stamp.latest()))
      .text("earliest_at", to_rfc3339(candidate.version.stamp.earliest()));
  if (candidate.claimed) {
    line.text("claimed_at", to_rfc3339(*candidate.claimed));
  } else {
    line.null("claimed_at");
  }
  line.number("position", candidate.version.position.value);
  if (candidate.conflict) {
    line.text("conflict", candidate.conflict->id.hex())
        .text("state", name_of(candidate.conflict->state))
        .boolean("order_uncertain", candidate.conflict->order_uncertain);
  }
  return line.done();
}

}  // namespace

std::string json_of(const Table& table, const CellExplanation& cell) {
  std::string candidates = "[";
  for (const HubCandidate& one : cell.candidates) {
    if (candidates.size() > 1) candidates += ',';
    candidates += json_of(one);
  }
  JsonLine line;
  line.text("table", table.name)
      .value("row", value_of_key(table, cell.key.row))
      .text("column", table.column(cell.column).name)
      .text("policy", name_of(table.column(cell.column).policy))
      .boolean("live", cell.live)
      .text("scope", cell.scope.code)
      .value("shown", cell.shown)
      .number("changed", cell.changed.value);
  if (cell.decision) {
    line.text("decided_by", cell.decision->author.hex())
        .text("decided_name", cell.decided_by)
        .text("decided_at", to_rfc3339(cell.decision->stamp.latest()));
  } else {
    line.null("decided_by").null("decided_name").null("decided_at");
  }
  return line.raw("candidates", candidates + "]").done();
}

}  // namespace doorstep
