// Every maximum, with its unit in its name. One place, so that each can be documented and tested at
// the limit and one past it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace doorstep::limits {

inline constexpr std::size_t key_bytes_max = 31;     // a row's key: 16-byte uuid or short text code
inline constexpr std::size_t table_count_max = 256;  // tables in one schema
inline constexpr std::size_t column_count_max = 256;  // columns in one table
inline constexpr std::size_t name_bytes_max = 64;     // a table's, column's, role's name
inline constexpr std::size_t scope_bytes_max = 32;    // a scope code
inline constexpr std::size_t scope_depth_max = 16;    // levels of the organisation tree
inline constexpr std::size_t scope_count_max = 1024;  // scopes one device may hold
inline constexpr std::size_t via_depth_max = 8;       // tables on the way from a row to its scope
inline constexpr std::size_t value_bytes_max = std::size_t{1} << 20;  // one text, json or blob
inline constexpr std::size_t transaction_bytes_max = std::size_t{16}
                                                     << 20;      // one encoded transaction
inline constexpr std::size_t transaction_changes_max = 100'000;  // rows changed by one transaction
inline constexpr std::size_t transaction_cells_max = 1'000'000;  // cells named by one transaction
inline constexpr std::size_t dictionary_bytes_max =
    std::size_t{24} << 20;  // what the dictionaries of one message expand to
inline constexpr std::size_t message_bytes_max = std::size_t{24}
                                                 << 20;  // one message, uncompressed
inline constexpr std::size_t frame_bytes_max = std::size_t{24}
                                               << 20;  // one binary frame as received
inline constexpr std::size_t push_bytes_target = std::size_t{32}
                                                 << 10;     // a push message is cut after this
inline constexpr std::size_t push_transactions_max = 1024;  // transactions in one push message
inline constexpr std::size_t changes_bytes_target = std::size_t{512}
                                                    << 10;  // a changes message is cut after this
inline constexpr std::size_t changes_rows_max = 2000;       // rows in one changes message
inline constexpr std::size_t changes_rows_accepted_max =
    4 * changes_rows_max;                              // a device refuses more
inline constexpr std::size_t salvage_rows_max = 2000;  // rows in one salvage message
inline constexpr std::size_t salvage_bytes_target = std::size_t{512}
                                                    << 10;  // a salvage message is cut after this
inline constexpr std::size_t salvage_row_bytes_max = std::size_t{16}
                                                     << 20;  // a larger row is left out
inline constexpr std::uint32_t salvage_parts_max = 64;       // messages for one transaction
inline constexpr std::size_t cbor_depth_max = 12;            // nesting of any message
inline constexpr std::size_t cbor_items_max = 4'000'000;     // data items in one message
inline constexpr std::size_t push_bytes_in_flight_max = std::size_t{4}
                                                        << 20;  // unacknowledged, per connection
inline constexpr std::size_t early_bytes_max = std::size_t{24}
                                               << 20;    // frames that wait for a hello's look-up
inline constexpr std::size_t predecessors_max = 16;      // copies of copies whose losers are told
inline constexpr std::size_t changes_in_flight_max = 8;  // changes messages not yet credited
inline constexpr std::size_t staged_in_memory_max = 32;  // batches of a pull, beside the file's
inline constexpr std::size_t talk_bytes_kept = 4096;     // of live messages, for the next one
inline constexpr std::int64_t talk_rests_ms = 30'000;    // then a hub lets go of them
inline constexpr std::int64_t feed_count_max = 100'000;  // rows still to come are counted so far
inline constexpr std::size_t merge_rows_per_commit = 1000;  // group commit takes about this much
inline constexpr std::size_t merge_queue_bytes_max = std::size_t{64}
                                                     << 20;  // pushes waiting for the merge writer
inline constexpr std::size_t connections_max = 20'000;       // sockets a hub accepts
inline constexpr std::size_t partings_max = 16'384;  // devices that a hub remembers after they left
inline constexpr std::size_t contributions_max = 1000;                    // values met in one cell
inline constexpr std::size_t rule_count_max = 64;                         // rules of one table
inline constexpr std::size_t rule_sql_bytes_max = std::size_t{16} << 10;  // a rule's SELECT
inline constexpr std::size_t rule_message_bytes_max = 1000;  // what a rule tells the person
inline constexpr std::size_t rule_values_max = 16;           // shown of the row that breaks a rule
inline constexpr std::size_t rule_value_bytes_max = 256;     // of a text or blob among them
inline constexpr std::size_t json_depth_max = 64;            // nesting of a json value
inline constexpr std::size_t match_keys_max = 16;            // match keys of one table
inline constexpr std::size_t match_columns_max = 8;          // columns of one match key
inline constexpr std::size_t match_name_points_max = 32;     // characters of a name compared
inline constexpr std::size_t match_deletions_max = 8;        // variants of a name with one left out
inline constexpr std::size_t match_block_rows_max = 64;      // rows of one block that are looked at
inline constexpr int match_similarity_min = 60;              // of 100: names below are not alike
inline constexpr int match_score_min = 50;                   // of 100: pairs below are not proposed
inline constexpr std::size_t alias_hops_max = 64;  // merged into one that was merged into one ...
inline constexpr std::size_t schema_bytes_max = std::size_t{1} << 20;  // a schema's text
inline constexpr std::int64_t handshake_ms_max = 20'000;               // from connect to welcome
inline constexpr std::int64_t idle_ping_ms = 30'000;                   // quiet time before a ping
inline constexpr std::int64_t look_after_ms = 500;     // between looks of a hub at its connections
inline constexpr std::int64_t answer_ms_max = 60'000;  // without any sign of life
// Byte budgets, in bytes on the wire:
inline constexpr std::uint64_t budget_bytes_min = 1'000;  // of one sync
inline constexpr std::uint64_t budget_bytes_max = 1'000'000'000'000;
inline constexpr std::uint64_t budget_reserve_bytes = 96;      // for the last word of either side
inline constexpr std::uint64_t budget_answer_bytes_min = 128;  // less is not worth a question
inline constexpr std::int64_t progress_rate_ms_min = 1'000;    // before a rate is told
inline constexpr std::int64_t backoff_first_ms = 500;          // first reconnect delay (upper end)
inline constexpr std::int64_t backoff_ms_max = 60'000;         // longest reconnect delay
inline constexpr std::int64_t busy_retry_ms = 2000;           // a hub with a full queue asks for it
inline constexpr std::int64_t shutdown_retry_ms = 5000;       // a hub that stops asks for it
inline constexpr std::int64_t scopes_changed_retry_ms = 100;  // reconnect to see other scopes
inline constexpr std::int64_t enrolment_code_ms = 3'600'000;  // a code is valid for an hour
inline constexpr std::uint8_t bucket_bits_max = 14;      // a table's rows fall into 2^14 buckets
inline constexpr std::uint64_t bucket_rows_target = 16;  // rows in one bucket
inline constexpr std::uint32_t reconciles_max = 2;       // on one connection
inline constexpr std::int64_t check_interval_ms =
    std::int64_t{24} * 3'600'000;  // between readings of all rows against the running sums
inline constexpr std::size_t healed_rows_max = 50;  // rows of one table that are named as healed
inline constexpr std::size_t compared_buckets_max = 64;  // of one comparison, row by row
inline constexpr std::size_t compared_rows_max = 2000;   // in one compared message, each kind
inline constexpr std::size_t compared_bytes_max = std::size_t{4} << 20;  // of values, the same
inline constexpr std::size_t compared_hub_rows_max = 100'000;  // of which a hub tells the sums
inline constexpr std::size_t compared_cells_max = 1000;        // differences kept for the secretary
inline constexpr std::int64_t compare_wait_ms = 10'000;        // for a device to answer a command
inline constexpr std::int64_t compare_wait_s_max = 86'400;
// A replica's file up to this size is checked whole whenever it is opened, a larger one in part.
inline constexpr std::int64_t checked_at_open_bytes_max = std::int64_t{16} << 20;
inline constexpr std::size_t rescued_file_bytes_max = std::size_t{1} << 30;  // a sealed file
inline constexpr std::size_t refill_conflicts_max = 20'000;  // restated at once, or none
inline constexpr std::size_t refill_conflicts_bytes_max = std::size_t{8} << 20;
inline constexpr std::size_t collect_items_per_commit = 500;    // tombstones and the like
inline constexpr std::int64_t collect_interval_ms = 3'600'000;  // between collections of a server
inline constexpr std::int64_t horizon_ms_default =
    std::int64_t{180} * 24 * 3'600'000;  // tombstones wait so long for a silent device
inline constexpr std::int64_t horizon_days_max = 36'500;  // of a hub's own setting
inline constexpr std::size_t receipts_kept_max = 4096;  // acks whose commit and time are remembered
inline constexpr std::int64_t acked_kept_ms =
    std::int64_t{30} * 24 * 3'600'000;  // acknowledged work kept on the device
inline constexpr std::size_t acked_kept_bytes_max =
    std::size_t{8} << 20;  // and so much of it, in case the hub is restored
inline constexpr std::uint64_t epoch_max = std::uint64_t{1} << 22;  // a position has 63 bits
// One frame of a device that has not said who it is.
inline constexpr std::size_t hello_frame_bytes_max = std::size_t{64} << 10;
// A hub reads no further from a peer that leaves more than this unread.
inline constexpr std::size_t send_queue_bytes_target = std::size_t{1} << 20;
// Between looks for a commit of another process.
inline constexpr std::int64_t watch_interval_ms = 200;
// Between writes of what devices said of themselves.
inline constexpr std::int64_t contact_notes_ms = 2'000;
// For closing handshakes when a hub stops.
inline constexpr std::int64_t stop_ms_max = 3'000;

// Notes of rows that left a device, the newest.
inline constexpr std::size_t departed_notes_max = 2000;

// The console:
inline constexpr std::size_t console_header_bytes_max = 16'384;  // of one request
inline constexpr std::size_t console_body_bytes_max = std::size_t{1} << 20;
inline constexpr std::size_t console_json_depth_max = 16;
inline constexpr std::size_t console_connections_max = 256;
inline constexpr std::size_t console_streams_max = 64;          // pages that listen for events
inline constexpr std::size_t console_waiting_max = 64;          // requests that wait for a thread
inline constexpr std::int64_t console_request_ms_max = 30'000;  // to send one whole request
inline constexpr std::int64_t console_idle_ms_max = 60'000;     // between two on one connection
inline constexpr std::int64_t console_event_ms = 1'000;         // between looks for news
inline constexpr std::int64_t console_heartbeat_ms = 15'000;    // a comment on a quiet stream
inline constexpr std::int64_t console_code_ms = 3'600'000;  // a sign-in code is valid for an hour
inline constexpr std::int64_t console_session_ms = std::int64_t{12} * 3'600'000;
inline constexpr int console_wrong_codes_max = 10;  // in console_wrong_codes_ms
inline constexpr std::int64_t console_wrong_codes_ms = 600'000;
inline constexpr std::int64_t console_page_usual = 50;  // entries of a list
inline constexpr std::int64_t console_page_max = 200;
inline constexpr std::int64_t console_overview_ms =
    3'000;                                       // an overview is not computed more often
inline constexpr std::size_t kept_sql_max = 64;  // an app's texts kept prepared on a connection
inline constexpr std::size_t kept_sql_bytes_max = std::size_t{16} << 10;  // a longer one is not

static_assert(transaction_bytes_max < message_bytes_max);
static_assert(push_bytes_target < push_bytes_in_flight_max);
static_assert(value_bytes_max < transaction_bytes_max);

}  // namespace doorstep::limits
