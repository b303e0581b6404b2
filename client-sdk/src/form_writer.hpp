// Saving a form inside a local transaction, by the statements that an app would write.
#pragma once

#include <optional>

#include "client-sdk/src/form_note.hpp"
#include "client-sdk/src/form_reader.hpp"
#include "client-sdk/src/replica_connections.hpp"

namespace doorstep {

/// Nullopt: there was nothing to write. Errors: form_outdated, and those of the statements; nothing
/// of the form is written then.
[[nodiscard]] Result<std::optional<FormNote>> write_form(Writer& writer, const Form::State& form);

}  // namespace doorstep
