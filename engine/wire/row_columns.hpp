// Values of one column, and keys, as they stand in a block of rows. A column is one of
//   [0, value...]                      plain
//   [1, first, difference...]          integers, each but the first as what it adds to the one
//   before [2, [value...], index...]          each value once, in order of first use, and an index
//   for each row
// The writer takes the shortest (the earlier of equals), so equal columns have equal bytes; the
// reader takes any. Keys are one byte string when all have 16 bytes, else an array of byte strings.
// Pure.
#pragma once

#include <span>
#include <vector>

#include "engine/core/ids.hpp"
#include "engine/core/limits.hpp"
#include "engine/core/value.hpp"
#include "engine/wire/cbor_reader.hpp"
#include "engine/wire/cbor_writer.hpp"

namespace doorstep {

/// How many bytes of values the dictionaries of one message or transaction may still expand to.
/// Both sides count alike: a writer that has none left writes plain columns, a reader refuses.
struct DictionaryBudget {
  std::size_t bytes_left = limits::dictionary_bytes_max;
};

void write_column(CborWriter& writer, std::span<const Value* const> values,
                  DictionaryBudget& budget);
/// `count` values; on an error of the reader possibly fewer.
[[nodiscard]] std::vector<Value> read_column(CborReader& reader, std::size_t count,
                                             DictionaryBudget& budget);

void write_keys(CborWriter& writer, std::span<const RowId* const> keys);
/// Error message_too_large for more than `count_max`.
[[nodiscard]] std::vector<RowId> read_keys(CborReader& reader, std::size_t count_max);

}  // namespace doorstep
