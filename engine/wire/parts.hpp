// The parts that several messages and stored forms share, each way. What a reader could not read
// has an empty value and the error stands in the reader. Pure.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/conflict.hpp"
#include "engine/core/outcome.hpp"
#include "engine/core/row.hpp"
#include "engine/core/scan_point.hpp"
#include "engine/core/time.hpp"
#include "engine/wire/cbor_reader.hpp"
#include "engine/wire/cbor_writer.hpp"

namespace doorstep {

/// Positions and sequences are below 2^63, so that they fit a column of the store.
void write(CborWriter& writer, Position position);
void write(CborWriter& writer, Sequence sequence);
void write(CborWriter& writer, Instant instant);
void write(CborWriter& writer, const RowId& row);
void write(CborWriter& writer, const ScopeId& scope);
void write(CborWriter& writer, const std::vector<ScopeId>& scopes);
void write(CborWriter& writer, const ClockProbe& probe);
void write(CborWriter& writer, const ScanPoint& point);
void write(CborWriter& writer, const CellVersion& version);
void write(CborWriter& writer, const Contribution& contribution);
void write(CborWriter& writer, const Outcome& outcome);
/// The number, or null.
void write_optional(CborWriter& writer, const std::optional<std::uint64_t>& number);

[[nodiscard]] Position read_position(CborReader& reader);
[[nodiscard]] Sequence read_sequence(CborReader& reader);
[[nodiscard]] Instant read_instant(CborReader& reader);
[[nodiscard]] RowId read_row_id(CborReader& reader);
/// A table's, column's or role's name; may be empty.
[[nodiscard]] std::string read_name(CborReader& reader);
[[nodiscard]] ScopeId read_scope(CborReader& reader);
[[nodiscard]] std::vector<ScopeId> read_scopes(CborReader& reader);
[[nodiscard]] ClockProbe read_clock_probe(CborReader& reader);
[[nodiscard]] ScanPoint read_scan_point(CborReader& reader);
[[nodiscard]] CellVersion read_cell_version(CborReader& reader);
[[nodiscard]] Contribution read_contribution(CborReader& reader);
[[nodiscard]] Outcome read_outcome(CborReader& reader);
[[nodiscard]] std::uint16_t read_version(CborReader& reader);
/// A number that a signed database column holds as well, or null.
[[nodiscard]] std::optional<std::uint64_t> read_free_bytes(CborReader& reader);

}  // namespace doorstep
