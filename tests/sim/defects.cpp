#include "tests/sim/defects.hpp"

namespace doorstep::sim {

const std::vector<Defect>& all_defects() {
  static const std::vector<Defect> all{
      {"ack_before_durable", "the hub acknowledges before its commit is on the disk"},
      {"ack_takes_newer", "an ack of one transaction counts for those written since"},
      {"all_counts_as_seen", "a write replaces what its author had not seen (B1)"},
      {"carry_missing",
       "a write on an own unconfirmed one claims to have seen what was pulled (B2)"},
      {"checkpoint_too_early", "a batch that is not the last carries the checkpoint (A2)"},
      {"clock_bound_missing", "stamps are what phones' clocks say (F1)"},
      {"copy_unnoticed", "another history under known numbers is taken for a repeat (C5)"},
      {"counter_twice", "an increment that meets another one counts twice"},
      {"cursor_before_rows", "the cursor is saved before the rows that it speaks for"},
      {"dedup_missing", "a repeated push is merged again (C5)"},
      {"delete_takes_unseen", "a delete takes what its author had not seen (B6)"},
      {"departure_missing", "a row that moves leaves nothing in its old scope's feed (A3)"},
      {"departure_not_looked_at", "a row that moved to a scope that is held too leaves (A3)"},
      {"dependents_accepted", "what builds on a rejected transaction is not rejected (D2)"},
      {"echo_missing", "a phone is not sent rows that it made (A6)"},
      {"floor_forgotten", "a cursor from before a collection is served from the feed (D4)"},
      {"grant_without_backfill", "a new scope is pulled from the cursor only (A4)"},
      {"group_split", "columns declared together are merged one by one (B4)"},
      {"included_too_low",
       "a checkpoint does not say that it includes the newest work: it counts twice (C1)"},
      {"last_claim_wins", "of two claims the later one stands"},
      {"loser_dropped", "a losing value is on no record"},
      {"lost_device_believed", "work of a phone that was reported lost is merged (D3)"},
      {"lost_revert", "a rejected transaction stays in the overlay (C1)"},
      {"lost_scope_stays", "rows of a scope that is held no more stay (A4)"},
      {"move_keeps_since", "a row that moved in is sent as columns (A3)"},
      {"moves_not_summed", "the hub's running sums leave out commits in which a row moved (E1)"},
      {"outcomes_overtaken", "a checkpoint overtakes the outcomes of what it includes (A5)"},
      {"overlay_ended_by_ack", "an ack ends a transaction's place in the overlay (C2)"},
      {"phone_not_synced", "a phone's commit returns before it is on the disk"},
      {"remove_takes_unseen", "taking an element out of a set takes adds that were not seen (B4)"},
      {"revival_keeps_since", "a row that lives again is sent as columns (A3)"},
      {"rights_of_now", "rights are those of now, not of what was observed (D3)"},
      {"rows_never_checked", "rows are never read against the running sum (E2)"},
      {"scan_by_position_alone",
       "a batch that ends inside a commit skips the rest of that commit (A2)"},
      {"scan_to_first_head", "rows that move up the feed while it is read are left out (A2)"},
      {"set_aside_forgotten", "work of a copy is told to be set aside and is not kept (C5)"},
      {"stage_forgotten", "the staged batches of a long pull are not applied (A2)"},
      {"stamp_not_raised", "a stamp is not raised above what it replaces (B1)"},
      {"stamps_not_rising", "stamps of one device do not rise with its sequence (F1)"},
      {"tombstone_dropped_early", "tombstones go before every phone has passed them (D4)"},
      {"whole_row_keeps_old", "a whole row leaves columns that it does not name as they were"},
      {"wait_without_end", "a phone waits for ever for an answer that does not come"},
  };
  return all;
}

}  // namespace doorstep::sim
