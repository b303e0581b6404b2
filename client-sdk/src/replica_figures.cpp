#include "client-sdk/src/replica_figures.hpp"

#include <utility>

namespace doorstep {

figures::RunQuery figure_runner(Replica& replica) {
  return [&replica](const std::string& sql,
                    const figures::Parameters& parameters) -> Result<figures::QueryResult> {
    Bindings bindings;
    for (const auto& [name, value] : parameters)
      bindings.push_back({name, Value::text(std::string_view(value))});
    DS_ASSIGN(auto found, replica.query(sql, bindings));
    if (found.sets.size() != 1) return error(ErrorCode::malformed, "a figure is one SELECT");
    return figures::QueryResult{std::move(found.sets[0].columns), std::move(found.sets[0].rows)};
  };
}

}  // namespace doorstep
