// The hub against a naive model that keeps every write, over tens of thousands of random histories
// of at least five phones. DOORSTEP_SEED=n replays one of them and prints it.
#include <doctest/doctest.h>

#include <cstdlib>
#include <functional>
#include <string>

#include "tests/support/history_difference.hpp"
#include "tests/support/random_history.hpp"

using namespace doorstep;
using namespace doorstep::test;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::uint64_t history_count = 1'500;
#else
constexpr std::uint64_t history_count = 15'000;
#endif

/// Plays one history into both; empty, or how and in which commit they differ.
std::string play(const History& history) {
  NaiveHub model(history_schema());
  EngineHub engine;
  for (std::size_t i = 0; i < history.commits.size(); ++i) {
    const Position position = history_position(i + 1);
    const std::map<RowKey, StoredRow> before = engine.rows();
    const auto act = history.acts.find(i);
    std::string text;
    if (act == history.acts.end()) {
      const auto expected = model.commit(history.commits[i], position);
      text = outcome_difference(expected, engine.take(history.commits[i]));
    } else if (take_act(model, act->second, position) != engine.take(act->second)) {
      text = "one of the two refuses what a person at the hub does";
    }
    if (text.empty()) text = difference(model, engine);
    if (text.empty()) text = departure_difference(model, engine, position);
    if (text.empty()) text = engine.damaged_digests();
    if (text.empty()) text = unheard(before, engine.rows(), position);
    if (!text.empty()) return "commit " + std::to_string(i + 1) + ": " + text;
  }
  return {};
}

/// The same transactions in the same order, each in a commit of its own; what had been observed is
/// the same.
History one_by_one(const History& history) {
  std::vector<std::size_t> last{0};
  for (std::size_t i = 0; i < history.commits.size(); ++i)
    last.push_back(last.back() + (history.acts.contains(i) ? 1 : history.commits[i].size()));
  const auto moved = [&](Position& position) {
    if (position != Position{}) position = history_position(last[position.number()]);
  };
  History split;
  for (std::size_t i = 0; i < history.commits.size(); ++i) {
    if (history.acts.contains(i)) {
      split.acts[split.commits.size()] = history.acts.at(i);
      split.commits.emplace_back();
    }
    for (IncomingTransaction transaction : history.commits[i]) {
      moved(transaction.content.observed);
      for (RowChange& change : transaction.content.changes) {
        if (change.observed) moved(*change.observed);
        for (CellChange& cell : change.cells) {
          if (cell.observed) moved(*cell.observed);
        }
      }
      split.commits.push_back({std::move(transaction)});
    }
  }
  return split;
}

void play_into(EngineHub& hub, const History& history) {
  for (std::size_t i = 0; i < history.commits.size(); ++i) {
    if (history.acts.contains(i)) {
      hub.take(history.acts.at(i));
    } else {
      hub.take(history.commits[i]);
    }
  }
}

/// Empty when batching changes nothing that anyone is shown.
std::string compare_with_one_by_one(const History& history) {
  EngineHub batched;
  EngineHub single;
  play_into(batched, history);
  play_into(single, one_by_one(history));
  if (batched.rows().size() != single.rows().size()) return "batching makes other rows";
  for (const auto& [key, row] : batched.rows()) {
    const StoredRow& other = single.rows().at(key);
    if (row.live != other.live)
      return std::string(key.row.text()) + ": batching decides whether it lives";
    if (row.live && (row.scope != other.scope || row.image != other.image)) {
      return std::string(key.row.text()) + ":\n  batched    " + text_of(row.image.values) +
             "\n  one by one " + text_of(other.image.values);
    }
  }
  return single.damaged_digests();
}

/// Runs `property` on history after history, short ones first, and stops at the first that breaks
/// it.
void for_all_histories(const std::function<std::string(const History&)>& property) {
  const char* replay = std::getenv("DOORSTEP_SEED");
  const std::uint64_t first = replay != nullptr ? std::strtoull(replay, nullptr, 10) : 1;
  const std::uint64_t last = replay != nullptr ? first : history_count;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const History history = random_history(seed, 6 + seed * 3 / 2000, HistoryKind::whole);
    const std::string failure = property(history);
    if (replay != nullptr) MESSAGE(describe(history));
    REQUIRE_MESSAGE(failure.empty(), "DOORSTEP_SEED=" << seed << " " << failure);
  }
}

}  // namespace

TEST_CASE(
    "whatever phones write, upload and pull, the hub shows and reports what a naive model does") {
  for_all_histories(play);
}

TEST_CASE("how the hub cuts uploads into commits changes nothing that anyone is shown") {
  for_all_histories(compare_with_one_by_one);
}
