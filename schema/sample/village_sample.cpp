#include "schema/sample/village_sample.hpp"

#include "engine/core/assert.hpp"
#include "schema/sample/base_records.hpp"
#include "schema/sample/divisions.hpp"
#include "schema/sample/service_records.hpp"

namespace doorstep::sample {
namespace {

void add_units(std::span<const Division> divisions, RowWriter& rows) {
  for (const Division& unit : divisions) {
    rows.begin("org_unit", Value::text(unit.code), "code");
    rows.put("name", unit.name);
    rows.put("level", unit.level);
    if (!unit.parent.empty()) rows.put("parent_code", unit.parent);
  }
}

void add_village(Dice& dice, const VillagePlace& place, Day reference,
                 const TownshipRecords& township, RowWriter& rows) {
  std::vector<Home> homes;
  const VillagePeople people = add_base_records(dice, place, reference, homes, rows);
  add_register_records(dice, people, rows);
  add_care_records(dice, people, township, rows);
  add_money_records(dice, people, rows);
  add_public_records(dice, people, rows);
}

/// "独石村村委会" is 独石村 in an address.
std::string_view short_name(std::string_view name) {
  for (const std::string_view ending : {"村委会", "居委会"}) {
    if (name.size() > ending.size() && name.ends_with(ending))
      return name.substr(0, name.size() - ending.size());
  }
  return name;
}

/// Of all villages of a county, in order.
const std::vector<const Division*>& villages_of_xupu() {
  static const std::vector<const Division*> villages = [] {
    std::vector<const Division*> found;
    for (const Division& unit : divisions_of_xupu()) {
      if (unit.level == "village") found.push_back(&unit);
    }
    return found;
  }();
  return villages;
}

std::uint64_t seed_of(std::uint64_t seed, std::string_view code) {
  // FNV-1a, so that each unit has dice of its own.
  std::uint64_t mixed = 0xcbf29ce484222325 ^ seed;
  for (const char c : code) mixed = (mixed ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
  return mixed;
}

}  // namespace

std::vector<SampleRow> make_village_sample(const SampleOptions& options) {
  Dice dice(options.seed);
  RowWriter rows;
  add_units(divisions_of_qiaojiang(), rows);
  const VillagePlace dushi{dushi_code, "独石村", "431224103", {}};
  Dice township_dice(seed_of(options.seed, dushi.township));
  const TownshipRecords township =
      add_township_records(township_dice, dushi.township, options.reference, rows);
  add_village(dice, dushi, options.reference, township, rows);
  return rows.take();
}

std::size_t county_parts() { return 1 + villages_of_xupu().size(); }

std::vector<SampleRow> make_county_part(const SampleOptions& options, std::size_t part) {
  DS_ASSERT(part < county_parts());
  RowWriter rows;
  if (part == 0) {
    add_units(divisions_of_xupu(), rows);
    return rows.take();
  }
  const auto& villages = villages_of_xupu();
  const Division& village = *villages[part - 1];
  const bool first = part == 1 || villages[part - 2]->parent != village.parent;
  RowWriter elsewhere;
  Dice township_dice(seed_of(options.seed, village.parent));
  const TownshipRecords township = add_township_records(
      township_dice, village.parent, options.reference, first ? rows : elsewhere);
  Dice dice(seed_of(options.seed, village.code));
  const VillageSize size = draw_size(dice);
  add_village(dice, {village.code, short_name(village.name), village.parent, size},
              options.reference, township, rows);
  return rows.take();
}

}  // namespace doorstep::sample
