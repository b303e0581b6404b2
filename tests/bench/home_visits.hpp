// Home visits of the peers' harness (tests/bench/peers/harness.toml), drawn like its own: 12
// columns with the key and a Chinese note of 20 to 120 characters. They can be edited, other than
// those of the sample village, and are what a hub is measured with.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/core/change.hpp"
#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"
#include "engine/core/uuid.hpp"
#include "engine/ports/random.hpp"
#include "tests/bench/visits.hpp"

namespace doorstep::bench {

[[nodiscard]] Schema harness_schema();

/// Draws visits; the same ones for the same seed.
class HomeVisits {
 public:
  /// `schema` must outlive this object.
  HomeVisits(const Schema& schema, std::uint64_t seed);

  /// A new visit to the household with this key: key, then the columns in schema order.
  [[nodiscard]] VisitRow draw(const RowId& household);
  /// The same visit with other needs, blood sugar and note.
  [[nodiscard]] VisitRow edited(const VisitRow& visit);
  [[nodiscard]] RowId new_id();
  [[nodiscard]] const Table& table() const { return table_; }

 private:
  [[nodiscard]] std::string note();

  const Table& table_;
  SeededRandom random_;
  UuidSource ids_;
  std::int64_t typed_ms_;
};

/// The net change that makes `after` of `before`; of nothing when `before` is empty.
[[nodiscard]] RowChange change_of(const Schema& schema, std::string_view table,
                                  const VisitRow& before, const VisitRow& after);

/// The rows that visits hang on: the village with this code, below `parent` unless that is empty,
/// and one household in it.
[[nodiscard]] std::vector<RowChange> village_rows(const Schema& schema, const std::string& code,
                                                  const RowId& household,
                                                  const std::string& parent = {});

}  // namespace doorstep::bench
