// What a form holds, and what follows from it without a database.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <doorstep/form.hpp>

#include "client-sdk/src/own_writes.hpp"
#include "engine/core/as_of.hpp"
#include "engine/core/overlay.hpp"
#include "engine/core/row.hpp"
#include "engine/core/schema.hpp"

namespace doorstep {

/// One row as one read of the database gave it.
struct FormReading {
  Table table;                    ///< as the schema then had it
  RowImage image;                 ///< shown
  Position seen;                  ///< the cursor, or that of the row's last copy
  Carry carry;                    ///< of its own unconfirmed writes
  std::vector<NewColumn> unseen;  ///< columns not filled from the hub yet
  Sequence own_through;           ///< the newest own transaction
};

struct Form::State {
  FormReading read;
  RowId row;
  Value id;
  bool is_new = false;
  std::vector<std::optional<Value>> typed;  ///< by column
  /// By column: own transactions through this one are shown, or are the form's own.
  std::vector<Sequence> own_through;
  std::shared_ptr<OwnWrites> own;  ///< by this process, from the reading on
};

/// A form that shows `read`. `own` has noted what was written since before the reading.
[[nodiscard]] Form form_of(FormReading read, const RowId& row, bool is_new,
                           std::shared_ptr<OwnWrites> own);

/// Was something typed that is not what is shown?
[[nodiscard]] bool is_changed(const Form::State& form, ColumnId column);
/// The columns of `columns`' cell (a group is one) as the form would leave it.
[[nodiscard]] Value typed_cell(const Form::State& form, const std::vector<ColumnId>& columns);
[[nodiscard]] Value shown_cell(const Form::State& form, const std::vector<ColumnId>& columns);
/// All columns of every cell that has a changed column, ascending.
[[nodiscard]] std::vector<ColumnId> written_columns(const Form::State& form);
/// What a save writes to a column that has `now`: what was typed; of a counter and a set, `now`
/// with the same difference.
[[nodiscard]] Value saved_value(const Form::State& form, ColumnId column, const Value& now);

/// The positions behind a save, by the columns of the form's own table.
[[nodiscard]] AsOf as_of(const Form::State& form);

/// After a commit: what was saved is what is shown; what it was typed over stays what was seen.
void note_saved(Form::State& form, Sequence sequence);
/// Takes over a newer reading of the row and keeps what was typed; of a counter and a set the
/// difference.
void take_reading(Form::State& form, FormReading read);

}  // namespace doorstep
