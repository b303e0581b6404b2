// What a reconcile says in Pull and Changes: sums of buckets, and the buckets that a hub states
// anew. Pure.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/bucket.hpp"
#include "engine/wire/cbor_reader.hpp"
#include "engine/wire/cbor_writer.hpp"

namespace doorstep {

/// One byte string of 2^bits sums, 8 bytes each, for every table.
void write(CborWriter& writer, const std::vector<BucketSums>& tables);
[[nodiscard]] std::vector<BucketSums> read_sums(CborReader& reader);

/// Buckets with the keys and sums of their rows.
void write(CborWriter& writer, const BucketRows& table);
[[nodiscard]] BucketRows read_bucket_rows(CborReader& reader, std::size_t& rows_left);

/// Null when there is none.
void write(CborWriter& writer, const std::optional<Refill>& refill);
[[nodiscard]] std::optional<Refill> read_refill(CborReader& reader);

}  // namespace doorstep
