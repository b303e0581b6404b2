// The hub's own history in SQLite: epochs, what was offered again, gaps, the newest backup. All run
// on the connection given, inside the caller's transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ports/hub_epochs.hpp"
#include "server/store/sqlite_hub_connection.hpp"

namespace doorstep {

[[nodiscard]] Result<std::vector<EpochRecord>> read_epochs(HubConnection& hub);
[[nodiscard]] Result<std::vector<GapRecord>> read_gaps(HubConnection& hub, const DeviceId& device);
[[nodiscard]] Result<Position> read_backed_up(HubConnection& hub);
[[nodiscard]] Result<std::optional<std::string>> read_signed_by(HubConnection& hub,
                                                                Position position);

/// On a database whose tables have just been made.
[[nodiscard]] Status put_epoch(sqlite::Database& db, const EpochRecord& epoch);
/// The newest.
[[nodiscard]] Result<std::uint64_t> read_epoch(sqlite::Database& db);

class SqliteHubEpochs final : public HubEpochs {
 public:
  /// All outlive this; `position` is the commit's. After a failure nothing is done any more.
  SqliteHubEpochs(HubConnection& hub, Position& position, std::optional<Error>& failure)
      : hub_(hub), position_(position), failure_(failure) {}

  [[nodiscard]] Result<std::vector<EpochRecord>> all() override;
  [[nodiscard]] Status begin(const EpochRecord& epoch) override;
  [[nodiscard]] Status put_reoffered(const DeviceId& author, const Reoffered& what) override;
  [[nodiscard]] Result<std::optional<Reoffered>> reoffered(const DeviceId& author,
                                                           Position position) override;
  [[nodiscard]] Status put_gap(const GapRecord& gap) override;
  [[nodiscard]] Result<std::vector<GapRecord>> gaps(const DeviceId& device) override;
  [[nodiscard]] Status put_backed_up(Position position) override;
  [[nodiscard]] Status put_signed_by(std::string_view name) override;

 private:
  template <class Work>
  [[nodiscard]] auto attempt(const Work& work) -> decltype(work());

  HubConnection& hub_;
  Position& position_;
  std::optional<Error>& failure_;
};

}  // namespace doorstep
