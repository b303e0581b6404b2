// Which rows a device keeps of a transaction whose rows the hub does not know (SEMANTICS D4). Pure.
#pragma once

#include <functional>
#include <optional>

#include "engine/core/change.hpp"
#include "engine/wire/salvage_rows.hpp"

namespace doorstep {

/// The hub's value of a row as this device holds it; nullopt: it holds none.
using HeldRow = std::function<Result<std::optional<RowImage>>(const RowKey&)>;

/// What the transaction updated or deleted, and all that its rows hang on, as far as it is held: a
/// hub that has lost a resident may have lost her household, too.
[[nodiscard]] Result<HeldRows> meant_rows(const Schema& schema, const Transaction& transaction,
                                          const HeldRow& held);

}  // namespace doorstep
