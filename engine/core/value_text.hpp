// What a person types for a column, as the value that the column stores. Pure.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/schema.hpp"

namespace doorstep {

/// "128" for an integer column, "true" for a boolean, hexadecimal digits for blobs and uuids, the
/// text itself for the rest. Error bad_value names the column.
[[nodiscard]] Result<Value> value_of_text(const Column& column, std::string_view text);

/// A key as outputs have it: a uuid in hexadecimal, a text key as it is.
[[nodiscard]] std::string text_of_key(const RowId& row);

/// The same where the table is known: a text key is never taken for a uuid.
[[nodiscard]] std::string text_of_key(const Table& table, const RowId& row);

/// What a person types for a row's key: a uuid in text form or 32 hexadecimal digits, or the text
/// key itself. Error bad_key.
[[nodiscard]] Result<RowId> key_of_text(const Table& table, std::string_view text);

}  // namespace doorstep
