#include "tests/sim/workload.hpp"

#include <functional>
#include <map>
#include <utility>

#include "tests/support/small_village.hpp"

namespace doorstep::sim {
namespace {

using test::key_value;
using test::numbered;

/// One line at its work.
class Worker {
 public:
  Worker(Replica& replica, const Line& line, std::uint32_t version)
      : replica_(replica), line_(line), version_(version) {}

  /// Does the app's form have what came with that version?
  [[nodiscard]] bool knows(std::uint32_t version) const { return version_ >= version; }

  [[nodiscard]] std::int64_t number(const char* name) const { return line_.number(name); }
  [[nodiscard]] std::string word(const char* prefix) const {
    return prefix + std::to_string(number("value"));
  }
  [[nodiscard]] Value new_row() const {
    return key_value(numbered(static_cast<std::uint64_t>(number("row"))));
  }
  [[nodiscard]] Value village() const {
    return Value::text(number("village") % 2 == 0 ? "X" : "Y");
  }

  Status run(const std::string& sql, const Bindings& bindings = {}) {
    DS_ASSIGN(const auto result, replica_.execute(sql, bindings));
    static_cast<void>(result);
    return {};
  }
  /// The row that `pick` means; NULL when there is none.
  Result<Value> picked(const std::string& table, const std::string& condition = "1") {
    DS_ASSIGN(const auto found,
              replica_.query("SELECT id FROM " + table + " WHERE " + condition + " ORDER BY id"));
    const auto& rows = found.sets.at(0).rows;
    if (rows.empty()) return Value::null();
    return rows[static_cast<std::size_t>(number("pick")) % rows.size()].at(0);
  }
  Status change(const std::string& table, const std::string& what, Bindings bindings = {}) {
    DS_ASSIGN(const Value row, picked(table));
    if (row.is_null()) return {};
    bindings.push_back({"row", row});
    return run("UPDATE " + table + " SET " + what + " WHERE id = :row", bindings);
  }
  Status add_to(const std::string& parent, const std::string& sql, Bindings bindings) {
    DS_ASSIGN(const Value row, picked(parent));
    if (row.is_null()) return {};
    bindings.push_back({"parent", row});
    bindings.push_back({"id", new_row()});
    return run(sql, bindings);
  }
  Status remove(const std::string& table) {
    DS_ASSIGN(const Value row, picked(table));
    if (row.is_null()) return {};
    return run("DELETE FROM " + table + " WHERE id = :row", {{"row", row}});
  }
  Replica& replica() { return replica_; }

 private:
  Replica& replica_;
  const Line& line_;
  std::uint32_t version_;
};

Binding text(const char* name, std::string value) {
  return {name, Value::text(std::string_view(value))};
}

Status register_household(Worker& worker) {
  return worker.run(
      "INSERT INTO household (id, village_code, head, boxes, labels, state)"
      " VALUES (:id, :village, :head, 10, '[\"new\"]', 'asked')"
      " ON CONFLICT (id) DO UPDATE SET head = excluded.head",
      {{"id", worker.new_row()}, {"village", worker.village()}, text("head", worker.word("Wang"))});
}

Status edit_household(Worker& worker) {
  const std::int64_t which = worker.number("which");
  // What is on the new form is saved together with the rest.
  if (worker.knows(2) && which % 8 == 4)
    return worker.change("household", "phone = :v, mood = :m, helper = :m, helper_since = :n",
                         {text("v", worker.word("137")),
                          text("m", worker.word("calm")),
                          {"n", Value::integer(worker.number("value"))}});
  if (which % 4 == 0)
    return worker.change("household", "phone = :v", {text("v", worker.word("138"))});
  if (which % 4 == 1)
    return worker.change("household", "phone = :v, head = :h",
                         {text("v", worker.word("139")), text("h", worker.word("Li"))});
  if (which % 4 == 2) return worker.change("household", "phone = NULL");
  return worker.change(
      "household", "visited = :n, oldest = :n, remarks = :v",
      {{"n", Value::integer(worker.number("value"))}, text("v", worker.word("dog"))});
}

Status label(Worker& worker) {
  static constexpr const char* labels[] = {R"(["elder"])", R"(["child"])", R"(["elder","child"])",
                                           R"(["new"])"};
  const std::string table = worker.number("which") % 2 == 0 ? "household" : "resident";
  const auto value = static_cast<std::size_t>(worker.number("value"));
  if (value % 5 == 4) return worker.change(table, "labels = NULL");
  return worker.change(table, "labels = :v", {text("v", labels[value % 4])});
}

Status count(Worker& worker) {
  const Bindings amount{{"n", Value::integer(worker.number("value"))}};
  if (worker.number("which") % 3 == 0)
    return worker.change("household", "boxes = coalesce(boxes, 0) + :n", amount);
  if (worker.number("which") % 3 == 1)
    return worker.change("supply", "given = coalesce(given, 0) + :n", amount);
  return worker.change("supply", "stock = coalesce(stock, 0) - :n, given = coalesce(given, 0) + :n",
                       amount);
}

Status claim(Worker& worker) {
  if (worker.number("value") % 4 == 0)
    return worker.change("household", "claimed_by = NULL, claimed_at = NULL");
  // She does not say when.
  if (worker.number("which") % 4 == 3)
    return worker.change("household", "claimed_by = :v", {text("v", worker.word("neighbour"))});
  return worker.change(
      "household", "claimed_by = :v, claimed_at = :n",
      {text("v", worker.word("volunteer")), {"n", Value::integer(worker.number("value"))}});
}

Status advance(Worker& worker) {
  static constexpr const char* states[] = {"asked", "seen", "voted", "paid", "appealed"};
  const std::size_t count = worker.knows(3) ? 5 : 4;
  const auto value = static_cast<std::size_t>(worker.number("value"));
  return worker.change("household", "state = :v", {text("v", states[value % count])});
}

// A round of several families in one transaction.
Status round_of_visits(Worker& worker) {
  return worker.run(
      "UPDATE household SET visited = max(coalesce(visited, 0), :n), remarks = :v,"
      " boxes = coalesce(boxes, 0) - 1",
      {{"n", Value::integer(worker.number("value"))}, text("v", worker.word("round"))});
}

// What a person decides about one value, or takes back; or about a row that somebody deleted.
Status decide(Worker& worker, bool undo, bool rows) {
  DS_ASSIGN(const auto conflicts, worker.replica().conflicts());
  std::vector<ConflictId> fit;
  for (const ConflictInfo& one : conflicts) {
    if ((one.state == "decided") == undo && one.column.empty() == rows) fit.push_back(one.id);
  }
  if (fit.empty()) return {};
  const ConflictId id = fit[static_cast<std::size_t>(worker.number("pick")) % fit.size()];
  if (undo) return worker.replica().undo(id);
  return worker.replica().decide(id, worker.number("value") % 2 == 0 ? Keep::winner : Keep::loser);
}

Status retry(Worker& worker, bool discard) {
  DS_ASSIGN(const auto rejected, worker.replica().rejected());
  if (rejected.empty()) return {};
  const Sequence one =
      rejected[static_cast<std::size_t>(worker.number("pick")) % rejected.size()].sequence;
  if (discard) return worker.replica().discard(one);
  DS_ASSIGN(const auto report, worker.replica().retry(one));
  static_cast<void>(report);
  return {};
}

using Verb = std::function<Status(Worker&)>;

void add_registrations(std::map<std::string, Verb>& verbs) {
  verbs["register"] = register_household;
  verbs["resident"] = [](Worker& worker) {
    return worker.add_to("household",
                         "INSERT INTO resident (id, household_id, name) VALUES (:id, :parent, :v)"
                         " ON CONFLICT (id) DO UPDATE SET name = excluded.name",
                         {text("v", worker.word("Mei"))});
  };
  verbs["visit"] = [](Worker& worker) {
    return worker.add_to("household",
                         "INSERT INTO visit (id, household_id, findings) VALUES (:id, :parent, :v)"
                         " ON CONFLICT (id) DO NOTHING",
                         {text("v", worker.word("well"))});
  };
  verbs["lend"] = [](Worker& worker) {
    return worker.add_to("household",
                         "INSERT INTO loan (id, household_id, item) VALUES (:id, :parent, :v)"
                         " ON CONFLICT (id) DO UPDATE SET item = excluded.item",
                         {text("v", worker.word("chair"))});
  };
  verbs["stock"] = [](Worker& worker) {
    return worker.run(
        "INSERT INTO supply (id, village_code, name, stock) VALUES (:id, :village,"
        " 'rice', 100) ON CONFLICT (id) DO NOTHING",
        {{"id", worker.new_row()}, {"village", worker.village()}});
  };
  verbs["pay"] = [](Worker& worker) {
    return worker.run(
        "INSERT INTO fund_entry (id, village_code, amount_fen) VALUES (:id, :village,"
        " :n) ON CONFLICT (id) DO NOTHING",
        {{"id", worker.new_row()},
         {"village", worker.village()},
         {"n", Value::integer(worker.number("value"))}});
  };
}

Status feel(Worker& worker) {
  const std::int64_t which = worker.number("which");
  if (which % 4 == 0) return worker.change("household", "mood = NULL");
  if (which % 4 == 1 && worker.knows(3))
    return worker.change("household", "fears = :v", {text("v", worker.word("stairs"))});
  if (which % 4 == 2)
    return worker.change("resident", "hobby = :v, allergies = :a",
                         {text("v", worker.word("chess")),
                          text("a", which < 4 ? R"(["nuts"])" : R"(["nuts","milk"])")});
  return worker.change("household", "mood = :v", {text("v", worker.word("lonely"))});
}

Status help(Worker& worker) {
  const Bindings amount{{"n", Value::integer(worker.number("value"))}};
  const std::int64_t which = worker.number("which");
  if (which % 4 == 0) return worker.change("household", "meals = coalesce(meals, 0) + :n", amount);
  if (which % 4 == 1)
    return worker.change("pair", "hours = coalesce(hours, 0) + :n, tutor = 'Chen'", amount);
  if (which % 4 == 2)
    return worker.change("household", "helper = :v, helper_since = :n",
                         {text("v", worker.word("volunteer")), amount[0]});
  if (worker.knows(3)) return worker.change("pair", "note = :v", {text("v", worker.word("maths"))});
  return worker.change("household", "helper = NULL, helper_since = NULL");
}

Status go_out(Worker& worker) {
  if (!worker.knows(3)) return {};
  if (worker.number("which") % 2 == 0)
    return worker.change("outing", "seats = coalesce(seats, 0) - 1, title = :v",
                         {text("v", worker.word("river"))});
  return worker.run(
      "INSERT INTO outing (id, village_code, title, seats) VALUES (:id, :village, :v, 20)"
      " ON CONFLICT (id) DO NOTHING",
      {{"id", worker.new_row()}, {"village", worker.village()}, text("v", worker.word("temple"))});
}

std::map<std::string, Verb> all_newer_verbs() {
  std::map<std::string, Verb> verbs;
  verbs["feel"] = feel;
  verbs["help"] = help;
  verbs["outing"] = go_out;
  verbs["part"] = [](Worker& worker) { return worker.remove("pair"); };
  verbs["pair"] = [](Worker& worker) {
    return worker.add_to("household",
                         "INSERT INTO pair (id, household_id, tutor) VALUES (:id, :parent, :v)"
                         " ON CONFLICT (id) DO UPDATE SET tutor = excluded.tutor",
                         {text("v", worker.word("Zhao"))});
  };
  return verbs;
}

std::map<std::string, Verb> all_verbs() {
  std::map<std::string, Verb> verbs;
  add_registrations(verbs);
  verbs["edit"] = edit_household;
  verbs["label"] = label;
  verbs["count"] = count;
  verbs["claim"] = claim;
  verbs["advance"] = advance;
  verbs["round"] = round_of_visits;
  verbs["measure"] = [](Worker& worker) {
    return worker.change("resident", "pressure = :n",
                         {{"n", Value::integer(worker.number("value"))}});
  };
  verbs["rename"] = [](Worker& worker) {
    return worker.change("resident", "name = :v", {text("v", worker.word("Hua"))});
  };
  verbs["marry"] = [](Worker& worker) -> Status {
    DS_ASSIGN(const Value house, worker.picked("household"));
    if (house.is_null()) return {};
    return worker.change("resident", "household_id = :house", {{"house", house}});
  };
  verbs["mourn"] = [](Worker& worker) {
    return worker.change("household", "deceased = :v", {text("v", worker.word("day"))});
  };
  verbs["annotate"] = [](Worker& worker) {
    return worker.change("loan", "note = :v", {text("v", worker.word("torn"))});
  };
  verbs["move"] = [](Worker& worker) {
    return worker.change("household", "village_code = :to", {{"to", worker.village()}});
  };
  verbs["remove"] = [](Worker& worker) { return worker.remove("household"); };
  verbs["leave"] = [](Worker& worker) { return worker.remove("resident"); };
  verbs["return"] = [](Worker& worker) { return worker.remove("loan"); };
  verbs["decide"] = [](Worker& worker) { return decide(worker, false, false); };
  verbs["undo"] = [](Worker& worker) { return decide(worker, true, false); };
  verbs["settle"] = [](Worker& worker) {
    return decide(worker, worker.number("value") % 5 == 4, true);
  };
  verbs["retry"] = [](Worker& worker) { return retry(worker, false); };
  verbs["discard"] = [](Worker& worker) { return retry(worker, true); };
  return verbs;
}

const std::map<std::string, Verb>& verbs() {
  static const std::map<std::string, Verb> all = all_verbs();
  return all;
}

const std::map<std::string, Verb>& newer() {
  static const std::map<std::string, Verb> all = all_newer_verbs();
  return all;
}

std::vector<std::string> names_of(const std::map<std::string, Verb>& verbs) {
  std::vector<std::string> all;
  for (const auto& [name, verb] : verbs) all.push_back(name);
  return all;
}

}  // namespace

Status do_work(Replica& replica, const Line& line, std::uint32_t version) {
  Worker worker(replica, line, version);
  if (const auto found = newer().find(line.verb); found != newer().end())
    return worker.knows(2) ? found->second(worker) : Status();
  const auto found = verbs().find(line.verb);
  if (found == verbs().end()) return error(ErrorCode::malformed, print(line));
  return found->second(worker);
}

bool is_refusal(ErrorCode code) {
  return code == ErrorCode::ranked_back || code == ErrorCode::not_found ||
         code == ErrorCode::append_only || code == ErrorCode::bad_value;
}

const std::vector<std::string>& work_verbs() {
  static const std::vector<std::string> names = names_of(verbs());
  return names;
}

const std::vector<std::string>& newer_verbs() {
  static const std::vector<std::string> names = names_of(newer());
  return names;
}

}  // namespace doorstep::sim
