#include "tests/client/folder.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>

namespace doorstep::test {

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "doorstep-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace doorstep::test
