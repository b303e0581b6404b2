// Salvage and Salvaged.
#include "engine/wire/message_codec.hpp"
#include "engine/wire/parts.hpp"
#include "engine/wire/row_block_codec.hpp"

namespace doorstep {

void write_fields(CborWriter& writer, const Salvage& message) {
  DictionaryBudget budget;
  write(writer, message.sequence);
  writer.number(message.part);
  writer.number(message.parts);
  writer.number(message.left_out);
  writer.array(message.rows.size());
  for (const RowBlock& block : message.rows) write(writer, block, budget);
}

void read_fields(CborReader& reader, Salvage& message) {
  DictionaryBudget budget;
  std::size_t rows_left = limits::salvage_rows_max;
  message.sequence = read_sequence(reader);
  message.part = static_cast<std::uint32_t>(reader.number(limits::salvage_parts_max));
  message.parts = static_cast<std::uint32_t>(reader.number(limits::salvage_parts_max));
  message.left_out = reader.number();
  for (std::size_t left = reader.array(); left > 0 && reader.ok(); --left) {
    message.rows.push_back(read_rows(reader, rows_left, budget));
  }
  if (message.part == 0 || message.part > message.parts) {
    reader.fail_malformed("a part that is not one of its parts");
  }
}

void write_fields(CborWriter& writer, const Salvaged& message) {
  write(writer, message.sequence);
  writer.number(message.part);
}

void read_fields(CborReader& reader, Salvaged& message) {
  message.sequence = read_sequence(reader);
  message.part = static_cast<std::uint32_t>(reader.number(limits::salvage_parts_max));
}

}  // namespace doorstep
