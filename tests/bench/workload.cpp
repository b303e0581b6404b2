#include "tests/bench/workload.hpp"

#include <array>

#include "schema/loader.hpp"
#include "tests/bench/plain_file.hpp"
#include "tests/support/cast.hpp"
#include "tests/support/paths.hpp"

namespace doorstep::bench {

Workload village_workload(std::size_t visits) {
  const std::string file = (test::source_dir() / "schema/village.toml").string();
  Workload made{file, must(load_schema_file(file)), {}, {}, {}, {}, {}, {}};
  made.table = *made.schema.find_table("visit");
  const TableId homes = *made.schema.find_table("household");
  VisitRow home(made.schema.table(homes).columns.size() + 1);
  std::array<std::uint8_t, 16> key{};
  key[6] = 0x70;
  key[8] = 0x80;
  home[0] = Value::blob(key);
  const auto set = [&](std::string_view column, Value value) {
    home[std::size_t{made.schema.table(homes).find_column(column)->index} + 1] = std::move(value);
  };
  set("village_code", Value::text(std::string_view(test::dushi)));
  set("villager_group", Value::integer(1));
  set("head_name", Value::text(std::string_view("张大山")));
  made.visits = make_visits(made.visit_table(), visits, home[0], 1);
  made.ground = {{homes, {std::move(home)}}};
  return made;
}

Workload workload_of(const BenchOptions& options, HarnessIds ids) {
  return options.village ? village_workload(options.visits) : harness_workload(options.visits, ids);
}

}  // namespace doorstep::bench
