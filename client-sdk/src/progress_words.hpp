// Progress in words for one line of a terminal.
#pragma once

#include <doorstep/wording.hpp>

#include <string>
#include <string_view>

#include "engine/session/sync_progress.hpp"

namespace doorstep {

inline constexpr std::size_t progress_columns_max = 79;  ///< a terminal of 80, its last one free

/// "[########....]  42%  sent 12/30  received 400/1200  1.2 MB of ~3.4 MB  ~20 s": what
/// does not fit into progress_columns_max is left out from the end.
[[nodiscard]] std::string progress_line(const SyncProgress& progress, Language language);

/// Columns of a terminal that the text takes: Chinese characters and marks take two.
[[nodiscard]] std::size_t columns_of(std::string_view text);

}  // namespace doorstep
