#include "server/console/console_request.hpp"

namespace doorstep::console {

std::string_view name_of(Role role) { return role == Role::secretary ? "secretary" : "office"; }

std::optional<Role> role_of(std::string_view name) {
  if (name == "secretary") return Role::secretary;
  if (name == "office") return Role::office;
  return std::nullopt;
}

}  // namespace doorstep::console
