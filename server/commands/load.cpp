#include <algorithm>
#include <ostream>

#include "engine/core/json_line.hpp"
#include "server/commands/command.hpp"
#include "server/hub_folder.hpp"
#include "server/log.hpp"
#include "server/os_random.hpp"
#include "server/sample_load.hpp"

namespace doorstep::commands {
namespace {

/// Loads a sample part by part, from where an earlier load of the same was stopped.
class SampleLoad {
 public:
  SampleLoad(const LoadOptions& options, const Terminal& terminal, HubStore& store)
      : options_(options), terminal_(terminal), store_(store) {
    sample_.seed = options.seed;
    if (options.sample == "xupu") parts_ = sample::county_parts();
  }

  Result<LoadTally> run() {
    const auto log = make_stderr_log(LogForm::text, LogLevel::warning);
    const SystemTime time;
    OsRandom random;
    LoadTally tally;
    for (std::size_t part = 0; part < parts_; ++part) {
      const auto rows = parts_ == 1 ? sample::make_village_sample(sample_)
                                    : sample::make_county_part(sample_, part);
      DS_ASSIGN(const std::size_t there, begun_ ? std::size_t{0} : loaded_before(rows, part));
      const std::span<const sample::SampleRow> missing = std::span(rows).subspan(there);
      if (!missing.empty()) {
        DS_ASSIGN(const LoadTally one, load_rows(store_, *log, time, random, missing));
        tally += one;
      }
      show(part);
    }
    if (parts_ > 1 && terminal_.colours) terminal_.err << '\n';
    if (!begun_) return error(ErrorCode::already_exists, refusal(" has this sample already"));
    return tally;
  }

 private:
  [[nodiscard]] std::string refusal(const char* why) const {
    return "the hub in " + options_.data + why + "; nothing was loaded";
  }

  /// How many rows of this part an earlier load has brought. The first part that is not whole is
  /// where this one begins; the hub must hold exactly what a load of the same has before it.
  Result<std::size_t> loaded_before(std::span<const sample::SampleRow> rows, std::size_t part) {
    DS_ASSIGN(const std::size_t there, rows_there(store_, rows));
    transactions_ += (there + sample_rows_a_transaction - 1) / sample_rows_a_transaction;
    if (there == rows.size()) return there;
    begun_ = true;
    // Nothing that is asked here stays open: a snapshot under a load keeps all of it in the log.
    DS_ASSIGN(const bool used, has_records(store_));
    DS_ASSIGN(const std::uint64_t written, own_transactions(store_));
    const bool same = transactions_ == written && there % sample_rows_a_transaction == 0;
    if (used && (!same || written == 0))
      return error(ErrorCode::already_exists,
                   refusal(" has other records than this sample's beginning"));
    if (used && parts_ > 1) {
      const std::string villages = std::to_string(part == 0 ? 0 : part - 1);
      if (terminal_.colours) terminal_.err << '\r';
      terminal_.err << (terminal_.chinese ? "上次已装入 " + villages + " 个村，接着装入。\n"
                                          : "Going on after " + villages +
                                                " villages that were loaded before.\n");
    }
    return there;
  }

  void show(std::size_t part) const {
    if (parts_ == 1 || !terminal_.colours) return;
    terminal_.err << '\r' << part << '/' << parts_ - 1
                  << (terminal_.chinese ? " 个村" : " villages") << std::flush;
  }

  const LoadOptions& options_;
  const Terminal& terminal_;
  HubStore& store_;
  sample::SampleOptions sample_;
  std::size_t parts_ = 1;
  bool begun_ = false;
  std::uint64_t transactions_ = 0;  ///< of an earlier load, as the parts that are there say
};

}  // namespace

Status load(const LoadOptions& options, const Terminal& terminal) {
  DS_ASSIGN(const auto folder, HubFolder::open(options.data));
  DS_ASSIGN(const LoadTally tally, SampleLoad(options, terminal, folder.store()).run());
  if (options.json) {
    terminal.out << JsonLine()
                        .number("rows", tally.rows)
                        .number("transactions", tally.transactions)
                        .number("not_accepted", tally.not_accepted)
                        .done()
                 << '\n';
  } else {
    terminal.out << "Loaded " << tally.rows << " rows of " << options.sample << " in "
                 << tally.transactions << " transactions.\n";
  }
  if (tally.not_accepted > 0) {
    return error(ErrorCode::already_exists,
                 std::to_string(tally.not_accepted) + " rows met others of the same key");
  }
  return {};
}

}  // namespace doorstep::commands
