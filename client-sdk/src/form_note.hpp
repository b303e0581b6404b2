// What the running local transaction has saved of forms: it lowers what the captured changes of
// their rows have observed, and keeps the copy of a row that was gone (SEMANTICS B2, B3).
#pragma once

#include <optional>
#include <vector>

#include "client-sdk/src/pending_rows.hpp"
#include "engine/core/as_of.hpp"

namespace doorstep {

struct FormNote {
  RowKey key;
  AsOf as_of;
  /// The row was gone: what the form showed, put back for as long as the edit is not confirmed.
  struct Copy {
    RowImage image;
    Position cursor;
    Carry carry;
  };
  std::optional<Copy> copy;
};

/// The copy that the notes keep of a row; null when there is none.
[[nodiscard]] const FormNote::Copy* copy_of(const std::vector<FormNote>& notes, const RowKey& key);

/// A row of ds_pending that is shown from `copy`; counted in ds_state.
[[nodiscard]] Result<PendingRow> pending_from(const FormNote::Copy& copy, sqlite::Database& db);

}  // namespace doorstep
