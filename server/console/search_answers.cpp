// Finding a row by what people know of it: a name, a number, an address.
#include <algorithm>
#include <utility>

#include "engine/core/json_line.hpp"
#include "engine/core/value_text.hpp"
#include "server/console/content.hpp"
#include "server/console/named_row.hpp"
#include "server/console/page.hpp"
#include "server/console/row_words.hpp"
#include "server/hub_view.hpp"

namespace doorstep::console {
namespace {

constexpr std::size_t wanted_bytes_max = 100;
// Of a row's other columns, beside its label.
constexpr std::size_t hints_max = 2;
// Of a table's number in a page's end.
constexpr std::size_t table_digits = 4;

struct Search {
  std::string pattern;  // of LIKE
  std::string wanted;
  std::optional<TableId> table;
  std::optional<std::string> scope;
};

/// Something to look for: two characters, or one that says as much as a word.
bool is_enough(std::string_view text) {
  std::size_t count = 0;
  bool wide = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80U) ++count;
    wide = wide || byte >= 0xE3U;  // from U+3000 on
  }
  return count >= 2 || wide;
}

std::string pattern_of(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

/// Texts that a person may know a row by.
bool is_searched(const Column& column) {
  return column.type == ColumnType::text && !column.references && column.states.empty() &&
         !holds_elements(column);
}

std::vector<TableId> tables_of(const Schema& schema, const Search& search) {
  if (search.table) return {*search.table};
  std::vector<TableId> tables;
  for (std::size_t i = 0; i < schema.tables().size(); ++i) {
    if (has_name(schema.tables()[i])) tables.push_back(TableId{static_cast<std::uint16_t>(i)});
  }
  return tables;
}

// Parameters: 1 the pattern, 2 the scope's code, 3 the row before which to go on, 4 how many.
std::string search_sql(const Schema& schema, const Table& table, const Search& search,
                       bool goes_on) {
  const std::string key = sqlite::quote_identifier(table.key);
  std::string fits;
  const auto add = [&fits](const std::string& name) {
    fits += (fits.empty() ? "" : " OR ") + name + " LIKE ?1 ESCAPE '\\'";
  };
  if (table.key_type == ColumnType::text) add(key);
  for (const Column& column : table.columns) {
    if (is_searched(column)) add(sqlite::quote_identifier(column.name));
  }
  if (fits.empty()) fits = "0";
  std::string sql = "SELECT ds_row, " + key + " FROM " + sqlite::quote_identifier(table.name) +
                    " WHERE (" + fits + ")";
  if (search.scope) sql += " AND ds_scope IN " + scope_numbers_sql(schema, "?2");
  if (goes_on) sql += " AND ds_row < ?3";
  return sql + " ORDER BY ds_row DESC LIMIT ?4";
}

struct Hit {
  TableId table;
  RowId row;
  std::uint64_t place = 0;  // ds_row
};

/// One more than fits on the page; table by table in the schema's order, newest rows first.
Result<std::vector<Hit>> hits_of(HubView& view, const Search& search, const Page& page) {
  const Schema& schema = view.schema();
  std::optional<std::uint64_t> from_table;
  if (page.after) {
    const Bytes number = from_hex(page.after->id).value_or(Bytes());
    from_table = number[0] * 256U + number[1];
  }
  std::vector<Hit> hits;
  for (const TableId id : tables_of(schema, search)) {
    if (from_table && id.index < *from_table) continue;
    const bool goes_on = from_table && id.index == *from_table;
    const Table& table = schema.table(id);
    DS_ASSIGN(auto list, view.db().prepare(search_sql(schema, table, search, goes_on)));
    list.bind(1, std::string_view(search.pattern));
    if (search.scope) list.bind(2, std::string_view(*search.scope));
    if (goes_on) list.bind_unsigned(3, page.after->number);
    list.bind_unsigned(4, page.limit + 1 - hits.size());
    for (;;) {
      DS_ASSIGN(const bool found, list.step());
      if (!found) break;
      DS_ASSIGN(const RowId row, key_of(table, list.value(1)));
      hits.push_back({id, row, list.unsigned_integer(0)});
    }
    if (hits.size() > page.limit) break;
  }
  return hits;
}

/// What tells this row from others of its name: what was looked for, where it is not the label,
/// and whatever else is known.
Result<std::string> hint_of(ValueWords& words, const Table& table, const StoredRow& row,
                            std::string_view wanted) {
  const auto label = label_column(table);
  std::vector<std::string> found;
  std::vector<std::string> other;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    const Value& value = row.image.values[i];
    if (label && label->index == i) continue;
    const bool owner = table.scope.kind == ScopeRule::Kind::via && table.scope.column.index == i;
    if ((!is_searched(column) && !owner) || value.is_null()) continue;
    DS_ASSIGN(std::string text, words.of(column, value));
    if (text.empty()) continue;
    (text.find(wanted) != std::string::npos ? found : other).push_back(std::move(text));
  }
  found.insert(found.end(), other.begin(), other.end());
  std::string hint;
  for (std::size_t i = 0; i < std::min(found.size(), hints_max); ++i) {
    hint += (hint.empty() ? "" : " · ") + found[i];
  }
  return hint;
}

/// What people call the unit that a scope is.
Result<std::string> unit_of(HubView& view, ValueWords& words, const ScopeId& scope) {
  const auto& tree = view.schema().tree();
  const auto row = tree ? RowId::from(scope.code) : std::nullopt;
  if (!row) return scope.code;
  return words.label({tree->table, *row});
}

Result<std::optional<std::string>> json_of(HubView& view, ValueWords& words, const Search& search,
                                           const Hit& hit) {
  const Table& table = view.schema().table(hit.table);
  DS_ASSIGN(const auto row, view.snapshot().row({hit.table, hit.row}));
  if (!row || !row->live) return std::optional<std::string>();
  DS_ASSIGN(const std::string unit, unit_of(view, words, row->scope));
  DS_ASSIGN(const std::string hint, hint_of(words, table, *row, search.wanted));
  JsonLine line;
  line.text("table", table.name)
      .text("row", text_of_key(table, hit.row))
      .text("label", label_of(table, *row))
      .text("scope", row->scope.code)
      .text("unit", unit)
      .boolean("live", true);
  if (hint.empty()) return std::optional(line.null("hint").done());
  return std::optional(line.text("hint", hint).done());
}

}  // namespace

Result<ConsoleAnswer> answer_records(ConsoleCall& call) {
  FieldReader query = call.query();
  Search search;
  search.wanted = query.optional_text("q", wanted_bytes_max).value_or("");
  const auto table = query.optional_text("table");
  search.scope = query.optional_text("scope");
  DS_ASSIGN(const Page page, read_page(query, call.field));
  DS_TRY(query.done());
  if (!is_enough(search.wanted)) {
    return call.blame("q", error(ErrorCode::bad_value, "q: at least two letters or digits"));
  }
  if (page.after && page.after->id.size() != table_digits) {
    return call.blame("after", error(ErrorCode::bad_value, "after: not from an answer's next"));
  }
  search.pattern = pattern_of(search.wanted);
  DS_ASSIGN(HubView view, HubView::open(call.store(), call.ports.folder.database_file()));
  if (table) {
    DS_ASSIGN(search.table, table_named(call, view.schema(), *table));
  }
  DS_ASSIGN(const auto hits, hits_of(view, search, page));
  ValueWords words(view.snapshot(), call.chinese());
  PageOf entries(page.limit);
  for (const Hit& hit : hits) {
    if (entries.is_full()) {
      entries.more();
      break;
    }
    DS_ASSIGN(const auto json, json_of(view, words, search, hit));
    const Bytes number{static_cast<std::uint8_t>(hit.table.index >> 8U),
                       static_cast<std::uint8_t>(hit.table.index)};
    if (json) entries.add(*json, {hit.place, to_hex(number)});
  }
  return ConsoleAnswer::json(
      JsonLine().raw("records", entries.entries()).raw("next", entries.next()).done());
}

}  // namespace doorstep::console
