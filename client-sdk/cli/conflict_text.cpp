#include "client-sdk/cli/conflict_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "client-sdk/cli/speech.hpp"
#include "engine/core/json_line.hpp"

namespace doorstep::cli {
namespace {

std::string state_text(const ConflictInfo& conflict) {
  std::string text = conflict.state;
  if (conflict.decided_by) {
    text += std::string(say(" by ", "，裁决者 ")) + conflict.decided_by->hex();
  }
  if (!conflict.decided_time.empty()) text += " " + conflict.decided_time;
  if (conflict.pending) text += say(", not confirmed yet", "，尚未确认");
  return text;
}

std::string author_text(const Candidate& candidate, const ReplicaStatus& self) {
  if (!candidate.author) return {};
  const auto& before = self.earlier_devices;
  const bool earlier = std::find(before.begin(), before.end(), *candidate.author) != before.end();
  if (earlier || *candidate.author == self.device) return std::string(say("this device", "本机"));
  return candidate.author->hex();
}

std::string_view place_text(const std::string& place) {
  if (place == "pending") return say("pending", "待确认");
  if (place == "lost") return say("lost", "落选");
  if (place == "stood") return say("stood", "曾成立");
  return say("shown", "显示");
}

std::string candidate_json(const Candidate& candidate) {
  JsonLine line;
  line.value("value", candidate.value).text("place", candidate.place);
  if (candidate.author) {
    line.text("author", candidate.author->hex());
  } else {
    line.null("author");
  }
  line.text("at", candidate.time).text("claimed_at", candidate.claimed_time);
  if (candidate.conflict) {
    line.text("conflict", candidate.conflict->id.hex())
        .text("state", candidate.conflict->state)
        .boolean("order_uncertain", candidate.conflict->order_uncertain);
  }
  return line.done();
}

}  // namespace

std::string conflict_json(const ConflictInfo& conflict) {
  JsonLine line;
  line.text("id", conflict.id.hex())
      .text("table", conflict.table)
      .value("row", conflict.row)
      .text("column", conflict.column)
      .text("policy", conflict.policy)
      .value("winner", conflict.winner)
      .value("loser", conflict.loser)
      .text("winner_author", conflict.winner_author.hex())
      .text("loser_author", conflict.loser_author.hex())
      .text("winner_at", conflict.winner_time)
      .text("loser_at", conflict.loser_time)
      .boolean("order_uncertain", conflict.order_uncertain)
      .text("state", conflict.state)
      .boolean("pending", conflict.pending);
  if (conflict.decided_by) {
    line.text("decided_by", conflict.decided_by->hex()).text("decided_at", conflict.decided_time);
  } else {
    line.null("decided_by").null("decided_at");
  }
  return line.done();
}

void print_conflict(const ConflictInfo& conflict) {
  const std::string uncertain(
      conflict.order_uncertain ? say("  (order uncertain)", "（先后不能确定）") : "");
  if (conflict.column.empty()) {
    // A delete that met an edit: there are no two values to show, but two acts.
    fmt::print("{}  {}  [{}]\n", conflict.id.hex(), conflict.table, state_text(conflict));
    fmt::print(fmt::runtime(say("  {} edited the row at {}\n", "  {} 在 {} 修改了这条记录\n")),
               conflict.winner_author.hex(), conflict.winner_time);
    fmt::print(fmt::runtime(say("  {} deleted it at {}, without having seen that{}\n",
                                "  {} 在 {} 删除了它，当时没有看到上面的修改{}\n")),
               conflict.loser_author.hex(), conflict.loser_time, uncertain);
    fmt::print("  {}\n", say("--keep winner: the row stays; --keep loser: it is deleted",
                             "--keep winner：保留记录；--keep loser：删除记录"));
    return;
  }
  fmt::print("{}  {}.{}  [{}, {}]\n", conflict.id.hex(), conflict.table, conflict.column,
             conflict.policy, state_text(conflict));
  fmt::print("  {:<8} {}  {}  {}\n", say("stands", "成立"), conflict.winner.display(),
             conflict.winner_author.hex(), conflict.winner_time);
  fmt::print("  {:<8} {}  {}  {}{}\n", say("lost", "落选"), conflict.loser.display(),
             conflict.loser_author.hex(), conflict.loser_time, uncertain);
}

std::string explanation_json(const Explanation& explanation) {
  std::string candidates = "[";
  for (const Candidate& candidate : explanation.candidates) {
    if (candidates.size() > 1) candidates += ',';
    candidates += candidate_json(candidate);
  }
  JsonLine line;
  line.text("table", explanation.table)
      .value("row", explanation.row)
      .text("column", explanation.column)
      .text("policy", explanation.policy)
      .boolean("live", explanation.live)
      .value("shown", explanation.shown)
      .value("hub_value", explanation.hub_value)
      .number("pending", explanation.pending);
  if (explanation.decided_by) {
    line.text("decided_by", explanation.decided_by->hex())
        .text("decided_at", explanation.decided_time);
  } else {
    line.null("decided_by").null("decided_at");
  }
  return line.raw("candidates", candidates + "]").done();
}

void print_explanation(const Explanation& explanation, const ReplicaStatus& self) {
  fmt::print("{}.{}  [{}]\n", explanation.table, explanation.column, explanation.policy);
  if (!explanation.live) {
    fmt::print("  {}\n", say("The row is not on this device.", "这条记录不在本机上。"));
  }
  if (explanation.pending > 0) {
    fmt::print(fmt::runtime(say("  {} own transactions wait to be confirmed; the hub says {}\n",
                                "  本机有 {} 次修改等待确认；乡镇的值是 {}\n")),
               explanation.pending, explanation.hub_value.display());
  }
  if (explanation.decided_by) {
    fmt::print(fmt::runtime(say("  decided by {} {}\n", "  裁决者 {} {}\n")),
               explanation.decided_by->hex(), explanation.decided_time);
  }
  for (const Candidate& candidate : explanation.candidates) {
    std::string line = fmt::format("  {:<8} {}  {}", place_text(candidate.place),
                                   candidate.value.display(), author_text(candidate, self));
    if (!candidate.time.empty()) line += "  " + candidate.time;
    if (!candidate.claimed_time.empty()) {
      line += std::string(say("  this phone's clock: ", "  本机时钟：")) + candidate.claimed_time;
    }
    if (candidate.conflict) line += "  [" + state_text(*candidate.conflict) + "]";
    fmt::print("{}\n", line);
  }
}

}  // namespace doorstep::cli
