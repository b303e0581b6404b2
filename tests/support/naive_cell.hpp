// What one cell shows, from the list of all its writes (see naive_model.hpp). Pure.
#pragma once

#include <vector>

#include "tests/support/naive_model.hpp"

namespace doorstep::test {

/// A write that no later write has replaced.
struct Standing {
  const NaiveWrite* write = nullptr;
  Stamp stamp;            ///< raised after everything that it replaced
  std::size_t place = 0;  ///< in the queue of `first`
};

/// What became of one write of a cell.
struct Fate {
  enum class Kind : std::uint8_t {
    stands,
    replaced,  ///< by `by`, which had seen it; or a claim that was given up
    settled,   ///< by the decision `by`, which had not seen it
    yielded,   ///< to the earlier decision `by`: it never stood
    nothing    ///< an undo that takes nothing back, or whose value is not wanted any more
  };
  Kind kind = Kind::stands;
  const NaiveWrite* by = nullptr;
  const NaiveWrite* took_back = nullptr;  ///< the decision that this undo ended
};

/// A cell after all its writes.
struct NaiveCell {
  std::vector<Standing> standing;    ///< in the order of the queue
  std::optional<Standing> decision;  ///< the last one that nobody took back
  std::vector<Fate> fates;           ///< one for each write
};
[[nodiscard]] NaiveCell walk(const Column& column, const std::vector<NaiveWrite>& writes);

/// Whether the author of `later` had seen `earlier`.
[[nodiscard]] bool has_seen(const NaiveWrite& later, const NaiveWrite& earlier);
/// Whether `later` takes the place of `earlier`: seen, and not outlasted by a state further along.
[[nodiscard]] bool replaces(const Column& column, const NaiveWrite& later,
                            const NaiveWrite& earlier);
[[nodiscard]] bool delete_was_seen(const NaiveDelete& death, const DeviceId& author,
                                   Position observed);
/// Whether the author of the delete did not know of this write to a cell.
[[nodiscard]] bool unseen_by(const NaiveDelete& death, ColumnId cell, const NaiveWrite& write);
/// What the author of a change had seen of a cell.
[[nodiscard]] Position observed_by(const Transaction& transaction, const RowChange& change,
                                   const std::vector<ColumnId>& cell);
[[nodiscard]] std::vector<Standing> standing_of(const Column& column,
                                                const std::vector<NaiveWrite>& writes);
/// What is recorded of `write` (a counter's or a set's) when a delete takes the row that had not
/// seen it: of a counter the sum, of a set the elements that its author added. `deleted_after`: how
/// many of the writes came before the delete; of a later one, what it would have shown.
[[nodiscard]] Value taken_of(const Column& column, const std::vector<NaiveWrite>& writes,
                             const NaiveWrite& write, std::size_t deleted_after, Position observed);
/// One value for each column of the cell.
[[nodiscard]] std::vector<Value> shown_of(const Column& column,
                                          const std::vector<NaiveWrite>& writes);
/// The adds of each element of a set that no later write has taken or repeated.
[[nodiscard]] std::map<std::string, std::vector<const NaiveWrite*>> adds_of(
    std::span<const NaiveWrite> writes);
[[nodiscard]] bool among(const std::vector<Standing>& all, const NaiveWrite& write);
/// The standing writes that are not shown.
[[nodiscard]] std::vector<Standing> losers_of(const Column& column,
                                              const std::vector<NaiveWrite>& writes);

}  // namespace doorstep::test
