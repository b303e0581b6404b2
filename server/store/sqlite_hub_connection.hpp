// One connection to a hub's database with its kept statements and the numbers that stand for scope
// codes and device ids in it. A number never changes once it is committed, so a connection may
// remember it; numbers given inside a transaction that is undone are forgotten (forget_numbers).
// Used by one thread at a time.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/core/ids.hpp"
#include "engine/core/time.hpp"
#include "engine/sqlite/database.hpp"
#include "server/store/sqlite_hub_store.hpp"

namespace doorstep {

/// A kept statement on loan: reset when the loan ends, so that no read stays open.
class HubQuery {
 public:
  explicit HubQuery(sqlite::Statement& statement) : statement_(&statement) {}
  HubQuery(HubQuery&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  HubQuery& operator=(HubQuery&&) = delete;
  ~HubQuery() {
    if (statement_ != nullptr) statement_->reset();
  }
  sqlite::Statement* operator->() const { return statement_; }
  sqlite::Statement& operator*() const { return *statement_; }

 private:
  sqlite::Statement* statement_;
};

class HubConnection {
 public:
  enum class Use { write, read };
  [[nodiscard]] static Result<std::unique_ptr<HubConnection>> open(
      const std::filesystem::path& file, Use use, const SqliteHubOptions& options);

  /// The statement of this text, prepared at first use. One loan of the same text at a time.
  [[nodiscard]] Result<HubQuery> query(std::string_view sql);

  /// The number of a scope or device; nullopt when the database has none.
  [[nodiscard]] Result<std::optional<std::int64_t>> find_scope(const ScopeId& scope);
  [[nodiscard]] Result<std::optional<std::int64_t>> find_device(const DeviceId& device);
  /// The same, given out when there is none. Only inside a write transaction.
  [[nodiscard]] Result<std::int64_t> number_of(const ScopeId& scope);
  [[nodiscard]] Result<std::int64_t> number_of(const DeviceId& device);
  /// What a number stands for; error corrupt when nothing does.
  [[nodiscard]] Result<ScopeId> scope_of(std::int64_t number);
  [[nodiscard]] Result<DeviceId> device_of(std::int64_t number);
  void forget_numbers();

  [[nodiscard]] sqlite::Database& db() { return db_; }

 private:
  explicit HubConnection(sqlite::Database db) : db_(std::move(db)) {}

  struct TextHash {
    using is_transparent = void;
    // Statements are long and asked for once or twice for every row: hashing them whole took more
    // than finding them. Those that agree at both ends are told apart when they are compared.
    std::size_t operator()(std::string_view text) const {
      constexpr std::size_t end_bytes = 32;
      const std::hash<std::string_view> hash;
      if (text.size() <= 2 * end_bytes) return hash(text);
      return hash(text.substr(0, end_bytes)) * 31U +
             hash(text.substr(text.size() - end_bytes)) * 7U + text.size();
    }
  };
  sqlite::Database db_;
  std::unordered_map<std::string, sqlite::Statement, TextHash, std::equal_to<>> statements_;
  std::map<ScopeId, std::int64_t> scope_numbers_;
  std::map<std::int64_t, ScopeId> scopes_;
  std::map<DeviceId, std::int64_t> device_numbers_;
  std::map<std::int64_t, DeviceId> devices_;
};

}  // namespace doorstep
