#include "tests/sim/defects.hpp"

namespace doorstep::sim {

const std::vector<Defect>& all_defects() {
  static const std::vector<Defect> all{
      {"ack_before_durable", "the hub acknowledges before its commit is on the disk"},
      {"carry_missing",
       "a write on an own unconfirmed one claims to have seen what was pulled (B2)"},
      {"checkpoint_too_early", "a batch that is not the last carries the checkpoint (A2)"},
      {"clock_bound_missing", "stamps are what phones' clocks say (F1)"},
      {"counter_twice", "an increment that meets another one counts twice"},
      {"cursor_before_rows", "the cursor is saved before the rows that it speaks for"},
      {"dedup_missing", "a repeated push is merged again (C5)"},
      {"delete_takes_unseen", "a delete takes what its author had not seen (B6)"},
      {"departure_missing", "a row that moves leaves nothing in its old scope's feed (A3)"},
      {"dependents_accepted", "what builds on a rejected transaction is not rejected (D2)"},
      {"grant_without_backfill", "a new scope is pulled from the cursor only (A4)"},
      {"last_claim_wins", "of two claims the later one stands"},
      {"loser_dropped", "a losing value is on no record"},
      {"lost_revert", "a rejected transaction stays in the overlay (C1)"},
      {"moves_not_summed", "the hub's running sums leave out commits in which a row moved (E1)"},
      {"outcomes_overtaken", "a checkpoint overtakes the outcomes of what it includes (A5)"},
      {"overlay_ended_by_ack", "an ack ends a transaction's place in the overlay (C2)"},
      {"phone_not_synced", "a phone's commit returns before it is on the disk"},
      {"remove_takes_unseen", "taking an element out of a set takes adds that were not seen (B4)"},
      {"revival_keeps_since", "a row that lives again is sent as columns (A3)"},
      {"stage_forgotten", "the staged batches of a long pull are not applied (A2)"},
      {"stamps_not_rising", "stamps of one device do not rise with its sequence (F1)"},
      {"tombstone_dropped_early", "tombstones go before every phone has passed them (D4)"},
  };
  return all;
}

}  // namespace doorstep::sim
