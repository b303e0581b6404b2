#include "client-sdk/src/form_note.hpp"

namespace doorstep {

const FormNote::Copy* copy_of(const std::vector<FormNote>& notes, const RowKey& key) {
  for (const FormNote& note : notes) {
    if (note.key == key && note.copy) return &*note.copy;
  }
  return nullptr;
}

Result<PendingRow> pending_from(const FormNote::Copy& copy, sqlite::Database& db) {
  PendingRow row;
  row.copy = copy.image;
  row.copy_cursor = copy.cursor;
  row.carry = copy.carry;
  DS_TRY(db.run("UPDATE ds_state SET copies = copies + 1"));
  return row;
}

}  // namespace doorstep
