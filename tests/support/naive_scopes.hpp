// Who sees what and who may write where, said as plainly as the rules can be: every row's scope and
// every grant's reach are worked out again from nothing. And random histories of a county in which
// families move, volunteers are sent elsewhere, and nobody does what her phone does not show.
#pragma once

#include <map>
#include <set>
#include <string>

#include "tests/support/random_history.hpp"
#include "tests/support/test_link.hpp"

namespace doorstep::test {

/// Every live row of the hub that a device with these grants sees, by scope.
[[nodiscard]] std::map<ScopeId, std::map<RowKey, RowImage>> naive_view(
    SyncWorld& world, const std::vector<ScopeId>& granted);

class ScopeHistory {
 public:
  explicit ScopeHistory(std::uint64_t seed);

  void run(std::size_t steps);
  /// Everyone syncs until nothing is left to say.
  void settle_all();
  /// What is wrong, in words: a phone that shows other rows than it should, a digest that is not
  /// that of those rows, an honest write that was refused, a visit that is nowhere.
  [[nodiscard]] std::string difference();

  [[nodiscard]] std::size_t moves() const { return moves_; }
  [[nodiscard]] std::size_t grants() const { return grants_; }
  [[nodiscard]] std::size_t late_writes() const { return late_; }

 private:
  void step();
  void write(Phone& phone);
  void change_house(Phone& phone, const RowId& house, const RowImage& image);
  void call(Phone& phone);
  void regrant(Phone& phone);
  [[nodiscard]] std::vector<std::string> villages_of(const Phone& phone);

  SyncWorld world_;
  Dice dice_;
  std::uint64_t next_ = 1000;
  std::set<RowId> visits_;
  std::size_t moves_ = 0;
  std::size_t grants_ = 0;
  std::size_t late_ = 0;  // written under grants that had changed by then
};

}  // namespace doorstep::test
