#include "engine/wire/parts.hpp"

#include <limits>

namespace doorstep {
namespace {

constexpr auto signed_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

void write(CborWriter& writer, const LostCell& cell) {
  writer.array(3);
  writer.text(cell.table);
  write(writer, cell.row);
  writer.text(cell.column);
}

LostCell read_lost_cell(CborReader& reader) {
  LostCell cell;
  reader.array_of(3);
  cell.table = read_name(reader);
  cell.row = read_row_id(reader);
  cell.column = read_name(reader);
  return cell;
}

void write(CborWriter& writer, const BrokenRule& broken) {
  writer.array(5);
  writer.text(broken.table);
  writer.text(broken.rule);
  write(writer, broken.row);
  writer.text(broken.message);
  writer.array(broken.values.size());
  for (const auto& [name, value] : broken.values) {
    writer.array(2);
    writer.text(name);
    writer.value(value);
  }
}

std::optional<BrokenRule> read_broken_rule(CborReader& reader) {
  if (reader.take_null()) return std::nullopt;
  BrokenRule broken;
  reader.array_of(5);
  broken.table = read_name(reader);
  broken.rule = read_name(reader);
  broken.row = read_row_id(reader);
  broken.message = reader.text(limits::rule_message_bytes_max);
  for (std::size_t left = reader.array(limits::rule_values_max); left > 0 && reader.ok(); --left) {
    reader.array_of(2);
    std::string name(reader.text(limits::rule_value_bytes_max));
    broken.values.emplace_back(std::move(name), reader.value());
  }
  return broken;
}

std::optional<Error> read_reason(CborReader& reader) {
  if (reader.take_null()) return std::nullopt;
  reader.array_of(2);
  const std::uint64_t number = reader.number();
  std::string detail(reader.text());
  if (const std::optional<ErrorCode> code = error_code_of(number)) return Error{*code, detail};
  // A later version's code: the person still sees its number and detail.
  return Error{ErrorCode::internal, "error " + std::to_string(number) + ": " + detail};
}

}  // namespace

void write(CborWriter& writer, Position position) { writer.number(position.value); }
void write(CborWriter& writer, Sequence sequence) { writer.number(sequence.value); }
void write(CborWriter& writer, Instant instant) { writer.integer(instant.ms); }
void write(CborWriter& writer, const RowId& row) { writer.bytes(row.view()); }
void write(CborWriter& writer, const ScopeId& scope) { writer.text(scope.code); }

void write(CborWriter& writer, const std::vector<ScopeId>& scopes) {
  writer.array(scopes.size());
  for (const ScopeId& scope : scopes) write(writer, scope);
}

void write(CborWriter& writer, const ClockProbe& probe) {
  writer.array(3);
  writer.integer(probe.wall_ms);
  writer.id(probe.boot);
  writer.integer(probe.boot_ms);
}

void write(CborWriter& writer, const ScanPoint& point) {
  writer.array(5);
  write(writer, point.position);
  writer.text(point.table);
  writer.number(point.ordinal);
  write(writer, point.started);
  writer.id(point.asked);
}

void write(CborWriter& writer, const CellVersion& version) {
  writer.array(4);
  write(writer, version.position);
  writer.id(version.author);
  writer.integer(version.stamp.lo);
  writer.integer(version.stamp.hi);
}

void write(CborWriter& writer, const Contribution& contribution) {
  writer.array(2);
  writer.value(contribution.value);
  write(writer, contribution.version);
}

void write(CborWriter& writer, const Outcome& outcome) {
  writer.array(5);
  writer.number(static_cast<std::uint64_t>(outcome.kind));
  writer.array(outcome.lost.size());
  for (const LostCell& cell : outcome.lost) write(writer, cell);
  if (outcome.reason) {
    writer.array(2);
    writer.number(static_cast<std::uint64_t>(outcome.reason->code));
    writer.text(outcome.reason->detail);
  } else {
    writer.null();
  }
  write(writer, outcome.depends_on);
  if (outcome.broken) {
    write(writer, *outcome.broken);
  } else {
    writer.null();
  }
}

void write_optional(CborWriter& writer, const std::optional<std::uint64_t>& number) {
  if (number) {
    writer.number(*number);
  } else {
    writer.null();
  }
}

Position read_position(CborReader& reader) { return {reader.number(signed_max)}; }
Sequence read_sequence(CborReader& reader) { return {reader.number(signed_max)}; }
Instant read_instant(CborReader& reader) { return {reader.integer()}; }

RowId read_row_id(CborReader& reader) {
  const std::optional<RowId> row = RowId::from(reader.bytes());
  if (!row) reader.fail_malformed("a key that is empty or too long");
  return row.value_or(RowId{});
}

std::string read_name(CborReader& reader) {
  return std::string(reader.text(limits::name_bytes_max));
}

ScopeId read_scope(CborReader& reader) {
  return {std::string(reader.text(limits::scope_bytes_max))};
}

std::vector<ScopeId> read_scopes(CborReader& reader) {
  std::vector<ScopeId> scopes;
  for (std::size_t left = reader.array(limits::scope_count_max); left > 0 && reader.ok(); --left) {
    scopes.push_back(read_scope(reader));
  }
  return scopes;
}

ClockProbe read_clock_probe(CborReader& reader) {
  ClockProbe probe;
  reader.array_of(3);
  probe.wall_ms = reader.integer();
  probe.boot = reader.id<BootId>();
  probe.boot_ms = reader.integer();
  return probe;
}

ScanPoint read_scan_point(CborReader& reader) {
  ScanPoint point;
  reader.array_of(5);
  point.position = read_position(reader);
  point.table = read_name(reader);
  point.ordinal = reader.number();
  point.started = read_position(reader);
  point.asked = reader.id<Fingerprint>();
  return point;
}

CellVersion read_cell_version(CborReader& reader) {
  CellVersion version;
  reader.array_of(4);
  version.position = read_position(reader);
  version.author = reader.id<DeviceId>();
  version.stamp.lo = reader.integer();
  version.stamp.hi = reader.integer();
  return version;
}

Contribution read_contribution(CborReader& reader) {
  Contribution contribution;
  reader.array_of(2);
  contribution.value = reader.value();
  contribution.version = read_cell_version(reader);
  return contribution;
}

Outcome read_outcome(CborReader& reader) {
  Outcome outcome;
  reader.array_of(5);
  const auto kind_max = static_cast<std::uint64_t>(Outcome::Kind::not_yet);
  outcome.kind = static_cast<Outcome::Kind>(reader.number(kind_max));
  for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left) {
    outcome.lost.push_back(read_lost_cell(reader));
  }
  outcome.reason = read_reason(reader);
  outcome.depends_on = read_sequence(reader);
  outcome.broken = read_broken_rule(reader);
  return outcome;
}

std::uint16_t read_version(CborReader& reader) {
  return static_cast<std::uint16_t>(reader.number(std::numeric_limits<std::uint16_t>::max()));
}

std::optional<std::uint64_t> read_free_bytes(CborReader& reader) {
  if (reader.take_null()) return std::nullopt;
  return reader.number(signed_max);
}

}  // namespace doorstep
