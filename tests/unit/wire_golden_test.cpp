// The bytes that other implementations and older devices count on: schema/golden holds one encoding
// of each message and stored form. DOORSTEP_WRITE_GOLDEN=1 writes them again, for a new protocol
// version only.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "tests/support/paths.hpp"
#include "tests/support/wire_samples.hpp"

namespace doorstep::test {
namespace {

std::filesystem::path golden_dir() { return source_dir() / "schema" / "golden"; }
std::filesystem::path golden_file(const std::string& name) {
  return golden_dir() / (name + ".hex");
}

/// 32 bytes a line.
std::string as_lines(ByteView bytes) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 32) {
    out += to_hex(bytes.subspan(at, std::min<std::size_t>(32, bytes.size() - at))) + "\n";
  }
  return out;
}

Bytes read_golden(const std::string& name) {
  std::ifstream file(golden_file(name));
  std::string digits;
  for (std::string line; std::getline(file, line);) digits += line;
  return from_hex(digits).value_or(Bytes{});
}

TEST_CASE("wire: every message and stored form has the bytes that schema/golden says") {
  const bool rewrite = std::getenv("DOORSTEP_WRITE_GOLDEN") != nullptr;
  if (rewrite) std::filesystem::create_directories(golden_dir());
  for (const NamedBytes& sample : sample_encodings()) {
    CAPTURE(sample.name);
    if (rewrite) std::ofstream(golden_file(sample.name)) << as_lines(sample.bytes);
    CHECK(to_hex(read_golden(sample.name)) == to_hex(sample.bytes));
  }
}

TEST_CASE("wire: what schema/golden holds is read and written again byte for byte") {
  for (const NamedBytes& sample : sample_encodings()) {
    CAPTURE(sample.name);
    const Bytes golden = read_golden(sample.name);
    const Result<Bytes> again = recode(sample.name, golden);
    REQUIRE_MESSAGE(again.ok(), again.error().text());
    CHECK(to_hex(*again) == to_hex(golden));
  }
}

TEST_CASE("wire: schema/golden holds nothing that no sample makes") {
  std::set<std::string> names;
  for (const NamedBytes& sample : sample_encodings()) names.insert(sample.name);
  for (const auto& entry : std::filesystem::directory_iterator(golden_dir())) {
    CAPTURE(entry.path().string());
    CHECK(entry.path().extension() == ".hex");
    CHECK(names.contains(entry.path().stem().string()));
  }
}

TEST_CASE("wire: the morning's transaction is read as it was written") {
  const Bytes body = encode_transaction(village_schema(), sample_transaction());
  const Result<Transaction> read = decode_transaction(village_schema(), body);
  REQUIRE_MESSAGE(read.ok(), read.error().text());
  CHECK(*read == sample_transaction());
}

}  // namespace
}  // namespace doorstep::test
