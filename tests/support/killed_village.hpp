// A village whose programs are killed at random moments: two phones and their township hub as real
// processes, the work that they commit, and what must then be true of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/ports/random.hpp"
#include "tests/support/cast.hpp"

namespace doorstep::test {

/// Used by one thread. What goes wrong is collected in problems() in words; nothing throws.
class KilledVillage {
 public:
  /// Two phones that hold the sample village. Same seed: the same payments and draws of moments.
  explicit KilledVillage(std::uint64_t seed, bool keep = false);

  /// One transaction: a ledger entry and a counter move together.
  void pay(const Phone& phone);
  /// The same, killed while it is written: whole or not there.
  void pay_and_kill(const Phone& phone);
  /// Both phones sync; the first is killed, then the hub, which starts again, then the second
  /// unless it `may_end`: it finds its hub again by itself.
  void sync_and_kill(bool may_end);
  /// A moment within about as long as a sync takes on this machine.
  void sleep_a_little();
  /// Everybody syncs until all have everything.
  void converge();
  /// For when all have everything: every payment that was committed is on each replica exactly once
  /// and nothing else, the counter agrees, rows and digests are equal, and all verify.
  void check();

  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }
  [[nodiscard]] std::string all_problems() const;  ///< joined; empty when all is well
  [[nodiscard]] int devices_killed() const { return devices_killed_; }  ///< that were running
  [[nodiscard]] int hubs_killed() const { return hubs_killed_; }
  [[nodiscard]] std::size_t payments() const { return payments_.size(); }
  [[nodiscard]] TownshipHub& hub() { return hub_; }
  [[nodiscard]] const Phone& a() const { return a_; }
  [[nodiscard]] const Phone& b() const { return b_; }
  [[nodiscard]] const std::string& folder() const { return folder_.path(); }
  [[nodiscard]] Random& random() { return random_; }

 private:
  struct Payment {
    std::string id;  // in hexadecimal
    std::int64_t fen = 0;
    std::string sql;
  };
  [[nodiscard]] Payment draw();
  void expect(bool holds, const std::string& what);
  void expect_done(const Finished& done, const std::string& what);
  void count_kill(int status);
  void check_payments(const std::string& file);
  void check_rows();

  ScratchFolder folder_;
  TownshipHub hub_;
  Phone a_;
  Phone b_;
  SeededRandom random_;
  std::uint64_t sync_us_ = 60'000;  // how long a sync takes, about
  std::int64_t stock_before_ = 0;
  std::map<std::string, std::int64_t> payments_;  // what was committed: id -> fen
  std::vector<std::string> problems_;
  int devices_killed_ = 0;
  int hubs_killed_ = 0;
};

}  // namespace doorstep::test
