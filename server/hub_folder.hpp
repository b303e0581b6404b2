// A hub's data folder: its database, and the lock that keeps two `serve` apart.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "engine/ports/random.hpp"
#include "server/store/sqlite_hub_store.hpp"

namespace doorstep {

/// What keeps two `serve` of one folder apart, and what may not happen beside one.
class ServeLock {
 public:
  /// Error hub_in_use while another process (or object) holds it. Kept until the object goes; the
  /// system lets it go when the process dies. The folder is made when it is not there.
  [[nodiscard]] static Result<ServeLock> take(const std::filesystem::path& dir);
  ServeLock(ServeLock&& other) noexcept;
  ServeLock& operator=(ServeLock&&) = delete;
  ~ServeLock();

 private:
  explicit ServeLock(int file) : file_(file) {}
  int file_;
};

class HubFolder {
 public:
  /// Makes the folder and a new hub in it: a random id, an Ed25519 key pair, epoch 1. Errors:
  /// already_exists, schema_invalid, io_error, read_only, disk_full.
  [[nodiscard]] static Result<HubFolder> create(const std::filesystem::path& dir, Schema schema,
                                                std::string name, Random& random);
  /// Errors: not_a_hub and what SqliteHubStore::open says.
  [[nodiscard]] static Result<HubFolder> open(const std::filesystem::path& dir);

  [[nodiscard]] SqliteHubStore& store() const { return *store_; }
  [[nodiscard]] const std::filesystem::path& dir() const { return dir_; }
  [[nodiscard]] std::filesystem::path database_file() const;

  /// As ServeLock::take(), kept as long as this object.
  [[nodiscard]] Status lock_for_serving();

 private:
  HubFolder(std::filesystem::path dir, std::unique_ptr<SqliteHubStore> store);
  std::filesystem::path dir_;
  std::unique_ptr<SqliteHubStore> store_;
  std::optional<ServeLock> lock_;
};

}  // namespace doorstep
