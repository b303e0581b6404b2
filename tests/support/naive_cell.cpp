#include "tests/support/naive_cell.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace doorstep::test {
namespace {

bool all_null(const NaiveWrite& write) {
  return std::all_of(write.values.begin(), write.values.end(),
                     [](const Value& v) { return v.is_null(); });
}

// NULL comes before every declared state.
int rank(const Column& column, const Value& value) {
  if (value.is_null()) return -1;
  const auto found = std::find(column.states.begin(), column.states.end(), value.as_text());
  return static_cast<int>(found - column.states.begin());
}

// A text is shown once, at its first place in the order of stamps; NULL adds nothing.
Value joined(std::vector<Standing> standing) {
  std::sort(standing.begin(), standing.end(), [](const Standing& a, const Standing& b) {
    return std::pair(a.stamp.hi, a.write->author) < std::pair(b.stamp.hi, b.write->author);
  });
  std::set<std::string> used;
  std::string text;
  for (const Standing& s : standing) {
    const Value& value = s.write->values.front();
    if (value.is_null() || !used.emplace(value.as_text()).second) continue;
    if (used.size() > 1) text += "\n";
    text += value.as_text();
  }
  return used.empty() ? Value::null() : Value::text(text);
}

Value sum_of(std::span<const NaiveWrite> writes) {
  std::optional<std::int64_t> sum;
  for (const NaiveWrite& write : writes) {
    if (write.amount) sum = sum.value_or(0) + *write.amount;
  }
  return sum ? Value::integer(*sum) : Value::null();
}

Value elements_of(std::span<const NaiveWrite> writes) {
  SetElements present;
  for (const auto& [element, authors] : adds_of(writes)) {
    if (!authors.empty()) present.push_back(element);
  }
  return format_set(present);
}

// Whether `a` is shown rather than `b`.
bool beats(const Column& column, const Standing& a, const Standing& b) {
  const bool later =
      std::pair(a.stamp.hi, a.write->author) > std::pair(b.stamp.hi, b.write->author);
  const Value& x = a.write->values.front();
  const Value& y = b.write->values.front();
  const bool null_x = all_null(*a.write);
  const bool null_y = all_null(*b.write);
  switch (column.policy) {
    case MergePolicy::first:
      return null_x != null_y ? null_y : a.place < b.place;
    case MergePolicy::max:
      return Value::compare(x, y) > 0;
    case MergePolicy::min:
      return null_x != null_y ? null_y : Value::compare(x, y) < 0;
    case MergePolicy::ranked:
      return rank(column, x) > rank(column, y);
    default:
      return later;
  }
}

}  // namespace

std::map<std::string, std::vector<const NaiveWrite*>> adds_of(std::span<const NaiveWrite> writes) {
  std::map<std::string, std::vector<const NaiveWrite*>> adds;
  for (const NaiveWrite& write : writes) {
    const auto take_seen = [&](const std::string& element) {
      std::erase_if(adds[element], [&](const NaiveWrite* add) { return has_seen(write, *add); });
    };
    for (const std::string& element : write.edit.removes) take_seen(element);
    for (const std::string& element : write.edit.adds) {
      if (!write.joined) take_seen(element);
      adds[element].push_back(&write);
    }
  }
  return adds;
}

bool among(const std::vector<Standing>& all, const NaiveWrite& write) {
  return std::any_of(all.begin(), all.end(),
                     [&](const Standing& one) { return one.write == &write; });
}

bool has_seen(const NaiveWrite& later, const NaiveWrite& earlier) {
  return later.author == earlier.author || earlier.position <= later.observed;
}

bool delete_was_seen(const NaiveDelete& death, const DeviceId& author, Position observed) {
  return death.author == author || death.position <= observed;
}

bool unseen_by(const NaiveDelete& death, ColumnId cell, const NaiveWrite& write) {
  return write.author != death.author && write.position > death.observed.at(cell);
}

Position observed_by(const Transaction& transaction, const RowChange& change,
                     const std::vector<ColumnId>& cell) {
  for (const CellChange& written : change.cells) {
    if (std::find(cell.begin(), cell.end(), written.column) != cell.end()) {
      return observed_of(transaction, change, written);
    }
  }
  return change.observed.value_or(transaction.observed);
}

// A state that is further along is not replaced: the lower one is recorded as the loser. A new life
// begins with its own.
bool replaces(const Column& column, const NaiveWrite& later, const NaiveWrite& earlier) {
  const bool further = column.policy == MergePolicy::ranked && later.what == Decision::none &&
                       !later.begins_life &&
                       rank(column, earlier.values.front()) > rank(column, later.values.front());
  // A NULL that nobody wrote is no rival of who knew the row, only not the column.
  const bool first_sight = later.observed == Position{} && earlier.position <= later.knew_row;
  const bool blank = (!later.addressed_to.row.empty() || first_sight) && earlier.left_out;
  return (has_seen(later, earlier) || blank) && !further;
}

namespace {

bool was_before(const Stamp& stamp, const NaiveWrite& write, const Standing& decision) {
  return std::pair(stamp.hi, write.author) < std::pair(decision.stamp.hi, decision.write->author);
}

// One write after another comes to the cell.
class Walk {
 public:
  Walk(const Column& column, const std::vector<NaiveWrite>& writes)
      : column_(column), writes_(writes) {
    cell_.fates.resize(writes.size());
  }

  NaiveCell run() {
    for (std::size_t i = 0; i < writes_.size(); ++i) {
      const NaiveWrite& write = writes_[i];
      if (write.begins_life) cell_.decision.reset();
      if (write.no_mark) {
        cell_.fates[i].kind = Fate::Kind::replaced;
        continue;
      }
      if (write.joined) {
        cell_.standing.push_back({&write, write.stamp, i});
        continue;
      }
      if (write.to_dead) {
        take(write, i);
        continue;
      }
      if (write.what == Decision::reopen ? take_back(write, i) : meets_decision(write, i)) {
        take(write, i);
      }
    }
    return std::move(cell_);
  }

 private:
  Fate& fate(const NaiveWrite* write) {
    return cell_.fates[static_cast<std::size_t>(write - writes_.data())];
  }

  // False: the undo writes nothing.
  bool take_back(const NaiveWrite& write, std::size_t i) {
    cell_.fates[i].kind = Fate::Kind::nothing;
    if (!cell_.decision || !has_seen(write, *cell_.decision->write)) return false;
    const NaiveWrite* decision = cell_.decision->write;
    cell_.fates[i].took_back = decision;
    cell_.decision.reset();
    return fate(decision).kind == Fate::Kind::stands;
  }

  // False: an earlier decision stands against it.
  bool meets_decision(const NaiveWrite& write, std::size_t i) {
    if (!cell_.decision || has_seen(write, *cell_.decision->write)) return true;
    const bool decides = write.what == Decision::decide;
    if (!decides && !was_before(write.stamp, write, *cell_.decision)) return true;
    cell_.fates[i] = {Fate::Kind::yielded, cell_.decision->write, nullptr};
    return false;
  }

  // A state that is further along is not replaced, and giving a claim up loses its place in the
  // queue: a new claim after that is the last one.
  void take(const NaiveWrite& write, std::size_t i) {
    Standing added{&write, write.stamp, i};
    cell_.fates[i].kind = Fate::Kind::stands;
    std::erase_if(cell_.standing, [&](const Standing& earlier) {
      if (!replaces(column_, write, *earlier.write)) return false;
      added.stamp = added.stamp.raised_after(earlier.stamp);
      if (earlier.write->author == write.author && !all_null(*earlier.write))
        added.place = earlier.place;
      fate(earlier.write) = {Fate::Kind::replaced, &write, nullptr};
      return true;
    });
    if (write.what == Decision::decide && !write.to_dead) settle(added);
    // NULL is no claim: where others claim, giving up leaves nothing behind.
    const bool gives_up = column_.policy == MergePolicy::first && all_null(write);
    if (!gives_up || cell_.standing.empty()) {
      cell_.standing.push_back(added);
    } else {
      cell_.fates[i].kind = Fate::Kind::replaced;
    }
  }

  void settle(const Standing& decision) {
    std::erase_if(cell_.standing, [&](const Standing& one) {
      if (!was_before(one.stamp, *one.write, decision)) return false;
      fate(one.write) = {Fate::Kind::settled, decision.write, nullptr};
      return true;
    });
    cell_.decision = decision;
  }

  const Column& column_;
  const std::vector<NaiveWrite>& writes_;
  NaiveCell cell_;
};

}  // namespace

NaiveCell walk(const Column& column, const std::vector<NaiveWrite>& writes) {
  return Walk(column, writes).run();
}

std::vector<Standing> standing_of(const Column& column, const std::vector<NaiveWrite>& writes) {
  return walk(column, writes).standing;
}

std::vector<Value> shown_of(const Column& column, const std::vector<NaiveWrite>& writes) {
  if (column.policy == MergePolicy::counter) return {sum_of(writes)};
  if (column.policy == MergePolicy::set) return {elements_of(writes)};
  const std::vector<Standing> standing = standing_of(column, writes);
  if (column.policy == MergePolicy::concat) return {joined(standing)};
  Standing best = standing.front();
  for (const Standing& candidate : standing) {
    if (beats(column, candidate, best)) best = candidate;
  }
  return best.write->values;
}

Value taken_of(const Column& column, const std::vector<NaiveWrite>& writes, const NaiveWrite& write,
               std::size_t deleted_after, Position observed) {
  const auto before = std::span(writes).first(deleted_after);
  const bool late = static_cast<std::size_t>(&write - writes.data()) >= deleted_after;
  if (column.policy == MergePolicy::counter) {
    Value sum = sum_of(before);
    if (!late) return sum;
    return Value::integer((sum.is_null() ? 0 : sum.as_integer()) + write.amount.value_or(0));
  }
  if (late) return format_set(write.edit.adds);
  SetElements added;
  for (const auto& [element, adds] : adds_of(before)) {
    if (std::any_of(adds.begin(), adds.end(), [&](const NaiveWrite* add) {
          return add->author == write.author && add->position > observed;
        })) {
      added.push_back(element);
    }
  }
  return format_set(added);
}

std::vector<Standing> losers_of(const Column& column, const std::vector<NaiveWrite>& writes) {
  std::vector<Standing> losers;
  if (column.policy == MergePolicy::counter || column.policy == MergePolicy::set) return losers;
  const std::vector<Value> shown = shown_of(column, writes);
  for (const Standing& candidate : standing_of(column, writes)) {
    if (column.policy == MergePolicy::first && all_null(*candidate.write)) continue;
    // Every text of a concat is shown; only a NULL that met a text is not.
    if (column.policy == MergePolicy::concat && !all_null(*candidate.write)) continue;
    if (candidate.write->values != shown) losers.push_back(candidate);
  }
  return losers;
}

}  // namespace doorstep::test
