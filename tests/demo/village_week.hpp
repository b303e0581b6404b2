// The week that the demo plays: who does what, offline, on which phone.
#pragma once

#include <string>
#include <vector>

#include "engine/ports/random.hpp"
#include "tests/support/cast.hpp"

namespace doorstep::demo {

inline constexpr std::size_t phone_count = 12;

/// What the twelve phones wrote, counted by the demo itself, to hold against what the replicas say.
struct WeekTotals {
  int transactions = 0;
  int visits = 0;
  int checks = 0;
  int ledger_entries = 0;
  std::int64_t ledger_fen = 0;
  std::int64_t boxes_given = 0;
  std::int64_t heads_counted = 0;
};

/// One phone's share of the week, as one list of SQL transactions.
struct Share {
  std::vector<std::string> transactions;
};

/// Draws the share of phone `number` (from 0) and adds it to `totals`. Every phone visits
/// households of its own group, and all meet at the same few: the shared household, the claimed
/// order, the supplies table.
[[nodiscard]] Share share_of(int number, const test::Phone& phone, Random& random,
                             WeekTotals& totals);

}  // namespace doorstep::demo
