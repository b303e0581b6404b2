#include "server/hub_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "schema/loader.hpp"

namespace doorstep {

Result<HubFolder> HubFolder::create(const std::filesystem::path& dir, Schema schema,
                                    std::string name, Random& random) {
  initialise_crypto();
  HubIdentity identity;
  identity.id = random.id<HubId>();
  identity.name = std::move(name);
  identity.keys = key_pair_of(random.id<Nonce>());
  DS_ASSIGN(auto store, SqliteHubStore::create(dir, std::move(schema), identity));
  return HubFolder(dir, std::move(store));
}

Result<HubFolder> HubFolder::open(const std::filesystem::path& dir) {
  initialise_crypto();
  const auto load = [](std::string_view text) { return load_schema(text, "the hub's schema"); };
  DS_ASSIGN(auto store, SqliteHubStore::open(dir, load));
  return HubFolder(dir, std::move(store));
}

HubFolder::HubFolder(std::filesystem::path dir, std::unique_ptr<SqliteHubStore> store)
    : dir_(std::move(dir)), store_(std::move(store)) {}

std::filesystem::path HubFolder::database_file() const { return dir_ / "hub.db"; }

Status HubFolder::lock_for_serving() {
  DS_ASSIGN(auto lock, ServeLock::take(dir_));
  lock_.emplace(std::move(lock));
  return {};
}

ServeLock::ServeLock(ServeLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

ServeLock::~ServeLock() {
  if (file_ >= 0) close(file_);
}

Result<ServeLock> ServeLock::take(const std::filesystem::path& dir) {
  std::error_code none;
  std::filesystem::create_directories(dir, none);
  const std::filesystem::path file = dir / "serve.lock";
  const int opened = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (opened < 0) return error(ErrorCode::io_error, file.string() + ": " + std::strerror(errno));
  if (flock(opened, LOCK_EX | LOCK_NB) != 0) {
    const int why = errno;
    close(opened);
    if (why == EWOULDBLOCK) return error(ErrorCode::hub_in_use, dir.string());
    return error(ErrorCode::io_error, file.string() + ": " + std::strerror(why));
  }
  return ServeLock(opened);
}

}  // namespace doorstep
