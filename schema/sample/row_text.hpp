// Sample rows as text that other tools take. Pure.
#pragma once

#include <string>

#include "schema/sample/village_sample.hpp"

namespace doorstep::sample {

/// One INSERT statement with its semicolon; columns that are NULL are left out.
[[nodiscard]] std::string sql_text(const SampleRow& row);
/// One JSON object: "table", then the key and every column that is not NULL; blobs as lowercase
/// hex.
[[nodiscard]] std::string json_text(const SampleRow& row);

}  // namespace doorstep::sample
