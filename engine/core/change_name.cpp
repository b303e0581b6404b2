#include "engine/core/change_name.hpp"

namespace doorstep {

std::string_view name_of(RowChange::Kind kind) {
  switch (kind) {
    case RowChange::Kind::insert:
      return "insert";
    case RowChange::Kind::update:
      return "update";
    case RowChange::Kind::remove:
      return "delete";
  }
  return "";
}

}  // namespace doorstep
