// Random histories of a village: several phones with wrong clocks write offline, upload in random
// batches and pull at random moments. The naive model is the hub that they talk to. Everything
// follows from a seed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "engine/core/merge.hpp"
#include "tests/support/naive_model.hpp"

namespace doorstep::test {

/// place (a column of every policy and a group; its village is its scope; edit_wins), note (of a
/// place; delete_wins), entry (of a place; append_only), task (of a place; edit_wins), line (of a
/// task; edit_wins), box (its village is its scope; delete_wins) and slip (of a box; edit_wins).
/// A transaction is refused that would leave a place with fewer than no boxes, or with entries of
/// more than history_points_max points.
[[nodiscard]] const Schema& history_schema();
/// The next form, which some histories come to: place has the columns `nickname` (latest), `owner`
/// (first) and `visits` (counter) too, task has `mood` (latest), and there is pet (of a place;
/// edit_wins).
[[nodiscard]] const Schema& grown_history_schema();
[[nodiscard]] TableId history_table(std::string_view name);
constexpr std::int64_t history_points_max = 7;

/// What a person at the hub does in a commit of its own.
struct HubAct {
  enum class Kind : std::uint8_t {
    propose,  ///< the two rows are put before a person
    join,     ///< they are one: `loser` is merged into `survivor`
    grow      ///< the hub takes grown_history_schema(); no rows
  };
  Kind kind = Kind::propose;
  RowKey loser;
  RowKey survivor;
};

/// What the model makes of it. False: it is refused, and the commit holds nothing.
bool take_act(NaiveHub& hub, const HubAct& act, Position position);

struct History {
  std::vector<std::vector<IncomingTransaction>> commits;  ///< number n + 1 is commits[n]
  std::map<std::size_t, HubAct> acts = {};  ///< by index; the commit holds nothing else
};

/// Whether people merge duplicates, and every third hub takes a newer form.
enum class HistoryKind : std::uint8_t { uploads, whole };

[[nodiscard]] Position history_position(std::size_t number);
/// `steps`: how many writes, uploads and pulls before the last uploads.
[[nodiscard]] History random_history(std::uint64_t seed, std::size_t steps,
                                     HistoryKind kind = HistoryKind::uploads);

/// For people: who wrote what in which commit.
[[nodiscard]] std::string describe(const History& history);

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  /// 0 .. limit - 1
  [[nodiscard]] std::size_t below(std::size_t limit) { return engine_() % limit; }
  [[nodiscard]] bool chance(std::size_t percent) { return below(100) < percent; }

 private:
  std::mt19937_64 engine_;
};

/// A value that fits a plain column, from few, so that equal ones meet.
[[nodiscard]] Value random_value(Dice& dice, const Column& column);

/// A phone of the history: what it shows, what it has written and not had confirmed.
class NaiveDevice {
 public:
  /// `view`: what `schema` knows of the form that the hub will take; null when it takes none.
  NaiveDevice(const Schema& schema, DeviceId id, std::set<ScopeId> scopes, std::int64_t clock_error,
              const SchemaView* view = nullptr)
      : schema_(&schema),
        view_(view),
        id_(id),
        scopes_(std::move(scopes)),
        clock_error_(clock_error) {}

  /// The newer form, away from the hub: what it adds shows nothing before the next pull.
  void upgrade(const Schema& schema);
  void pull(const NaiveHub& hub, std::size_t head);
  /// One local commit at the true time `now`; nothing when the dice show nothing to write.
  void write(Dice& dice, std::int64_t now, std::size_t& next_row);
  [[nodiscard]] bool has_unsent() const { return !pending_.empty() && !pending_.back().merged_in; }
  /// The oldest transaction not yet sent; the hub merges it in commit `number`.
  [[nodiscard]] IncomingTransaction send(std::size_t number);

 private:
  struct Copy {
    RowImage image;
    std::size_t cursor = 0;
    bool blind = false;  ///< taken when the phone did not know the newer columns
  };
  struct Pending {
    IncomingTransaction transaction;
    std::optional<std::size_t> merged_in;
  };
  [[nodiscard]] std::vector<const RowChange*> own_changes(const RowKey& key) const;
  [[nodiscard]] std::map<RowKey, RowImage> shown() const;
  [[nodiscard]] std::optional<RowChange> random_change(Dice& dice, std::size_t& next_row) const;
  [[nodiscard]] RowChange insert_of(Dice& dice, std::size_t& next_row) const;
  [[nodiscard]] RowChange update_of(Dice& dice, const RowKey& key, const RowImage& image) const;
  [[nodiscard]] std::optional<Value> key_of_some(Dice& dice, TableId table) const;
  [[nodiscard]] std::optional<CellChange> random_cell(Dice& dice, const Table& table,
                                                      ColumnId column, const Value& before) const;
  void add_cells(Dice& dice, RowChange& change, ColumnId lead, const Value& before) const;
  [[nodiscard]] std::vector<RowChange> with_children(const RowChange& change) const;
  void decide_some(Dice& dice, RowChange& change) const;
  void observe(RowChange& change) const;
  [[nodiscard]] bool is_unfilled(const RowKey& key, ColumnId column) const;
  [[nodiscard]] std::optional<Position> carried(const RowKey& key,
                                                const std::vector<ColumnId>& cell) const;

  const Schema* schema_;
  const SchemaView* view_;  ///< of what it shows
  bool blind_ = false;      ///< it has the newer form and has not pulled since
  DeviceId id_;
  std::set<ScopeId> scopes_;
  std::int64_t clock_error_;
  std::size_t cursor_ = 0;
  std::map<RowKey, Copy> base_;
  std::vector<Pending> pending_;
  Sequence next_{1};
  std::int64_t last_stamp_ = 0;
};

}  // namespace doorstep::test
