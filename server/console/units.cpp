#include "server/console/units.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace doorstep::console {
namespace {

std::string column_or_null(const Table& table, std::string_view name) {
  const auto column = table.find_column(name);
  return column ? sqlite::quote_identifier(table.column(*column).name) : "NULL";
}

/// Depth first from the tops, so that a township stands before its villages.
class TreeOrder {
 public:
  explicit TreeOrder(std::vector<OrgUnit> units) : units_(std::move(units)) {
    std::set<std::string_view> codes;
    for (const OrgUnit& unit : units_) codes.insert(unit.code);
    for (OrgUnit& unit : units_) {
      if (!codes.contains(unit.parent)) unit.parent.clear();
    }
    for (const OrgUnit& unit : units_) children_[unit.parent].push_back(&unit);
  }

  std::vector<OrgUnit> walk() {
    visit("", 0);
    // What is left hangs in rings.
    for (const OrgUnit& unit : units_) take(unit, 0);
    return std::move(ordered_);
  }

 private:
  void visit(const std::string& parent, int depth) {
    const auto found = children_.find(parent);
    if (found == children_.end()) return;
    for (const OrgUnit* child : found->second) {
      if (take(*child, depth)) visit(child->code, depth + 1);
    }
  }
  bool take(const OrgUnit& unit, int depth) {
    if (!taken_.insert(unit.code).second) return false;
    ordered_.push_back(unit);
    ordered_.back().depth = depth;
    return true;
  }

  std::vector<OrgUnit> units_;
  std::map<std::string, std::vector<const OrgUnit*>> children_;
  std::set<std::string> taken_;
  std::vector<OrgUnit> ordered_;
};

}  // namespace

Result<std::vector<OrgUnit>> read_units(sqlite::Database& db, const Schema& schema) {
  const auto& tree = schema.tree();
  if (!tree) return std::vector<OrgUnit>{};
  const Table& table = schema.table(tree->table);
  const std::string key = sqlite::quote_identifier(table.key);
  DS_ASSIGN(auto all,
            db.prepare("SELECT " + key + ", " + column_or_null(table, "name") + ", " +
                       column_or_null(table, "level") + ", " +
                       sqlite::quote_identifier(table.column(tree->parent).name) + " FROM " +
                       sqlite::quote_identifier(table.name) + " ORDER BY " + key));
  std::vector<OrgUnit> units;
  for (;;) {
    DS_ASSIGN(const bool found, all.step());
    if (!found) break;
    OrgUnit& unit = units.emplace_back();
    unit.code = all.text(0);
    unit.name = all.is_null(1) ? unit.code : std::string(all.text(1));
    unit.level = all.text(2);
    unit.parent = all.text(3);
  }
  return TreeOrder(std::move(units)).walk();
}

std::vector<OrgUnit> units_below(const std::vector<OrgUnit>& units, std::string_view code) {
  std::vector<OrgUnit> out;
  const auto top = std::find_if(units.begin(), units.end(),
                                [&](const OrgUnit& unit) { return unit.code == code; });
  if (top == units.end()) return out;
  out.push_back(*top);
  for (auto unit = top + 1; unit != units.end() && unit->depth > top->depth; ++unit) {
    out.push_back(*unit);
  }
  return out;
}

}  // namespace doorstep::console
