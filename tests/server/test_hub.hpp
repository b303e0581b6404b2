// A hub in a folder of its own that goes when the test ends, with the built-in village schema.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/core/change.hpp"
#include "engine/ports/log_sink.hpp"
#include "server/hub_folder.hpp"
#include "server/hub_time.hpp"
#include "server/net/hub_server.hpp"
#include "server/os_random.hpp"

namespace doorstep::test {

inline const std::string dushi = "431224103212";

class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A clock that goes only when told to.
class ManualTime final : public HubTime {
 public:
  [[nodiscard]] Instant now() const override { return {ms_.load()}; }
  void advance(std::int64_t ms) { ms_ += ms; }

 private:
  std::atomic<std::int64_t> ms_{1'700'000'000'000};
};

class TestHub {
 public:
  /// Makes the folder; serves once start() is called.
  TestHub();
  void start(ListenOptions options = {});
  void stop() { server_.reset(); }

  [[nodiscard]] const std::string& url() const { return server_->url(); }
  [[nodiscard]] HubServer& server() { return *server_; }
  [[nodiscard]] SqliteHubStore& store() { return folder_->store(); }
  [[nodiscard]] HubFolder& folder() { return *folder_; }
  [[nodiscard]] const TempDir& dir() const { return dir_; }
  [[nodiscard]] ManualTime& time() { return time_; }
  [[nodiscard]] OsRandom& random() { return random_; }
  [[nodiscard]] NullLogSink& log() { return log_; }
  [[nodiscard]] const ConnectedDevices& connected() const { return connected_; }
  [[nodiscard]] const Schema& schema() { return store().schema(); }

  /// A code for Dushi, as `doorstepd enrol` makes it.
  [[nodiscard]] std::string issue_code(const std::string& name);
  /// One household of Dushi as an insert.
  [[nodiscard]] Transaction new_household(std::uint8_t number);
  /// The device as the hub has it.
  [[nodiscard]] std::optional<DeviceRecord> device(const DeviceId& id);

 private:
  TempDir dir_;
  ManualTime time_;
  OsRandom random_;
  NullLogSink log_;
  ConnectedDevices connected_;
  std::optional<HubFolder> folder_;
  std::unique_ptr<HubServer> server_;
};

}  // namespace doorstep::test
