// Random content of everything that has a form in bytes, drawn inside a rapidcheck property. Each
// function may be called only there.
#pragma once

#include "engine/wire/codec.hpp"

namespace doorstep::test {

/// Any value at all: for messages, which carry them unchecked.
[[nodiscard]] Value draw_value();
/// Few different values, many neighbours: columns that have a shorter form.
[[nodiscard]] std::vector<Value> draw_column();
/// A message of the kind that stands at `index` in Message.
[[nodiscard]] Message draw_message(std::size_t index);
/// A transaction that fits village_schema().
[[nodiscard]] Transaction draw_transaction();
[[nodiscard]] RowImage draw_image();
[[nodiscard]] StoredRow draw_exceptions();
[[nodiscard]] Outcome draw_outcome();

}  // namespace doorstep::test
