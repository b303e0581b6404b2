// A load that was stopped on the way, and what the same command makes of it.
#include <doctest/doctest.h>

#include <sstream>

#include "server/commands/command.hpp"
#include "server/hub_folder.hpp"
#include "server/log.hpp"
#include "server/os_random.hpp"
#include "server/sample_load.hpp"
#include "tests/server/test_hub.hpp"

namespace doorstep::test {
namespace {

struct Loaded {
  int status = 0;
  std::string out;
  std::string err;
};

Loaded load(const std::string& data, const std::string& seed = "1") {
  std::ostringstream out;
  std::ostringstream err;
  const commands::Terminal terminal{out, err, false, false};
  Loaded loaded;
  loaded.status = commands::run(
      {"load", "--data", data, "--sample", "dushi", "--seed", seed, "--json"}, terminal);
  loaded.out = out.str();
  loaded.err = err.str();
  return loaded;
}

/// A hub into which the first rows of the sample have come before the lights went out.
struct StoppedLoad {
  TempDir dir;
  std::string data = (dir.path() / "hub").string();
  explicit StoppedLoad(std::size_t rows_loaded) {
    std::ostringstream said;
    const commands::Terminal terminal{said, said, false, false};
    REQUIRE(commands::run({"init", "--data", data}, terminal) == 0);
    const auto folder = HubFolder::open(data);
    REQUIRE(folder.ok());
    const auto rows = sample::make_village_sample({});
    const auto log = make_stderr_log(LogForm::text, LogLevel::warning);
    OsRandom random;
    if (rows_loaded > 0)
      REQUIRE(
          load_rows(folder->store(), *log, SystemTime(), random, std::span(rows).first(rows_loaded))
              .ok());
  }
};

std::string digests_of(const std::string& data) {
  const auto folder = HubFolder::open(data);
  const auto snapshot = folder->store().snapshot().value();
  const auto scopes = snapshot->scopes().value();
  std::string text;
  for (const Digest& one : snapshot->digests(scopes).value()) text += one.hex() + "\n";
  return text;
}

}  // namespace

TEST_CASE("a load that was stopped goes on and ends with the same rows as one that was not") {
  const StoppedLoad whole(0);
  REQUIRE(load(whole.data).status == 0);
  const StoppedLoad stopped(3 * sample_rows_a_transaction);
  const Loaded rest = load(stopped.data);
  CHECK_MESSAGE(rest.status == 0, rest.err);
  CHECK(rest.out.find("\"not_accepted\":0") != std::string::npos);
  CHECK(digests_of(stopped.data) == digests_of(whole.data));
}

TEST_CASE("a load goes on only where the same sample was begun, and ends once") {
  const StoppedLoad stopped(3 * sample_rows_a_transaction);
  const std::string before = digests_of(stopped.data);
  const Loaded other = load(stopped.data, "2");
  CHECK(other.status == 1);
  CHECK(other.err.find("has other records than this sample's beginning") != std::string::npos);
  CHECK(digests_of(stopped.data) == before);
  REQUIRE(load(stopped.data).status == 0);
  const Loaded again = load(stopped.data);
  CHECK(again.status == 1);
  CHECK(again.err.find("has this sample already") != std::string::npos);
}

}  // namespace doorstep::test
