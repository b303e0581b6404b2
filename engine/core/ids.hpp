// Strong types for everything that is counted or named. None converts to another. Value types, no
// allocation except ScopeId; safe to copy between threads.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/core/assert.hpp"
#include "engine/core/bytes.hpp"
#include "engine/core/limits.hpp"

namespace doorstep {

/// A fixed number of opaque bytes; ordered bytewise. All zero means "none".
template <class Tag, std::size_t N>
struct ByteId {
  static constexpr std::size_t size = N;
  std::array<std::uint8_t, N> bytes{};

  friend auto operator<=>(const ByteId&, const ByteId&) = default;
  [[nodiscard]] bool is_none() const { return *this == ByteId{}; }
  [[nodiscard]] ByteView view() const { return bytes; }
  [[nodiscard]] std::string hex() const { return to_hex(bytes); }
  /// nullopt unless exactly N bytes are given.
  [[nodiscard]] static std::optional<ByteId> from(ByteView view) {
    if (view.size() != N) return std::nullopt;
    ByteId id;
    std::copy(view.begin(), view.end(), id.bytes.begin());
    return id;
  }
};

using DeviceId =
    ByteId<struct DeviceTag, 16>;          // a device's chain; the author of its writes (UUIDv7)
using HubId = ByteId<struct HubTag, 16>;   // a hub database, kept across restores
using BootId = ByteId<struct BootTag, 8>;  // one boot of one machine
using CommitToken = ByteId<struct CommitTokenTag, 8>;  // random, one for each hub commit
using Fingerprint = ByteId<struct FingerprintTag, 8>;  // of a schema
using Hash = ByteId<struct HashTag, 16>;               // BLAKE2b-128, links a device's transactions
using ConflictId = ByteId<struct ConflictTag, 16>;
using PublicKey = ByteId<struct PublicKeyTag, 32>;  // Ed25519
using Signature = ByteId<struct SignatureTag, 64>;  // Ed25519
using Nonce = ByteId<struct NonceTag, 32>;
using SharedKey = ByteId<struct SharedKeyTag, 32>;
using CallKey = ByteId<struct CallKeyTag, 32>;        // X25519, made for one connection
using CallerName = ByteId<struct CallerNameTag, 16>;  // of a device, for its hub alone

/// A hub's commit number, `epoch << 40 | n`; zero is "before the first commit".
struct Position {
  std::uint64_t value = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
  [[nodiscard]] std::uint64_t epoch() const { return value >> 40U; }
  [[nodiscard]] std::uint64_t number() const { return value & ((std::uint64_t{1} << 40U) - 1); }
  [[nodiscard]] static Position of(std::uint64_t epoch, std::uint64_t number) {
    return Position{epoch << 40U | number};
  }
};

/// The number of a device's transaction: 1, 2, 3, ... without gaps; zero is "none yet".
struct Sequence {
  std::uint64_t value = 0;
  friend auto operator<=>(const Sequence&, const Sequence&) = default;
  [[nodiscard]] Sequence next() const { return Sequence{value + 1}; }
};

/// Index of a table in one loaded Schema. Only transactions carry it, with a check of the names.
struct TableId {
  std::uint16_t index = 0;
  friend auto operator<=>(const TableId&, const TableId&) = default;
};

/// Index of a column in Table::columns (the key is not among them). As TableId.
struct ColumnId {
  std::uint16_t index = 0;
  friend auto operator<=>(const ColumnId&, const ColumnId&) = default;
};

/// A unit of partial replication: the code of a node of the organisation tree ("431224103212").
struct ScopeId {
  std::string code;
  friend auto operator<=>(const ScopeId&, const ScopeId&) = default;
  [[nodiscard]] bool empty() const { return code.empty(); }
};

/// A row's key: 16 raw bytes (uuid tables) or UTF-8 text (reference tables), at most
/// limits::key_bytes_max bytes, held inline. Ordered bytewise, shorter first on a common prefix.
class RowId {
 public:
  RowId() = default;
  /// nullopt when empty or longer than limits::key_bytes_max.
  [[nodiscard]] static std::optional<RowId> from(ByteView bytes) {
    if (bytes.empty() || bytes.size() > limits::key_bytes_max) return std::nullopt;
    RowId id;
    std::memcpy(id.bytes_.data(), bytes.data(), bytes.size());
    id.size_ = static_cast<std::uint8_t>(bytes.size());
    return id;
  }
  [[nodiscard]] static std::optional<RowId> from(std::string_view text) {
    return from(bytes_of(text));
  }

  [[nodiscard]] ByteView view() const { return {bytes_.data(), size_}; }
  [[nodiscard]] std::string_view text() const { return text_of(view()); }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// For hash tables of one process. A hot path: a merged row is looked up some thirty times, and
  /// with the library's hash that was 2 % of the merge.
  [[nodiscard]] std::size_t hash() const {
    std::array<std::uint64_t, 4> words{};
    static_assert(sizeof words >= limits::key_bytes_max);
    std::memcpy(words.data(), bytes_.data(), bytes_.size());  // unused bytes are zero
    std::uint64_t mixed = 0;
    for (std::size_t i = 0; i * sizeof mixed < size_; ++i) {
      mixed = (mixed ^ words[i]) * 0x9E37'79B9'7F4A'7C15U;  // 2^64 by the golden ratio
      mixed ^= mixed >> 32U;
    }
    return static_cast<std::size_t>(mixed);
  }

  friend bool operator==(const RowId& a, const RowId& b) {
    return a.size_ == b.size_ && a.bytes_ == b.bytes_;  // unused bytes are zero
  }
  friend std::strong_ordering operator<=>(const RowId& a, const RowId& b) {
    if (const auto order = a.bytes_ <=> b.bytes_; order != 0) return order;
    return a.size_ <=> b.size_;
  }

 private:
  std::array<std::uint8_t, limits::key_bytes_max> bytes_{};
  std::uint8_t size_ = 0;
};

/// A row anywhere in the database.
struct RowKey {
  TableId table;
  RowId row;
  friend auto operator<=>(const RowKey&, const RowKey&) = default;
};

/// For unordered containers that are never iterated where order can leak.
struct RowKeyHash {
  [[nodiscard]] std::size_t operator()(const RowKey& key) const {
    return key.row.hash() * 31U + key.table.index;
  }
};

}  // namespace doorstep
