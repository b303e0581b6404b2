#include "engine/core/schema.hpp"

#include <algorithm>
#include <array>

#include "engine/core/hash.hpp"
#include "engine/core/schema_check.hpp"

namespace doorstep {
namespace {

template <class Enum>
struct Named {
  Enum value;
  std::string_view name;
};
template <class Enum>
Named(Enum, const char*) -> Named<Enum>;  // clang 14 does not deduce aggregates

constexpr std::array column_types = {
    Named{ColumnType::uuid, "uuid"},       Named{ColumnType::text, "text"},
    Named{ColumnType::integer, "integer"}, Named{ColumnType::real, "real"},
    Named{ColumnType::boolean, "boolean"}, Named{ColumnType::timestamp, "timestamp"},
    Named{ColumnType::date, "date"},       Named{ColumnType::blob, "blob"},
    Named{ColumnType::json, "json"},       Named{ColumnType::attachment, "attachment"}};

constexpr std::array delete_policies = {Named{DeletePolicy::edit_wins, "edit_wins"},
                                        Named{DeletePolicy::delete_wins, "delete_wins"}};

template <class Enum, std::size_t N>
std::string_view name_in(const std::array<Named<Enum>, N>& list, Enum value) {
  const auto found = std::find_if(list.begin(), list.end(),
                                  [&](const auto& entry) { return entry.value == value; });
  DS_ASSERT(found != list.end());
  return found->name;
}

template <class Enum, std::size_t N>
std::optional<Enum> value_in(const std::array<Named<Enum>, N>& list, std::string_view name) {
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const auto& entry) { return entry.name == name; });
  if (found == list.end()) return std::nullopt;
  return found->value;
}

/// The canonical text that a fingerprint is made from: one line a fact, in file order. Roles are
/// not in it: they decide what a device may see and write, not what a merge comes to.
class CanonicalText {
 public:
  explicit CanonicalText(const Schema::Parts& parts) : parts_(parts) {}

  std::string make() {
    line({"schema", parts_.name, std::to_string(parts_.version)});
    for (const Table& table : parts_.tables) add_table(table);
    if (parts_.tree) {
      const Table& table = parts_.tables[parts_.tree->table.index];
      line({"tree", table.name, table.column(parts_.tree->parent).name});
    }
    return std::move(out_);
  }

 private:
  void line(std::initializer_list<std::string_view> words) {
    for (const std::string_view word : words) {
      // The length in front keeps any two different facts different, whatever their words hold.
      out_ += std::to_string(word.size());
      out_ += ':';
      out_ += word;
      out_ += ' ';
    }
    out_ += '\n';
  }
  static std::string_view column_name(const Table& table, std::optional<ColumnId> id) {
    return id ? std::string_view(table.column(*id).name) : std::string_view{};
  }
  void add_table(const Table& table) {
    line({"table", table.name, table.key, name_of(table.key_type),
          table.append_only ? "append_only" : "", column_name(table, table.corrects),
          name_of(table.on_delete)});
    switch (table.scope.kind) {
      case ScopeRule::Kind::key:
        line({"scope", "key"});
        break;
      case ScopeRule::Kind::column:
        line({"scope", "column", column_name(table, table.scope.column)});
        break;
      case ScopeRule::Kind::via:
        line({"scope", "via", column_name(table, table.scope.column)});
        break;
    }
    for (const Column& column : table.columns) add_column(column);
    for (const Rule& rule : table.rules) line({"rule", rule.name, rule.broken_if});
    for (const MatchKey& key : table.match_keys) add_match_key(table, key);
  }
  void add_match_key(const Table& table, const MatchKey& key) {
    line({"match", key.name, column_name(table, key.similar), key.same_scope ? "scope" : "",
          std::to_string(key.score)});
    for (const ColumnId column : key.equal) line({"equal", table.column(column).name});
  }
  void add_column(const Column& column) {
    line({"column", column.name, name_of(column.type), name_of(column.policy),
          column.required ? "required" : "",
          column.references ? std::string_view(parts_.tables[column.references->index].name)
                            : std::string_view{},
          column.group});
    for (const std::string& state : column.states) line({"state", state});
  }

  const Schema::Parts& parts_;
  std::string out_;
};

Fingerprint fingerprint_of(const Schema::Parts& parts) {
  const std::string text = CanonicalText(parts).make();
  const ByteView whole = bytes_of(text);
  const Hash hash = hash_of({&whole, 1});
  Fingerprint out;
  std::copy_n(hash.bytes.begin(), Fingerprint::size, out.bytes.begin());
  return out;
}

}  // namespace

std::optional<ColumnId> Table::find_column(std::string_view column_name) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == column_name) return ColumnId{static_cast<std::uint16_t>(i)};
  }
  return std::nullopt;
}

Result<Schema> Schema::make(Parts parts) {
  DS_TRY(check_schema(parts));
  Schema schema;
  schema.fingerprint_ = fingerprint_of(parts);
  schema.parts_ = std::move(parts);
  return schema;
}

std::optional<TableId> Schema::find_table(std::string_view table_name) const {
  const auto& all = parts_.tables;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].name == table_name) return TableId{static_cast<std::uint16_t>(i)};
  }
  return std::nullopt;
}

std::string_view name_of(ColumnType type) { return name_in(column_types, type); }
std::string_view name_of(DeletePolicy policy) { return name_in(delete_policies, policy); }
std::optional<ColumnType> column_type_of(std::string_view name) {
  return value_in(column_types, name);
}
std::optional<DeletePolicy> delete_policy_of(std::string_view name) {
  return value_in(delete_policies, name);
}

}  // namespace doorstep
