#include "engine/core/outcome.hpp"

namespace doorstep {

Error error_of(const BrokenRule& broken) {
  return error(ErrorCode::rule_broken,
               "table " + broken.table + ", rule " + broken.rule + ": " + broken.message);
}

bool lacks_row(const Outcome& outcome) {
  return outcome.kind == Outcome::Kind::quarantined && outcome.reason &&
         outcome.reason->code == ErrorCode::row_unknown;
}

std::string_view name_of(Outcome::Kind kind) {
  switch (kind) {
    case Outcome::Kind::accepted:
      return "accepted";
    case Outcome::Kind::merged:
      return "merged";
    case Outcome::Kind::rejected:
      return "rejected";
    case Outcome::Kind::depends_on:
      return "depends_on";
    case Outcome::Kind::quarantined:
      return "quarantined";
    case Outcome::Kind::not_yet:
      return "not_yet";
  }
  return "accepted";
}

}  // namespace doorstep
