// Random histories of a village whose form grows twice, and the plainest word on what may happen to
// an answer: it is shown, or it is on record as a loser, or somebody to whom it was shown wrote
// another.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/support/test_link.hpp"

namespace doorstep::test {

class VersionsHistory {
 public:
  explicit VersionsHistory(std::uint64_t seed);

  /// One thing that happens: an answer, a sync (perhaps cut), a newer form at the hub or on a
  /// phone.
  void step();
  /// Everyone comes to the newest form and syncs; then what was lost, and who differs, in words.
  [[nodiscard]] std::string finish();

 private:
  struct Cell {
    RowId row;
    std::string column;
    friend auto operator<=>(const Cell&, const Cell&) = default;
  };
  struct Person {
    Phone* phone = nullptr;
    std::size_t form = 0;
    std::map<Cell, std::set<std::string>> shown;  // ever
  };
  struct Answer {
    Cell cell;
    std::set<std::string> known;  // to its author
  };

  void answer(Person& person);
  void upgrade(Person& person);
  void grow_hub();
  std::optional<Error> connect(Person& person, LinkOptions options);
  void look(Person& person);
  [[nodiscard]] bool is_accounted_for(const std::string& text, const Answer& answer);

  SyncWorld world_;
  SeededRandom random_;
  std::array<Schema, 3> forms_;
  std::size_t hub_form_ = 0;
  std::vector<Person> people_;
  std::vector<RowId> residents_;
  std::map<std::string, Answer> answers_;  // by their text, which is written once
};

}  // namespace doorstep::test
