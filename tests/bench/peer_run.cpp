#include "tests/bench/peer_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "client-sdk/src/replica_internal.hpp"
#include "engine/core/assert.hpp"
#include "engine/core/json_line.hpp"
#include "tests/bench/enrolled_replica.hpp"
#include "tests/bench/idle_memory.hpp"
#include "tests/bench/live_phone.hpp"
#include "tests/bench/phone_bench.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/bench/township.hpp"

namespace doorstep::bench {
namespace {

constexpr std::size_t rows_of_single_full = 2'000;  // a commit each with FULL: these are enough
constexpr std::size_t idle_clients = 500;

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

class PeerLines {
 public:
  void emit(const std::string& metric, double value, const char* unit,
            const std::string& note = {}) const {
    JsonLine line;
    line.text("peer", "doorstep")
        .value("rep", Value::integer(repetition_))
        .text("metric", metric)
        .value("value", Value::real(value))
        .text("unit", unit);
    if (!note.empty()) line.text("note", note);
    fmt::print("{}\n", line.done());
    std::fflush(stdout);
  }
  void emit_wire(const std::string& of, const TimedSync& sync, double changes,
                 const std::string& note = {}) const {
    emit(of + ".s", sync.seconds, "s", note);
    emit(of + ".up_bytes", static_cast<double>(sync.wire.up), "bytes");
    emit(of + ".down_bytes", static_cast<double>(sync.wire.down), "bytes");
    emit(of + ".bytes_per_change", sync.wire.both() / changes, "bytes");
    emit(of + ".changes_s", changes / sync.seconds, "changes/s");
  }
  void emit_file(const std::string& whose, const std::string& when, double bytes) const {
    emit("F." + whose + "_bytes." + when, bytes, "bytes");
    emit("F." + whose + "_x." + when, bytes / plain_bytes, "x");
  }

  double plain_bytes = 1;

 private:
  std::int64_t repetition_ =
      std::max<std::int64_t>(1, std::strtoll(from_environment("PEERS_REP").c_str(), nullptr, 10));
};

/// Row A in turns with plain SQLite: the same tables with ids of 16 bytes.
void run_inserts(const Workload& workload, PeerLines& lines) {
  for (const bool full : {true, false}) {
    for (const std::size_t batch : {std::size_t{1}, std::size_t{100}}) {
      const test::ScratchFolder folder("bench-peer");
      const std::string file = folder.file("replica.db");
      make_replica_file(file, workload.schema, WrittenAhead(1, {ScopeId{test::dushi}}), {});
      auto plain = make_plain_file(folder.file("plain.db"), workload.schema, full, file);
      insert_ground(plain, workload);
      ReplicaOptions options;
      options.synchronous = full ? Synchronous::full : Synchronous::normal;
      const auto replica = must(Replica::open(file, options));
      insert_ground(*replica, workload);
      const auto& visits = workload.visits;
      const std::size_t rows =
          full && batch == 1 ? std::min(rows_of_single_full, visits.size()) : visits.size();
      const std::size_t slice = batch == 1 ? 250 : 1000;
      double ours_s = 0;
      double plain_s = 0;
      for (std::size_t at = 0; at < rows; at += slice) {
        const std::size_t end = std::min(at + slice, rows);
        ours_s += seconds_of(
            [&] { insert_through_sdk(*replica, workload.visit_table(), visits, at, end, batch); });
        plain_s += seconds_of(
            [&] { insert_plain(plain, workload.visit_table(), visits, at, end, batch); });
      }
      const std::string of = fmt::format(".tx{}.{}", batch, full ? "full" : "normal");
      const auto count = static_cast<double>(rows);
      lines.emit("A.floor_rows_s" + of, count / plain_s, "rows/s",
                 "plain SQLite with 16-byte ids, same rows, alternating slices");
      lines.emit("A.rows_s" + of, count / ours_s, "rows/s");
      lines.emit("A.slowdown" + of, ours_s / plain_s, "x",
                 "seconds of this peer / seconds of plain SQLite");
      if (rows == visits.size()) lines.plain_bytes = bytes_of_file(folder.file("plain.db"));
    }
  }
  lines.emit("F.plain_sqlite_bytes", lines.plain_bytes, "bytes", "16-byte ids, checkpointed");
}

std::string key_of_visit(const Workload& workload, const VisitEdit& edit) {
  return to_hex(workload.visits[edit.visit][0].as_blob());
}

/// How many of the conflicts in one column give back what lost, on either phone, by a normal call.
double share_of_losers(const Workload& workload, const std::vector<std::string>& files) {
  std::map<std::string, std::string> lost;  // by visit
  for (const std::string& file : files) {
    const auto replica = must(Replica::open(file));
    for (const ConflictInfo& one : must(replica->conflicts())) {
      if (one.loser.kind() != Value::Kind::text) continue;
      lost.emplace(to_hex(one.row.as_blob()), std::string(one.loser.as_text()));
    }
  }
  const auto& [first, second] = workload.same_column;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    const auto found = lost.find(key_of_visit(workload, first[i]));
    if (found == lost.end()) continue;
    kept += found->second == first[i].value.as_text() || found->second == second[i].value.as_text()
                ? 1U
                : 0U;
  }
  return static_cast<double>(kept) / static_cast<double>(first.size());
}

/// A village with two phones, one of which has written everything.
class PeerVillage {
 public:
  PeerVillage(const Workload& workload, const PeerLines& lines)
      : workload_(workload),
        lines_(lines),
        township_(workload, false),
        link_(township_.url(), 0),
        first_(township_.phone("first")),
        second_(township_.phone("second")) {}

  void push_and_pull() {
    {
      const auto replica = must(Replica::open(first_));
      insert_ground(*replica, workload_);
    }
    static_cast<void>(sync_now(first_, link_));
    {
      const auto replica = must(Replica::open(first_));
      insert_through_sdk(*replica, workload_.visit_table(), workload_.visits, 0,
                         workload_.visits.size(), 100);
    }
    const auto visits = static_cast<double>(workload_.visits.size());
    lines_.emit_wire("B", sync_now(first_, link_), visits, "FULL on both sides");
    lines_.emit_wire("C", sync_now(second_, link_), visits, "FULL; includes the 1,571 base rows");
    weigh("after_A");
  }
  void edit_and_meet() {
    edit(first_, workload_.different_columns.first, workload_.same_column.first);
    edit(second_, workload_.different_columns.second, workload_.same_column.second);
    TimedSync all = sync_now(first_, link_);
    for (const std::string& file : {second_, first_}) {
      const TimedSync more = sync_now(file, link_);
      all.seconds += more.seconds;
      all.wire.up += more.wire.up;
      all.wire.down += more.wire.down;
    }
    const auto edits = static_cast<double>(4 * workload_.same_column.first.size());
    lines_.emit_wire("D", all, edits, "first, second and first phone in turn");
    const auto here = visits_of(*must(Replica::open(first_)), workload_);
    const auto there = visits_of(*must(Replica::open(second_)), workload_);
    lines_.emit("D.converged", here == there ? 1 : 0, "bool");
    lines_.emit("D.other_field_kept", share_with_both(here), "fraction");
    lines_.emit("D.loser_recoverable", share_of_losers(workload_, {first_, second_}), "fraction",
                "Replica::conflicts() on the phones");
    weigh("after_D");
  }
  void change_live() {
    std::vector<double> times;
    LinkProxy up(township_.url(), 0);
    LinkProxy down(township_.url(), 0);
    LivePhone writer(first_, up.url());
    LivePhone reader(second_, down.url());
    up.forget_counts();
    down.forget_counts();
    for (const VisitEdit& edit : workload_.live) {
      const LivePhone::Heard sent = writer.heard();
      const LivePhone::Heard before = reader.heard();
      times.push_back(1e3 * seconds_of([&] {
                        writer.edit(workload_, edit);
                        reader.await_applied(before);
                      }));
      DS_ASSERT(reader.read(workload_, edit) == edit.value);
      writer.await_up_to_date(sent);
    }
    const double bytes = up.counted().both() + down.counted().both();
    std::sort(times.begin(), times.end());
    lines_.emit("E.p50", times.at(times.size() / 2), "ms", "through a counting proxy, FULL");
    lines_.emit("E.p99", times.at(times.size() * 99 / 100), "ms");
    lines_.emit("E.bytes_per_change", bytes / static_cast<double>(times.size()), "bytes",
                "both legs");
  }

 private:
  void edit(const std::string& file, const std::vector<VisitEdit>& some,
            const std::vector<VisitEdit>& more) {
    const auto replica = must(Replica::open(file));
    edit_through_sdk(*replica, workload_, some, 0, some.size(), 100);
    edit_through_sdk(*replica, workload_, more, 0, more.size(), 100);
  }
  void weigh(const std::string& when) {
    lines_.emit_file("device", when, bytes_of_file(first_));
    lines_.emit_file("server", when, bytes_of_file(township_.hub().database()));
  }
  [[nodiscard]] double share_with_both(const std::vector<std::vector<Value>>& rows) const {
    std::map<std::string, const std::vector<Value>*> by_key;
    for (const auto& row : rows) by_key.emplace(to_hex(row.at(0).as_blob()), &row);
    const auto& [first, second] = workload_.different_columns;
    const auto stands = [&](const VisitEdit& edit) {
      return by_key.at(key_of_visit(workload_, edit))->at(edit.column.index + 1U) == edit.value;
    };
    std::size_t kept = 0;
    for (std::size_t i = 0; i < first.size(); ++i) {
      kept += stands(first[i]) && stands(second[i]) ? 1U : 0U;
    }
    return static_cast<double>(kept) / static_cast<double>(first.size());
  }

  const Workload& workload_;
  const PeerLines& lines_;
  Township township_;
  LinkProxy link_;
  std::string first_;
  std::string second_;
};

}  // namespace

int run_as_peer() {
  const std::string scratch = from_environment("PEERS_SCRATCH");
  if (scratch.empty()) {
    fmt::print(stderr, "doorstep-bench: run through the harness (PEERS_SCRATCH is not set)\n");
    return 2;
  }
  const Workload workload = read_peer_workload(scratch + "/workload.json");
  PeerLines lines;
  run_inserts(workload, lines);
  {
    PeerVillage village(workload, lines);
    village.push_and_pull();
    village.edit_and_meet();
    village.change_live();
  }
  lines.emit("G.server_bytes_per_client", idle_memory(idle_clients, false).resident * 1024, "bytes",
             fmt::format("RSS growth / {}, live devices that are up to date", idle_clients));
  return 0;
}

}  // namespace doorstep::bench
