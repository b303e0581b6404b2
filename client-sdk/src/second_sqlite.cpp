#include "client-sdk/src/second_sqlite.hpp"

#include <link.h>

#include <set>

namespace doorstep {

std::vector<std::string> sqlite_libraries(const std::vector<std::string>& objects) {
  std::set<std::string> found;
  for (const std::string& object : objects) {
    const auto slash = object.rfind('/');
    const std::string name = slash == std::string::npos ? object : object.substr(slash + 1);
    for (const char* known : {"libsqlite3", "libsqlcipher", "libsqlite3mc", "libwxsqlite3"}) {
      if (name.starts_with(known)) found.insert(object);
    }
  }
  return {found.begin(), found.end()};
}

std::vector<std::string> loaded_objects() {
  std::vector<std::string> objects;
  dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* out) {
        if (info->dlpi_name != nullptr && *info->dlpi_name != '\0') {
          static_cast<std::vector<std::string>*>(out)->emplace_back(info->dlpi_name);
        }
        return 0;
      },
      &objects);
  return objects;
}

std::string second_sqlite_warning() {
  const auto found = sqlite_libraries(loaded_objects());
  if (found.size() < 2) return {};
  std::string text;
  for (const std::string& library : found) text += (text.empty() ? "" : ", ") + library;
  return text;
}

}  // namespace doorstep
