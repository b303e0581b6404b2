#include <fstream>
#include <iterator>

#include "schema/loader.hpp"

namespace doorstep {

Result<Schema> load_schema_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    return error(ErrorCode::io_error, "the schema file " + path.string() + " cannot be read");
  }
  return load_schema(text, path.filename().string());
}

}  // namespace doorstep
