// A terminal of 80 columns and 24 lines, used line by line: no cursor keys and no library, so that
// it works in any terminal, over any line, with every input method, and Ctrl-C needs no tidying up.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace volunteer {

inline constexpr std::size_t screen_columns = 80;
/// Of a list on one screen: head, message, menu and prompt take the other ten.
inline constexpr std::size_t list_lines = 14;

/// Columns that a terminal takes for UTF-8 text: two for a Chinese character.
[[nodiscard]] std::size_t width_of(std::string_view text);
/// Exactly so wide: cut with "…" or filled up with spaces. What others typed stays text: line
/// breaks and control characters become spaces, so that no note can move the cursor.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t columns);

/// An empty screen, where there is a screen.
void clear_screen();
/// One line, cut at the edge of the screen.
void print(std::string_view line = {});
/// Several lines of at most 80 columns, broken where they must be; at most `lines`.
void print_wrapped(std::string_view text, std::size_t lines);

/// What is typed at the prompt, without blanks around it; nullopt at the end of the input (Ctrl-D).
[[nodiscard]] std::optional<std::string> ask(std::string_view prompt);
/// As a choice from a menu: an input method may type full-width digits and letters (１, ｑ), and
/// capitals mean the same.
[[nodiscard]] std::string as_choice(std::string_view typed);
/// 1 for "1"; nullopt for what is no number from 1 to `most`.
[[nodiscard]] std::optional<std::size_t> number_of(std::string_view choice, std::size_t most);
/// True when a line has been typed; waits so long for one.
[[nodiscard]] bool typed_within(int milliseconds);

}  // namespace volunteer
