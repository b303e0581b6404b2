#include "engine/wire/comparison_codec.hpp"

#include "engine/core/limits.hpp"
#include "engine/wire/cbor_reader.hpp"
#include "engine/wire/cbor_writer.hpp"
#include "engine/wire/parts.hpp"

namespace doorstep {
namespace {

constexpr std::uint64_t kinds_max = 2;  // of either enumeration

void write(CborWriter& writer, const CellDifference& cell) {
  writer.array(7);
  writer.text(cell.table);
  write(writer, cell.row);
  writer.text(cell.column);
  writer.number(static_cast<std::uint64_t>(cell.what));
  writer.number(static_cast<std::uint64_t>(cell.why));
  writer.value(cell.hub);
  writer.value(cell.device);
}

CellDifference read_cell(CborReader& reader) {
  CellDifference cell;
  reader.array_of(7);
  cell.table = read_name(reader);
  cell.row = read_row_id(reader);
  cell.column = read_name(reader);
  cell.what = static_cast<CellDifference::What>(reader.number(kinds_max));
  cell.why = static_cast<CellDifference::Why>(reader.number(kinds_max));
  cell.hub = reader.value();
  cell.device = reader.value();
  return cell;
}

}  // namespace

Bytes encode_comparison(const DeviceComparison& comparison) {
  CborWriter writer;
  writer.array(7);
  write(writer, comparison.head);
  write(writer, comparison.cursor);
  writer.number(comparison.buckets);
  writer.number(comparison.buckets_compared);
  writer.number(comparison.pending);
  writer.number(comparison.left_out);
  writer.array(comparison.cells.size());
  for (const CellDifference& cell : comparison.cells) write(writer, cell);
  return writer.take();
}

Result<DeviceComparison> decode_comparison(ByteView bytes) {
  DS_ASSIGN(CborReader reader, CborReader::open(bytes, limits::message_bytes_max));
  DeviceComparison comparison;
  reader.array_of(7);
  comparison.head = read_position(reader);
  comparison.cursor = read_position(reader);
  comparison.buckets = reader.number();
  comparison.buckets_compared = reader.number();
  comparison.pending = reader.number();
  comparison.left_out = reader.number();
  for (std::size_t left = reader.array(limits::compared_cells_max); left > 0 && reader.ok();
       --left) {
    comparison.cells.push_back(read_cell(reader));
  }
  if (!reader.ok()) return reader.error();
  return comparison;
}

}  // namespace doorstep
