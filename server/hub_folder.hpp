// A hub's data folder: its database, and the lock that keeps two `serve` apart.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "engine/ports/random.hpp"
#include "server/store/sqlite_hub_store.hpp"

namespace doorstep {

class HubFolder {
 public:
  /// Makes the folder and a new hub in it: a random id, an Ed25519 key pair, epoch 1. Errors:
  /// already_exists, schema_invalid, io_error, read_only, disk_full.
  [[nodiscard]] static Result<HubFolder> create(const std::filesystem::path& dir, Schema schema,
                                                std::string name, Random& random);
  /// Errors: not_a_hub and what SqliteHubStore::open says.
  [[nodiscard]] static Result<HubFolder> open(const std::filesystem::path& dir);

  HubFolder(HubFolder&& other) noexcept;
  HubFolder& operator=(HubFolder&&) = delete;
  ~HubFolder();

  [[nodiscard]] SqliteHubStore& store() const { return *store_; }
  [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }
  [[nodiscard]] std::filesystem::path database_file() const;

  /// Error hub_in_use while another process (or object) holds it. Kept until the object goes; the
  /// system lets it go when the process dies.
  [[nodiscard]] Status lock_for_serving();

 private:
  HubFolder(std::filesystem::path dir, std::unique_ptr<SqliteHubStore> store);
  std::filesystem::path dir_;
  std::unique_ptr<SqliteHubStore> store_;
  int lock_ = -1;
};

}  // namespace doorstep
